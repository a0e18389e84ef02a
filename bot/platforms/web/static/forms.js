// A form in a dialog: errors at their fields, and a draft that outlives a closed dialog or a reloaded page.
import { el, fresh, recall, remember, svg, t } from "./dom.js";
import { question } from "./fields.js";

/** Opens the sheet. `send(answers)` gives the bot's answer or null if it could not be sent; `desk` has user, people, upload. */
export function openForm(sheet, send, desk) {
  const draft = `draft:${desk.user}:${sheet.action}:${sheet.subject}`;
  const questions = sheet.fields.map((field) => question(field, desk));
  const kept = recall(draft, null);
  const name = fresh("form");
  const notice = el("p", { class: "notice", role: "alert", hidden: true });
  const shut = () => dialog.close();
  const close = el("button", { type: "button", class: "icon", "aria-label": t("close"), onclick: shut }, svg("m7 7 10 10M17 7 7 17"));
  const cancel = el("button", { type: "button", class: "plain", onclick: shut }, t("cancel"));
  const submit = el("button", { type: "submit", class: "primary" }, sheet.submit);
  const form = el("form", { noValidate: true, autocomplete: "off" },
    el("div", { class: "top" }, el("h2", { id: name }, sheet.title), close),
    el("div", { class: "fields" }, notice, ...questions.map((one) => one.node)),
    el("div", { class: "foot" }, cancel, submit));
  const dialog = el("dialog", { class: "form", "aria-labelledby": name }, form);
  const tell = (text, mood) => { notice.hidden = !text; notice.textContent = text; notice.dataset.mood = mood; };
  const answers = () => Object.fromEntries(questions.map((one) => [one.field.name, one.read()]));
  if (kept) restore(questions, kept, () => tell(t("restored"), "info"));
  const save = () => remember(draft, answers());
  form.addEventListener("input", save);
  form.addEventListener("change", save);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (submit.getAttribute("aria-disabled")) return;
    submit.setAttribute("aria-disabled", "true");
    const answer = await send(answers());
    submit.removeAttribute("aria-disabled");
    if (!answer) return;
    if (Object.keys(answer.errors).length) { mark(questions, answer.errors, tell); return; }
    remember(draft, null);
    dialog.close();
  });
  const before = document.activeElement;
  dialog.addEventListener("close", () => { dialog.remove(); if (before?.isConnected) before.focus(); else desk.rest(); });
  document.body.append(dialog);
  dialog.showModal();
  (questions[0]?.focus ?? submit).focus();
  return dialog;
}

function restore(questions, kept, tell) {
  let changed = false;
  for (const one of questions) {
    const value = kept[one.field.name];
    if (value === undefined || JSON.stringify(value) === JSON.stringify(one.read())) continue;
    one.write(value);
    changed = true;
  }
  if (changed) tell();
}

/** Puts every sentence at its field and goes to the first; what belongs to no field stands on top. */
function mark(questions, errors, tell) {
  const names = new Set(questions.map((one) => one.field.name));
  const others = Object.entries(errors).filter(([name]) => !names.has(name)).map(([, sentence]) => sentence);
  for (const one of questions) one.wrong(errors[one.field.name] ?? "");
  tell([t("fix"), ...others].join(" "), "bad");
  questions.find((one) => errors[one.field.name])?.focus.focus();
}
