// Runs before the first paint, so that a remembered theme never flashes in the other colours.
(() => {
  let kept = "";
  try { kept = localStorage.getItem("theme") || ""; } catch { kept = ""; }
  if (kept === "dark" || kept === "light") document.documentElement.dataset.theme = kept;
})();
