// The switcher: a searchable list of everybody, in groups, as a dialog.
import { avatar, el, fresh, svg, t } from "./dom.js";
import { matching } from "./fields.js";

const GROUPS = ["role-executive", "role-hr", "role-head", "role-manager", "role-employee"];

/** What is shown of one person beside the name. */
export function place(player) {
  return [player.position || t(player.role), player.department].filter(Boolean).join(" · ");
}

/** Opens the dialog; `choose(user)` is told who was taken. */
export function openPeople(people, present, choose) {
  const name = fresh("people");
  const search = el("input", { type: "search", placeholder: t("people-search"), "aria-label": t("people-search"), autocomplete: "off" });
  const count = el("p", { class: "unseen", role: "status" });
  const list = el("div", { class: "groups" });
  const close = el("button", { type: "button", class: "icon", "aria-label": t("close"), onclick: () => dialog.close() }, svg("m7 7 10 10M17 7 7 17"));
  const top = el("div", { class: "top" }, el("div", {}, el("h2", { id: name }, t("people")), el("p", { class: "hint" }, t("people-hint"))), close);
  const dialog = el("dialog", { class: "people", "aria-labelledby": name }, top, search, count, list);
  const take = (user) => { dialog.close(); choose(user); };
  const draw = () => {
    const found = matching(people.map((one) => ({ ...one, label: one.name, hint: place(one), more: one.user })), search.value);
    count.textContent = search.value ? t("people-count", { n: found.length }) : "";
    const rows = search.value ? [] : [group("featured", found.filter((one) => one.featured), present, take)];
    rows.push(...GROUPS.map((role) => group(role, found.filter((one) => one.role === role), present, take)));
    list.replaceChildren(...(found.length ? rows.filter(Boolean) : [el("p", { class: "none" }, t("people-none"))]));
  };
  search.addEventListener("input", draw);
  dialog.addEventListener("keydown", (event) => walk(event, search, list));
  dialog.addEventListener("close", () => dialog.remove());
  draw();
  document.body.append(dialog);
  dialog.showModal();
  search.focus();
}

function group(title, found, present, take) {
  if (!found.length) return null;
  const id = fresh("group");
  const row = (one) => {
    const texts = el("span", { class: "texts" }, el("b", {}, one.name), el("span", {}, place(one)));
    const mark = one.user === present ? el("span", { class: "now" }, t("you")) : null;
    const current = one.user === present ? "true" : null;
    return el("li", {}, el("button", { type: "button", "aria-current": current, onclick: () => take(one.user) }, avatar(one.name, one.user), texts, mark));
  };
  return el("section", { "aria-labelledby": id }, el("h3", { id }, t(title)), el("ul", {}, ...found.map(row)));
}

function walk(event, search, list) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const stops = [...list.querySelectorAll("button")];
  if (event.key === "Enter" && event.target === search && !event.isComposing && search.value && stops.length) {
    event.preventDefault();
    stops[0].click();
  }
  if (!step || !stops.length || event.isComposing) return;
  event.preventDefault();
  const at = stops.indexOf(document.activeElement) + step;
  (at < 0 ? search : stops[Math.min(at, stops.length - 1)]).focus();
}
