import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { bundled } from "./bundled.js";
import { page } from "./document.js";

const { addPeer } = await bundled("litert.js");
const { model, test: known } = JSON.parse(readFileSync("../edge/reader.json"));
const { scale, zero } = model.output;
const pixels = Array.from(known.pixels[0], (sign) => Number.parseInt(sign, 17));

// What stands below the pad once a LiteRT.js that gives these integers has been loaded.
async function told(integers, python) {
  const body = page();
  const run = async () => integers.map((q) => Math.fround((q - zero) * scale));
  globalThis.deeplearnExplorers = { here: "file:///explorers.js", litert: async () => run };
  const pad = { pixels, edits: 1, buttons: document.createElement("div") };
  body.append(pad.buttons);
  const peer = addPeer({ model }, pad, () => python);
  await peer.start();
  await peer.follow();
  return peer.told.textContent;
}

test("the integers of LiteRT.js are compared with the engine's and with Python's", async () => {
  const text = await told(known.float[0], known.float[0]);
  assert.equal(text.match(/all ten the same/g).length, 2);
});

test("integers that differ are told, of engine and Python each", async () => {
  const other = known.float[0].map((q, k) => (k === 3 || k === 7 ? q - Math.sign(q || 1) : q));
  assert.match(await told(other, null), /"float": not the same for 3, 7\.$/);
  assert.match(await told(known.float[0], other), /for this digit: not the same for 3, 7\.$/);
});

test("outside of a page there is no button", () => {
  globalThis.deeplearnExplorers = { here: "" };
  assert.equal(addPeer({}, {}, null), null);
});
