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
