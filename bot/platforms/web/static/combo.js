// A text field with a list of suggestions, for the keyboard, the mouse and screen readers (the ARIA combobox pattern).
import { el, fresh } from "./dom.js";

export class Combo {
  /** `find(text)` gives options {label, hint, lead?, value}; `pick(option)` is told which one was taken. */
  constructor(input, { find, pick, label, above = false, eager = false }) {
    Object.assign(this, { input, find, pick, eager, options: [], active: -1, named: label });
    this.list = el("ul", { class: `options${above ? " above" : ""}`, id: fresh("options"), role: "listbox", hidden: true });
    input.after(this.list);
    const set = (name, value) => input.setAttribute(name, value);
    set("role", "combobox");
    set("aria-autocomplete", "list");
    set("aria-controls", this.list.id);
    set("aria-expanded", "false");
    input.addEventListener("input", (event) => { if (!event.isComposing) this.show(); });
    input.addEventListener("compositionend", () => this.show());
    input.addEventListener("focus", () => { if (eager) this.show(""); });
    input.addEventListener("blur", () => this.hide());
    input.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
  }

  show(text = this.input.value) {
    this.options = this.find(text);
    this.active = -1;
    this.list.setAttribute("aria-label", this.named());
    this.list.replaceChildren(...this.options.map((option, index) => this.row(option, index)));
    this.reveal(this.options.length > 0);
    this.list.scrollTop = 0;
  }

  hide() { this.reveal(false); }

  reveal(open) {
    this.list.hidden = !open;
    this.input.setAttribute("aria-expanded", String(open));
    if (!open) this.input.removeAttribute("aria-activedescendant");
  }

  row(option, index) {
    const id = `${this.list.id}-${index}`;
    const text = el("span", { class: "label" }, option.label);
    const hint = option.hint ? el("span", { class: "hint" }, option.hint) : null;
    const take = () => this.take(index);
    return el("li", { id, role: "option", "aria-selected": "false", onclick: take }, option.lead, text, hint);
  }

  move(step) {
    const count = this.options.length;
    const from = this.active < 0 && step < 0 ? 0 : this.active;
    this.list.children[this.active]?.setAttribute("aria-selected", "false");
    this.active = (from + step + count) % count;
    const row = this.list.children[this.active];
    row.setAttribute("aria-selected", "true");
    row.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", row.id);
  }

  take(index) {
    const option = this.options[index];
    this.hide();
    this.pick(option);
    this.input.focus();
    this.hide();
  }

  key(event) {
    if (event.isComposing) return;
    const open = !this.list.hidden;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && !open) this.show();
    if (step && this.options.length) this.move(step);
    else if (event.key === "Enter" && open && this.active >= 0) this.take(this.active);
    else if (event.key === "Tab" && open && this.active >= 0) this.take(this.active);
    else if (event.key === "Escape" && open) this.hide();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
