// The conversation: cards on the left, what was typed on the right, each card once and always its newest drawing.
import { $, el, fresh, recall, remember, t } from "./dom.js";
import { renderCard } from "./cards.js";

const KEPT = 60;
const NEAR = 120;

export class Log {
  /** `act(messageId, action, value)` sends a press. */
  constructor(act) {
    Object.assign(this, { act, user: "", node: $("log"), scroll: $("scroll"), newer: $("newer"), working: null });
    this.newer.addEventListener("click", () => this.bottom());
    this.scroll.addEventListener("scroll", () => { if (this.near()) this.newer.hidden = true; });
  }

  /** Shows the whole conversation of a person; nothing of it is read aloud as news. */
  show(user, messages, empty) {
    this.user = user;
    this.node.setAttribute("aria-live", "off");
    const typed = recall(`said:${user}`, []);
    const known = new Set(messages.map((message) => message.id));
    const rows = typed.filter((one) => !known.has(one.after)).map((one) => bubble(one.text));
    for (const message of messages) {
      rows.push(this.row(message), ...typed.filter((one) => one.after === message.id).map((one) => bubble(one.text)));
    }
    this.node.replaceChildren(...rows);
    this.working = null;
    $("empty").replaceChildren(...empty);
    this.settle();
    this.bottom();
    setTimeout(() => this.node.setAttribute("aria-live", "polite"), 300);
  }

  /** A new message, or the new drawing of one that stands here already; the redrawing of one that does not is no news. */
  put(message, kind) {
    const old = this.find(message.id);
    if (!old && kind === "redraw") return;
    const row = this.row(message);
    const follow = this.near();
    this.idle();
    if (old) replace(old, row);
    else this.append(row);
    row.classList.add(old ? "redrawn" : "arrived");
    if (!old && follow) this.bottom();
    else if (!old) this.newer.hidden = false;
  }

  /** A line the person typed. */
  said(text) {
    const last = [...this.node.querySelectorAll("[data-message]")].at(-1)?.dataset.message ?? "";
    const typed = [...recall(`said:${this.user}`, []), { text, after: last }];
    remember(`said:${this.user}`, typed.slice(-KEPT));
    this.append(bubble(text));
    this.bottom();
  }

  /** An answer that stands in the conversation without being a message. */
  aside(card) {
    this.append(this.row({ id: "", ...card }));
    this.bottom();
  }

  /** Shows that something is on its way until the next message, at most for a few seconds. */
  busy() {
    this.idle();
    const dots = el("div", { class: "row working", "aria-label": t("working"), role: "img" }, el("i"), el("i"), el("i"));
    this.node.append(dots);
    this.working = { dots, timer: setTimeout(() => this.idle(), 8000) };
    this.settle();
    this.bottom();
  }

  idle() {
    if (!this.working) return;
    clearTimeout(this.working.timer);
    this.working.dots.remove();
    this.working = null;
    this.settle();
  }

  find(id) {
    return id ? this.node.querySelector(`[data-message="${CSS.escape(id)}"]`) : null;
  }

  row(message) {
    const card = renderCard(message.card, (action, value) => this.act(message.id, action, value));
    const node = el("div", { class: "row bot", lang: message.lang }, card);
    node.dataset.message = message.id;
    for (const picture of node.querySelectorAll("img")) picture.addEventListener("load", () => { if (this.stuck) this.bottom(); });
    return node;
  }

  append(row) {
    this.idle();
    this.node.append(row);
    this.settle();
  }

  settle() { $("empty").hidden = this.node.childElementCount > 0; }

  near() { return this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < NEAR; }

  /** Goes to the end, and stays there while pictures come in, until the person scrolls. */
  bottom() {
    this.newer.hidden = true;
    this.stuck = true;
    this.scroll.scrollTop = this.node.childElementCount ? this.scroll.scrollHeight : 0;
    clearTimeout(this.loose);
    this.loose = setTimeout(() => { this.stuck = false; }, 1500);
  }
}

function bubble(text) {
  const who = el("span", { class: "unseen" }, `${t("said")} `);
  return el("div", { class: "row mine" }, el("p", { class: "bubble", id: fresh("said") }, who, text));
}

/** Puts the new drawing in the place of the old one and keeps the keyboard where it was. */
function replace(old, row) {
  const inside = old.contains(document.activeElement) ? document.activeElement : null;
  old.replaceWith(row);
  if (!inside) return;
  const same = [...row.querySelectorAll("[data-same]")].find((one) => one.dataset.same === inside.dataset.same);
  (same ?? row.querySelector("article")).focus({ preventScroll: true });
}
