// The panels of a page without a kernel: each place is mounted once, when the reader comes near it.
import { element } from "./element.js";
import { showPanel } from "./panel.js";
import { StaticSource } from "./static.js";

const PLACE = ".dl-explorer[data-explorer]";

export class Page {
  constructor(here) {
    this.here = here;
    this.data = new Map(); // by the panel's name: the promise of its declaration and its source
    this.expected = new Map();
    this.seen = new WeakSet();
  }

  // Mounts the places of the page, and those that are added to it later.
  watch() {
    const near = new IntersectionObserver(
      (entries) => {
        for (const { isIntersecting, target } of entries) {
          if (!isIntersecting) continue;
          near.unobserve(target);
          this.mount(target);
        }
      },
      { rootMargin: "600px" },
    );
    const find = (root) => {
      for (const place of root.querySelectorAll(PLACE)) {
        if (this.seen.has(place)) continue;
        this.seen.add(place);
        near.observe(place);
      }
    };
    find(document);
    new MutationObserver((changes) => {
      const outside = changes.filter(({ target }) => !target.closest(PLACE));
      for (const target of new Set(outside.map((change) => change.target))) find(target);
    }).observe(document.body, { childList: true, subtree: true });
  }

  async mount(host) {
    const { explorer } = host.dataset;
    try {
      const { declaration, source } = await this.load(explorer);
      showPanel(host, declaration, source);
      host.querySelector(".dl-picture")?.remove();
    } catch {
      const text = `The data of this panel (explorers/${explorer}.js) is missing or damaged. `;
      const rest = "The picture stays; its controls can't be moved here.";
      host.append(element("p", { class: "dl-trouble", role: "alert" }, text + rest));
    }
  }

  // A panel's data is loaded once, by a classic script: file:// allows that.
  load(name) {
    if (!this.data.has(name)) {
      const script = document.createElement("script");
      script.src = new URL(`explorers/${name}.js`, this.here).href;
      const came = new Promise((resolve, reject) => {
        this.expected.set(name, resolve);
        script.onload = script.onerror = reject; // after `add` this has no effect
      });
      this.data.set(name, came);
      document.head.append(script);
    }
    return this.data.get(name);
  }

  // Called by the data script of a panel: its declaration and its packed arrays.
  add(packed) {
    const came = StaticSource.unpack(packed).then((source) => ({ declaration: packed, source }));
    came.catch(() => {}); // each place reports it
    const expect = this.expected.get(packed.name);
    if (expect) expect(came);
    else this.data.set(packed.name, came);
  }
}
