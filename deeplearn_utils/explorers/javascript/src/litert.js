// LiteRT.js beside the book's engine: loaded on request, then it runs each drawing as well.
import { load } from "../../../edge/export_js/engine.js";
import { element } from "./element.js";
import { DARKEST, SIDE } from "./pad.js";

const ABSENT =
  "LiteRT.js is not in this copy of the site: it is added where Node.js is there when the site is built.";

// Adds the button below the pad; on a page only: elsewhere nothing lies beside the panels' script.
export function addPeer(drawing, pad, known) {
  if (!globalThis.deeplearnExplorers.here) return null;
  const peer = new Peer(drawing, pad, known);
  pad.buttons.append(peer.button);
  pad.buttons.after(peer.told);
  return peer;
}

class Peer {
  // `known` gives Python's integers for what is on the pad, or null for a drawing of the reader's.
  constructor({ model }, pad, known) {
    Object.assign(this, { model, pad, known });
    this.button = element(
      "button",
      { type: "button", class: "dl-button" },
      "Load LiteRT.js (13 MB)",
    );
    this.told = element("p", { class: "dl-how dl-peer", role: "status" });
    this.button.addEventListener("click", () => this.start());
  }

  async start() {
    this.button.disabled = true;
    this.told.textContent = "Loading LiteRT.js …";
    try {
      await this.bring();
      this.run = await globalThis.deeplearnExplorers.litert();
      this.network = load(this.model);
      this.button.remove();
    } catch (error) {
      this.button.disabled = false;
      this.told.textContent = error.message;
      return;
    }
    this.follow();
  }

  // A classic script: file:// allows that.
  bring() {
    const { litert, here } = globalThis.deeplearnExplorers;
    if (litert) return undefined;
    const script = element("script", { src: new URL("litert.js", here).href });
    return new Promise((resolve, reject) => {
      script.onload = resolve;
      script.onerror = () => reject(new Error(ABSENT));
      document.head.append(script);
    });
  }

  // Runs what is on the pad, and again while the reader draws on.
  async follow() {
    if (!this.run || this.busy) return;
    this.busy = true;
    try {
      let edits;
      do {
        edits = this.pad.edits;
        const inputs = Array.from(this.pad.pixels, (pixel) => pixel / DARKEST);
        const real = await this.run(inputs, [1, SIDE, SIDE, 1]);
        if (edits === this.pad.edits) this.told.textContent = this.compared(inputs, real);
      } while (edits !== this.pad.edits);
    } catch (error) {
      this.told.textContent = `LiteRT.js could not run the network. ${error}`;
    } finally {
      this.busy = false;
    }
  }

  compared(inputs, real) {
    const { scale, zero } = this.model.output;
    const integers = real.map((value) => Math.round(value / scale) + zero);
    const ours = agreement(integers, this.network.predict(inputs, "float").integers);
    const python = this.known();
    const theirs = python
      ? `As Python stored them for this digit: ${agreement(integers, python)}.`
      : "";
    return (
      `LiteRT.js: ${integers.join(", ").replaceAll("-", "−")}. ` +
      `As this page's engine with the rounding "float": ${ours}. ${theirs}`
    ).trim();
  }
}

function agreement(found, expected) {
  const other = [...found.keys()].filter((k) => found[k] !== expected[k]);
  return other.length ? `not the same for ${other.join(", ")}` : "all ten the same";
}
