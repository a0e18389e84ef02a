// Short lines that come and go, also above an open dialog.
import { $, el } from "./dom.js";

const SECONDS = 6;

export function toast(text) {
  if (!text) return;
  const box = $("toasts");
  const home = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;
  if (box.parentNode !== home) home.append(box);
  const line = el("p", {}, text);
  box.append(line);
  while (box.childElementCount > 3) box.firstElementChild.remove();
  let timer = 0;
  const leave = () => { timer = setTimeout(() => line.remove(), SECONDS * 1000); };
  line.addEventListener("pointerenter", () => clearTimeout(timer));
  line.addEventListener("pointerleave", leave);
  leave();
}

document.addEventListener("close", (event) => {
  if (event.target.contains($("toasts"))) document.body.append($("toasts"));
}, true);
