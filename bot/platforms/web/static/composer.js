// The line to write in: completion of commands and people, shortcuts, files.
import { $, avatar, el, t } from "./dom.js";
import { Combo } from "./combo.js";
import { matching } from "./fields.js";
import { place } from "./people.js";

export const CHIPS = [["home", "perf"], ["goals", "perf goals"], ["progress", "perf progress"], ["help", "perf help"]];
const MOST = 60;

export class Composer {
  /** `say(text, mentions)` sends a line, `give(files)` sends files. */
  constructor({ say, give }) {
    Object.assign(this, { say, words: [], people: [], mentions: {}, input: $("write") });
    const pick = (option) => this.complete(option);
    this.combo = new Combo(this.input, { find: (text) => this.find(text), pick, label: () => t("words"), above: true });
    $("composer").addEventListener("submit", (event) => { event.preventDefault(); this.send(); });
    this.input.addEventListener("keydown", (event) => {
      // Enter that ends an input method's composition chooses a word and must not send half a sentence.
      if (event.key === "Enter" && event.isComposing) event.preventDefault();
    });
    $("attach").addEventListener("click", () => $("file").click());
    $("file").addEventListener("change", () => { give([...$("file").files]); $("file").value = ""; });
    this.drops(give);
  }

  /** What this person may type. */
  know(words, people) {
    Object.assign(this, { words, people });
    const chip = ([name, text]) => el("button", { type: "button", onclick: () => this.say(text, {}) }, t(`chip-${name}`));
    $("chips").replaceChildren(...CHIPS.map(chip));
  }

  send() {
    const text = this.input.value.trim();
    if (!text) return;
    const mentions = Object.fromEntries(Object.entries(this.mentions).filter(([word]) => text.includes(word)));
    this.input.value = "";
    this.combo.hide();
    this.mentions = {};
    this.say(text, mentions);
  }

  find(text) {
    const at = /(?:^|\s)[@＠]([^\s@＠]*)$/.exec(text);
    if (at) return this.named(at[1]);
    const wanted = text.trim().replace(/^[/／]/, "").toLowerCase();
    if (!wanted && !/^[/／]/.test(text.trim())) return [];
    if (this.words.some(([word]) => word.toLowerCase() === wanted)) return [];
    const rows = this.words.map(([word, hint]) => ({ label: word, hint, value: word }));
    const starts = (row) => (row.label.toLowerCase().startsWith(wanted) ? 0 : 1);
    const bare = wanted.replace(/^(?:perf|绩效|績效)\s*/, "");
    return matching(rows, bare || wanted).sort((a, b) => starts(a) - starts(b)).slice(0, MOST);
  }

  named(text) {
    const rows = this.people.map((one) => ({ label: one.name, hint: place(one), value: one, lead: avatar(one.name, one.user) }));
    return matching(rows, text).slice(0, MOST);
  }

  complete({ value }) {
    if (typeof value === "string") { this.input.value = value; return; }
    const same = this.people.filter((one) => one.name === value.name).length > 1;
    const word = `@${same ? value.user : value.name.replace(/\s+/g, "")}`;
    this.mentions[word] = value.user;
    this.input.value = `${this.input.value.replace(/[@＠][^\s@＠]*$/, "")}${word} `;
  }

  drops(give) {
    const files = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
    const show = (on) => { $("drop").hidden = !on; };
    addEventListener("dragover", (event) => { if (files(event)) { event.preventDefault(); show(true); } });
    addEventListener("dragleave", (event) => { if (!event.relatedTarget) show(false); });
    addEventListener("drop", (event) => {
      if (!files(event)) return;
      event.preventDefault();
      show(false);
      give([...event.dataTransfer.files]);
    });
  }
}
