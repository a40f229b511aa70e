// What the theme leaves to do for readers with a screen reader, and without a server.

// From file:// a page cannot fetch another one: list the search results without excerpts.
if (location.protocol === "file:") {
  DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
}

// The arrows that unfold a part of the menu have no name of their own.
document.addEventListener("DOMContentLoaded", () => {
  for (const arrow of document.querySelectorAll(".bd-sidebar-primary summary")) {
    const link = arrow.closest("li").querySelector("a");
    arrow.setAttribute("aria-label", `Pages under ${link.textContent.trim()}`);
  }
});

// On paper the page is light, and has the answers that are open, or all of them.
const root = document.documentElement;
let afterPrint = [];
window.addEventListener("beforeprint", () => {
  const { theme } = root.dataset;
  root.dataset.theme = "light";
  afterPrint.push(() => {
    root.dataset.theme = theme;
  });
});
window.addEventListener("afterprint", () => {
  for (const restore of afterPrint) restore();
  afterPrint = [];
});
function printWithAnswers() {
  for (const folded of document.querySelectorAll(".admonition.toggle-hidden")) {
    folded.classList.remove("toggle-hidden");
    afterPrint.push(() => folded.classList.add("toggle-hidden"));
  }
  window.print();
}
document.addEventListener("DOMContentLoaded", () => {
  const print = document.querySelector(".btn-download-pdf-button");
  if (!print || !document.querySelector(".admonition.dropdown")) return;
  const item = print.closest("li").cloneNode(true);
  const button = item.querySelector("button");
  button.removeAttribute("onclick");
  button.title = "Print to PDF with all hints and solutions";
  button.querySelector(".btn__text-container").textContent = ".pdf with answers";
  button.addEventListener("click", printWithAnswers);
  print.closest("li").after(item);
});

// What is wider than the page scrolls in its own box: let the keyboard reach it. The theme does
// so for code when the page loads; formulas, and all that is folded away until later, are missing.
const BOXES = "pre, .output, .pst-scrollable-table-container, div.math, mjx-container[display]";
async function reachWideBoxes() {
  if (typeof MathJax !== "undefined") await MathJax.startup?.promise;
  for (const box of document.querySelectorAll(BOXES)) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  }
}
for (const event of ["load", "resize", "click"]) {
  window.addEventListener(event, reachWideBoxes);
}
document.addEventListener("toggle", reachWideBoxes, true);
