// Chinese and Japanese on a machine without such fonts: ours, named in the style sheet only once it is loaded.
const SYSTEM = [
  "PingFang SC", "Hiragino Sans", "Microsoft YaHei", "Yu Gothic", "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC",
  "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Droid Sans Fallback",
];
const RANGE = "U+2E80-9FFF, U+AC00-D7AF, U+F900-FAFF, U+FF00-FFEF, U+20000-3FFFF";
const PATIENCE = 5000;

async function fetched() {
  const probe = new FontFace("probe", SYSTEM.map((name) => `local("${name}")`).join(","));
  if (await probe.load().then(() => true, () => false)) return;
  const face = new FontFace("Console CJK", 'url("/console/font")', { unicodeRange: RANGE });
  await face.load().then(() => {
    document.fonts.add(face);
    document.documentElement.dataset.cjk = "ready";
  }, () => console.warn("the font could not be loaded"));
}

/** Ready for text. It has to be waited for: Chromium keeps the empty boxes of text that was shaped before. */
export function font() {
  return Promise.race([fetched(), new Promise((resolve) => { setTimeout(resolve, PATIENCE); })]);
}
