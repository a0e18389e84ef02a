// One card, from the bot's JSON to elements.
import { el, fresh, svg, t } from "./dom.js";

const GLYPHS = {
  info: "M12 11v6M12 7.2v.3",
  good: "m6.5 12.5 3.7 3.7 7.3-8",
  warn: "M12 6.5v7M12 17.2v.3",
  bad: "m8 8 8 8M16 8l-8 8",
};

/** The card; `act(action, value)` is called for a press or a choice, and gives a promise. */
export function renderCard(card, act) {
  const name = fresh("card");
  const title = card.title ? el("h2", { id: name }, card.title) : null;
  const head = title ? el("div", { class: "head" }, tone(card.tone), title) : null;
  const named = title ? { "aria-labelledby": name } : { "aria-label": card.summary || t("message") };
  const body = card.body.map((block) => BLOCKS[block.kind](block, card));
  const actions = card.actions.map((action) => ACTIONS[action.kind](action, act));
  const row = actions.length ? el("div", { class: "actions" }, ...actions) : null;
  const look = `card tone-${card.tone}${title ? "" : " plain"}`;
  return el("article", { class: look, ...named, tabindex: "-1" }, head, ...body, row);
}

function tone(name) {
  if (!GLYPHS[name]) return null;
  return el("span", { class: "glyph" }, svg(GLYPHS[name]), el("span", { class: "unseen" }, t(`tone-${name}`)));
}

const SPANS = {
  bold: (span) => el("strong", {}, span.text),
  mention: (span) => el("span", { class: "mention" }, span.name),
  link: (span) => outside(span.label, span.url, "inline"),
};

function outside(label, url, style) {
  const note = el("span", { class: "unseen" }, ` (${t("outside")})`);
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer", class: style }, label, note);
}

const BLOCKS = {
  text: ({ spans }) => el("p", {}, ...spans.map((span) => (typeof span === "string" ? span : SPANS[span.kind](span)))),
  facts: ({ pairs }) => figures(pairs),
  note: ({ text }) => el("p", { class: "note" }, text),
  divider: () => el("hr"),
  meter, table, chart,
};

function figures(pairs) {
  const rows = pairs.map(([label, value]) => el("div", {}, el("dt", {}, label), el("dd", {}, value)));
  return el("dl", { class: "facts" }, ...rows);
}

function meter({ label, done, text }) {
  const fill = el("span", { class: "fill" });
  fill.style.width = `${done * 100}%`;
  const values = { "aria-valuemin": "0", "aria-valuemax": "100", "aria-valuenow": String(Math.round(done * 100)) };
  const track = el("span", { class: "track", role: "meter", "aria-label": label, "aria-valuetext": text, ...values }, fill);
  const words = el("span", { class: "words", "aria-hidden": "true" }, el("span", {}, label), el("b", {}, text));
  return el("div", { class: `meter${done >= 1 ? " full" : ""}` }, words, track);
}

const NUMBER = /^(?:–|[\s¥$€£+−–-]*[\d.,\s]+(?:%|[\p{L}万亿]{0,3})?[\s✓!▲▼↑↓]*)$/u;

function table({ header, rows }, card) {
  const numeric = header.map((_, i) => i > 0 && rows.length > 0 && rows.every((row) => !row[i] || NUMBER.test(row[i])));
  const side = (i) => (numeric[i] ? "number" : "");
  const top = el("tr", {}, ...header.map((text, i) => el(text ? "th" : "td", { ...(text && { scope: "col" }), class: side(i) }, text)));
  const line = (row) => row.map((text, i) => (i ? el("td", { class: side(i) }, text) : el("th", { scope: "row" }, text)));
  const body = rows.map((row) => el("tr", {}, ...line(row)));
  const grid = el("table", {}, el("thead", {}, top), el("tbody", {}, ...body));
  const frame = el("div", { class: "table" }, grid);
  new ResizeObserver(() => reachable(frame, card.title)).observe(frame);
  return frame;
}

/** A table wider than its card can be scrolled by keyboard too; others are no stop on the way. */
function reachable(frame, title) {
  const wide = frame.scrollWidth > frame.clientWidth + 1;
  for (const [name, value] of [["tabindex", "0"], ["role", "region"], ["aria-label", title]]) {
    if (wide) frame.setAttribute(name, value);
    else frame.removeAttribute(name);
  }
}

function chart({ title, subtitle, alt, pairs, url }) {
  const told = el("details", {}, el("summary", {}, t("figures")), figures(pairs));
  const caption = el("figcaption", {}, el("strong", {}, title), el("span", {}, subtitle));
  const figure = el("figure", {}, told);
  const bare = () => { figure.querySelector("img")?.remove(); figure.prepend(caption); told.open = true; };
  if (url) figure.prepend(el("img", { alt, src: url, decoding: "async", onerror: bare }));
  else bare();
  return figure;
}

/** Keeps a button from being pressed again while its press is on its way. */
async function once(button, work) {
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  try { await work(); } finally { button.removeAttribute("aria-disabled"); }
}

const ACTIONS = {
  open: ({ label, url }) => outside(label, url, "button"),
  button(action, act) {
    const press = async () => {
      if (!action.confirm || (await confirmed(action))) await once(button, () => act(action, ""));
    };
    const button = el("button", { type: "button", class: action.style, onclick: press }, action.label);
    button.dataset.same = `${action.action} ${action.subject} ${action.label}`;
    return button;
  },
  choice(action, act) {
    if (action.quick) return quick(action, act);
    const options = action.options.map(([value, label]) => el("option", { value }, label));
    const select = el("select", { id: fresh("choice") }, el("option", { value: "" }, t("choose")), ...options);
    const apply = el("button", { type: "button", class: "plain" }, t("apply"));
    apply.addEventListener("click", () => {
      if (select.value) once(apply, () => act(action, select.value));
      else select.focus();
    });
    apply.dataset.same = `${action.action} ${action.subject}`;
    return el("div", { class: "pick" }, el("label", { for: select.id }, action.label), select, apply);
  },
};

/** A choice where every value is a press: its name stands before the buttons, and is the name of their group. */
function quick(action, act) {
  const name = fresh("quick");
  const button = ([value, label]) => {
    const one = el("button", { type: "button", class: "plain", onclick: () => once(one, () => act(action, value)) }, label);
    one.dataset.same = `${action.action} ${label}`;
    return one;
  };
  const buttons = el("span", { class: "values" }, ...action.options.map(button));
  return el("div", { class: "pick", role: "group", "aria-labelledby": name }, el("span", { id: name, class: "name" }, action.label), buttons);
}

/** Asks once more; true if the person goes on. */
function confirmed({ label, confirm, style }) {
  const name = fresh("confirm");
  const before = document.activeElement;
  return new Promise((resolve) => {
    const done = (yes) => () => { dialog.close(yes ? "yes" : ""); };
    const cancel = el("button", { type: "button", class: "plain", onclick: done(false) }, t("cancel"));
    const yes = el("button", { type: "button", class: style === "danger" ? "danger" : "primary", onclick: done(true) }, label);
    const foot = el("div", { class: "foot" }, cancel, yes);
    const text = el("p", { id: `${name}-text` }, confirm);
    const named = { "aria-labelledby": name, "aria-describedby": text.id };
    const dialog = el("dialog", { class: "ask", role: "alertdialog", ...named }, el("h2", { id: name }, t("confirm")), text, foot);
    dialog.addEventListener("close", () => { dialog.remove(); before?.focus(); resolve(dialog.returnValue === "yes"); });
    document.body.append(dialog);
    dialog.showModal();
    cancel.focus();
  });
}
