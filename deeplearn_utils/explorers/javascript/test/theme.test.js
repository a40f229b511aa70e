import assert from "node:assert/strict";
import { test } from "node:test";
import { onTheme, theme } from "../src/theme.js";
import { page } from "./document.js";

page();
const { documentElement: root, body } = document;

function light() {
  delete root.dataset.theme;
  delete body.dataset.jpThemeLight;
  body.className = "";
}

for (const [where, darken] of [
  ["the site", () => (root.dataset.theme = "dark")],
  ["JupyterLab", () => (body.dataset.jpThemeLight = "false")],
  ["VS Code", () => body.classList.add("vscode-dark")],
]) {
  test(`${where} says that it is dark, and a change is told`, async () => {
    light();
    assert.equal(theme(), "light");
    const told = new Promise((resolve) => {
      const forget = onTheme(() => resolve(forget));
    });
    darken();
    (await told)();
    assert.equal(theme(), "dark");
  });
}
