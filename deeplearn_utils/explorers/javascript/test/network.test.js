import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { bundled } from "./bundled.js";

const { NetworkSource } = await bundled("network.js");
const { model, test: known } = JSON.parse(readFileSync("../edge/reader.json"));
const DRAWING = { model, rounding: "rounding", roundings: ["float", "double"], many: 3 };

const pixelsOf = (picture) =>
  Uint8Array.from(Array.from(picture, (sign) => Number.parseInt(sign, 17)));

function asked(picture, rounding, declared = DRAWING) {
  const heard = [];
  const source = new NetworkSource(declared, { pixels: pixelsOf(picture), edits: 5 });
  const hear = (what) => heard.push(what);
  source.ask({ rounding }, hear, hear);
  assert.equal(heard.length, 1);
  return heard[0];
}

for (const [stop, rounding] of DRAWING.roundings.entries()) {
  test(`${rounding} rounding gives Python's integers for every test digit`, () => {
    const found = known.pixels.map((picture) => [...asked(picture, stop).arrays.integers.data]);
    assert.ok(found.length > 300);
    assert.deepEqual(found, known[rounding]);
  });
}

test("the changes are those of the other rounding, and gaps elsewhere", () => {
  for (const [i, picture] of known.pixels.entries()) {
    const { arrays, reached } = asked(picture, 0);
    const expected = known.double[i].map((q, k) => q - known.float[i][k] || Number.NaN);
    assert.deepEqual([...arrays.change.data], expected);
    assert.equal(reached, expected.filter((change) => change).length >= DRAWING.many);
  }
});

test("a frame has a row of pixels at the bottom first, and tells when it was drawn", () => {
  const { arrays, edits } = asked(`${"0".repeat(56)}0123g567`, 0);
  assert.deepEqual(arrays.pixels.shape, [8, 8]);
  assert.deepEqual([...arrays.pixels.data.slice(0, 8)], [0, 1, 2, 3, 16, 5, 6, 7]);
  assert.ok(arrays.pixels.data.slice(8).every((pixel) => pixel === 0));
  assert.equal(edits, 5);
});

test("the bars of the rounding that is not chosen are flat", () => {
  const { arrays } = asked(known.pixels[0], 1);
  assert.deepEqual([...arrays.double.data], known.double[0]);
  assert.deepEqual([...arrays.float.data], Array(10).fill(model.output.zero));
});

test("a network that is none is told, not thrown", () => {
  const told = asked(known.pixels[0], 0, { ...DRAWING, model: {} });
  assert.equal(told, "The drawing could not be read. Error: this is no 8-bit model of this engine");
});
