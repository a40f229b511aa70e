import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync } from "node:zlib";
import { StaticSource } from "../src/static.js";
import { at, settingOf, unpack } from "../src/unpack.js";

const CONTROLS = [
  { name: "a", readouts: ["0", "1"] },
  { name: "b", readouts: ["0", "1", "2"] },
];

// As packing.py does it: each element's run over the settings as differences of 16-bit codes.
function pack(codes, more) {
  const differences = codes.map((code, i) => (code - (codes[i - 1] ?? 0) + 65536) % 65536);
  const planes = [...differences.map((d) => d & 255), ...differences.map((d) => d >> 8)];
  return { data: deflateSync(Uint8Array.from(planes)).toString("base64"), log: false, ...more };
}

test("an array comes back at each setting, gaps as NaN", async () => {
  const packed = pack([0, 40000, 65535, 3, 2, 1], { shape: [2], low: -1, step: 0.5 });
  const array = await unpack(packed);
  assert.equal(array.settings, 3);
  assert.deepEqual([...at(array, 0).data], [-1, 0.5]);
  assert.deepEqual([...at(array, 1).data], [19999, 0]);
  assert.deepEqual([...at(array, 2).data], [NaN, -0.5]);
});

test("logarithms come back as numbers", async () => {
  const array = await unpack(pack([0, 1], { shape: [], low: 0, step: Math.log(10), log: true }));
  assert.ok(Math.abs(at(array, 1).data[0] - 10) < 1e-12);
});

test("the last control moves fastest, and only those of the array count", () => {
  assert.equal(settingOf(["a", "b"], CONTROLS, { a: 1, b: 2 }), 5);
  assert.equal(settingOf(["b"], CONTROLS, { a: 1, b: 2 }), 2);
  assert.equal(settingOf([], CONTROLS, { a: 1, b: 2 }), 0);
});

test("the source answers with the arrays of the stops, the same object while they stay", async () => {
  const scalar = (codes, controls) => ({
    ...pack(codes, { shape: [], low: 0, step: 1 }),
    controls,
  });
  const source = await StaticSource.unpack({
    controls: CONTROLS,
    texts: deflateSync(JSON.stringify(["zero", "one"])).toString("base64"),
    arrays: { x: scalar([7, 8], ["a"]) },
    states: { text: scalar([0, 1], ["a"]), reached: scalar([0, 0, 1], ["b"]) },
  });
  const answers = [];
  const ask = (stops) => source.ask(stops, (answer) => answers.push(answer));
  ask({ a: 1, b: 0 });
  ask({ a: 1, b: 2 });
  const [first, second] = answers;
  assert.deepEqual([first.text, first.reached, second.reached], ["one", false, true]);
  assert.deepEqual([...first.arrays.x.data], [8]);
  assert.equal(first.arrays.x, second.arrays.x);
});
