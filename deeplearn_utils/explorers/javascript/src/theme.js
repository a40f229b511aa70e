// Light or dark: what the page around the panel says (the site, JupyterLab, VS Code).
const WATCHED = {
  attributes: true,
  attributeFilter: ["data-theme", "data-jp-theme-light", "class"],
};

export function theme() {
  const { documentElement: page, body } = document;
  const dark =
    page.dataset.theme === "dark" ||
    body.dataset.jpThemeLight === "false" ||
    body.classList.contains("vscode-dark");
  return dark ? "dark" : "light";
}

// Calls `changed` when the theme changes; returns a function that stops watching.
export function onTheme(changed) {
  let before = theme();
  const observer = new MutationObserver(() => {
    if (theme() === before) return;
    before = theme();
    changed();
  });
  observer.observe(document.documentElement, WATCHED);
  observer.observe(document.body, WATCHED);
  return () => observer.disconnect();
}
