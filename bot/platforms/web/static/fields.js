// The questions of a form: each gives its element, its present answer, and a way to put an answer in.
import { Combo } from "./combo.js";
import { avatar, el, fresh, svg, t } from "./dom.js";

const LONG = 1000;
const RADIOS = 4;

/** `{field, node, focus, read(), write(value), wrong(sentence)}`; `people` are those who can be chosen, `upload(file)` keeps one. */
export function question(field, { people, upload }) {
  const id = fresh("field");
  const input = (KINDS[field.kind] ?? KINDS.short)({ field, id, people, upload });
  const hint = [field.hint, input.hint].filter(Boolean).join(" · ");
  const shown = hint ? el("p", { class: "hint", id: `${id}-hint` }, hint) : null;
  const error = el("p", { class: "error", id: `${id}-error`, hidden: true });
  const said = [field.label, field.required ? "" : el("span", { class: "optional" }, ` (${t("optional")})`)];
  const label = input.group ? el("legend", {}, ...said) : el("label", { for: id }, ...said);
  const node = el(input.group ? "fieldset" : "div", { class: `field of-${field.kind}` }, label, shown, input.node, error);
  const marked = input.group ? [node] : [input.focus];
  const described = (wrong) => [shown && shown.id, wrong && error.id].filter(Boolean).join(" ");
  const wrong = (sentence) => {
    error.hidden = !sentence;
    error.replaceChildren(...(sentence ? [svg("M12 6.5v7M12 17.2v.3"), sentence] : []));
    node.classList.toggle("wrong", Boolean(sentence));
    (input.group ? node.querySelectorAll("input") : marked).forEach((one) => one.setAttribute("aria-invalid", String(Boolean(sentence))));
    marked.forEach((one) => (described(sentence) ? one.setAttribute("aria-describedby", described(sentence)) : one.removeAttribute("aria-describedby")));
  };
  wrong("");
  if (!input.group && field.required) input.focus.setAttribute("aria-required", "true");
  input.write(field.value);
  return { field, node, focus: input.focus, read: input.read, write: input.write, wrong };
}

function plain(id, props = {}) {
  const focus = el("input", { id, type: "text", autocomplete: "off", ...props });
  return { node: focus, focus, read: () => focus.value, write: (value) => { focus.value = value; } };
}

const KINDS = {
  short: ({ id }) => plain(id, { maxLength: 200 }),
  number: ({ id }) => plain(id, { inputmode: "decimal", maxLength: 40 }),
  date, long, choice, choices, person, attachment,
};

function date({ id }) {
  const typed = plain(id, { inputmode: "numeric", maxLength: 20, placeholder: "2026-12-31" });
  const picker = el("input", { type: "date", class: "picker", tabindex: "-1", "aria-hidden": "true" });
  const put = () => { typed.focus.value = picker.value; typed.focus.dispatchEvent(new Event("input", { bubbles: true })); };
  picker.addEventListener("change", put);
  const open = () => { picker.value = typed.focus.value; picker.showPicker(); };
  const icon = svg("M5 6.5h14v13H5zM5 10.5h14M9 4v4M15 4v4");
  const button = el("button", { type: "button", class: "icon", "aria-label": t("calendar"), title: t("calendar"), onclick: open }, icon);
  return { ...typed, node: el("div", { class: "with" }, typed.focus, button, picker), hint: t("date-hint") };
}

function long({ id }) {
  const focus = el("textarea", { id, rows: 4, maxLength: LONG });
  const left = el("p", { class: "left", "aria-hidden": "true" });
  const count = () => { left.textContent = t("left", { n: focus.value.length, most: LONG }); };
  focus.addEventListener("input", count);
  const write = (value) => { focus.value = value; count(); };
  return { node: el("div", {}, focus, left), focus, read: () => focus.value, write };
}

function choice({ field, id }) {
  if (field.required && field.options.length <= RADIOS) return boxes({ field, id }, "radio");
  const options = field.options.map(([value, label]) => el("option", { value }, label));
  const focus = el("select", { id }, el("option", { value: "" }, t("choose")), ...options);
  return { node: focus, focus, read: () => focus.value, write: (value) => { focus.value = value; } };
}

function choices(asked) {
  return boxes(asked, "checkbox");
}

function boxes({ field, id }, type) {
  const inputs = field.options.map(([value], index) => el("input", { type, name: id, value, id: `${id}-${index}` }));
  const rows = field.options.map(([, label], index) => el("label", { for: `${id}-${index}` }, inputs[index], el("span", {}, label)));
  const node = el("div", { class: "boxes" }, ...rows);
  const chosen = () => inputs.filter((input) => input.checked).map((input) => input.value);
  const write = (value) => inputs.forEach((input) => { input.checked = [].concat(value).includes(input.value); });
  return { node, focus: inputs[0] ?? node, group: true, read: () => (type === "radio" ? chosen()[0] ?? "" : chosen()), write };
}

function person({ field, id, people }) {
  const own = field.options.map(([value, label]) => ({ value, label, lead: avatar(label) }));
  const all = own.length ? own : people().map((one) => ({ value: `@${one.user}`, label: one.name, hint: one.department, lead: avatar(one.name, one.user) }));
  const focus = el("input", { id, type: "text", autocomplete: "off", placeholder: t("person-search") });
  const node = el("div", { class: "combo" }, focus);
  const chosen = () => all.find((one) => one.label === focus.value) ?? all.find((one) => one.label.toLowerCase() === focus.value.trim().toLowerCase());
  const find = (text) => matching(all, text).slice(0, 50);
  let picked = null;
  const pick = (option) => {
    picked = option;
    focus.value = option.label;
    focus.dispatchEvent(new CustomEvent("change", { bubbles: true }));
  };
  new Combo(focus, { find, pick, label: () => field.label, eager: true });
  const read = () => (picked && picked.label === focus.value ? picked : chosen())?.value ?? focus.value.trim();
  const write = (value) => {
    picked = all.find((one) => one.value === value) ?? null;
    focus.value = picked ? picked.label : value;
  };
  return { node, focus, read, write };
}

/** Those whose name or place holds every word of the text. */
export function matching(options, text) {
  const words = text.trim().toLowerCase().split(/\s+/);
  return options.filter((one) => words.every((word) => `${one.label} ${one.hint ?? ""} ${one.more ?? ""}`.toLowerCase().includes(word)));
}

function attachment({ id, upload }) {
  const focus = el("input", { id, type: "file", multiple: true });
  const name = el("p", { class: "kept" });
  let kept = [];
  // An answer is [name, type, size, address] as JSON.
  const write = (value) => { kept = [].concat(value || []); name.textContent = kept.map((one) => JSON.parse(one)[0]).join(", "); };
  focus.addEventListener("change", async () => {
    const stored = await Promise.all([...focus.files].map(upload));
    write(stored.filter(Boolean).map((one) => one.answer));
    focus.dispatchEvent(new Event("input", { bubbles: true }));
  });
  return { node: el("div", {}, focus, name), focus, read: () => kept, write };
}
