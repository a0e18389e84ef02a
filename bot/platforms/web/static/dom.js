// Elements and strings. Everything shown is set as text: no markup is ever made of what somebody wrote.
let strings = {};

export function setStrings(given) { strings = given; }

export function t(key, values = {}) {
  return (strings[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** An element: on… are listeners, "class" and aria-… attributes, the rest properties; children are nodes or text. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name in node && !name.startsWith("aria") && name !== "list") node[name] = value;
    else node.setAttribute(name === "class" ? "class" : name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return node;
}

export function $(id) { return document.getElementById(id); }

let counter = 0;
export function fresh(prefix) { counter += 1; return `${prefix}-${counter}`; }

/** Puts the reader's words on everything that stands in the page from the start. */
export function translate(root = document) {
  for (const node of root.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const node of root.querySelectorAll("[data-t-label]")) {
    node.setAttribute("aria-label", t(node.dataset.tLabel));
    if (node.matches("button")) node.title = t(node.dataset.tLabel);
  }
  for (const node of root.querySelectorAll("[data-t-placeholder]")) node.placeholder = t(node.dataset.tPlaceholder);
}

export function svg(path) {
  const space = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(space, "svg");
  picture.setAttribute("viewBox", "0 0 24 24");
  picture.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(space, "path");
  line.setAttribute("d", path);
  picture.append(line);
  return picture;
}

/** A round picture of a name: its initials (or last two characters of a Chinese name) in a colour that stays the same. */
export function avatar(name, seed = name) {
  let sum = 2166136261;
  for (const char of seed) sum = Math.imul(sum ^ char.codePointAt(0), 16777619) >>> 0;
  sum = (sum >>> 13) ^ sum;
  const chars = [...name.trim()];
  const cjk = /[\u2e80-\u9fff\uac00-\ud7af\u3040-\u30ff]/.test(name);
  const words = name.trim().split(/\s+/);
  const initials = cjk ? chars.slice(-2).join("") : words.map((word) => [...word][0] ?? "").slice(0, 2).join("");
  return el("span", { class: `avatar hue${(sum >>> 0) % 8}`, "aria-hidden": "true" }, initials.toUpperCase());
}

/** What is remembered in this tab (or, with `always`, in this browser); a browser that forbids it loses only memory. */
export function remember(name, value, always = false) {
  try {
    const store = always ? localStorage : sessionStorage;
    if (value === null) store.removeItem(name);
    else store.setItem(name, JSON.stringify(value));
  } catch { /* storage may be full or forbidden: the page works without it */ }
}

export function recall(name, otherwise, always = false) {
  try {
    const text = (always ? localStorage : sessionStorage).getItem(name);
    return text === null ? otherwise : JSON.parse(text);
  } catch { return otherwise; }
}
