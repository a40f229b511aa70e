// The entry: panels on a static page, and the module that JupyterLab mounts.
import { LiveSource } from "./live.js";
import { showPanel } from "./panel.js";
import { StaticSource } from "./static.js";

const here = document.currentScript?.src ?? "";
const waiting = new Map();

// Called by the data script of a panel: its declaration and its packed arrays.
async function add(packed) {
  const source = await StaticSource.unpack(packed);
  for (const host of waiting.get(packed.name) ?? []) {
    host.querySelector(".dl-picture")?.remove();
    showPanel(host, packed, source);
  }
}

// A panel's data is loaded when the reader comes near it, by a classic script: file:// allows that.
function load(host) {
  const name = host.dataset.explorer;
  const hosts = waiting.get(name);
  if (hosts) return hosts.push(host);
  waiting.set(name, [host]);
  const script = document.createElement("script");
  script.src = new URL(`explorers/${name}.js`, here).href;
  document.head.append(script);
}

function mountPage() {
  const near = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        load(target);
      }
    },
    { rootMargin: "600px" },
  );
  for (const host of document.querySelectorAll(".dl-explorer[data-explorer]")) near.observe(host);
}

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

globalThis.deeplearnExplorers = { add, widget };
if (here) {
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", mountPage);
  else mountPage();
}
