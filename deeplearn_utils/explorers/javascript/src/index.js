// The entry: panels on a static page, and the module that JupyterLab mounts.
import { LiveSource } from "./live.js";
import { Page } from "./page.js";
import { showPanel } from "./panel.js";

const widget = {
  render({ model, el }) {
    el.classList.add("dl-explorer");
    const source = new LiveSource(model);
    const close = showPanel(el, model.get("declaration"), source);
    return () => {
      close();
      source.close();
    };
  },
};

const here = document.currentScript?.src ?? "";
const page = new Page(here);
globalThis.deeplearnExplorers = { add: (packed) => page.add(packed), widget, here };
if (here) {
  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", () => page.watch());
  } else page.watch();
}
