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
