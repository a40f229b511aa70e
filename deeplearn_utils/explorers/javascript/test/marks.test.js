import assert from "node:assert/strict";
import { test } from "node:test";
import { axis, decades, powerOfTen } from "../src/axes.js";
import { between, channelsOf, fixed, levelLines, rows } from "../src/marks.js";
import { same } from "../src/picture.js";

const array = (numbers, shape = [numbers.length]) => ({ data: Float64Array.from(numbers), shape });

test("rows of a matrix become one path with gaps between them", () => {
  const arrays = { x: array([0, 1]), y: array([1, 2, 3, 4], [2, 2]) };
  const { x, y } = rows({ x: "x", y: "y" }, (name) => arrays[name]);
  assert.deepEqual([...x], [0, 1, NaN, 0, 1, NaN]);
  assert.deepEqual([...y], [1, 2, NaN, 3, 4, NaN]);
});

test("each row may have its own x, and x may be one number", () => {
  const arrays = { x: array([0, 1, 5, 6], [2, 2]), y: array([1, 2, 3, 4], [2, 2]) };
  const read = (channel) => arrays[channel] ?? channel;
  assert.deepEqual([...rows({ x: "x", y: "y" }, read).x], [0, 1, NaN, 5, 6, NaN]);
  assert.deepEqual([...rows({ x: 7, y: "y" }, read).x], [7, 7, NaN, 7, 7, NaN]);
});

test("level lines stay between the centers of the cells", () => {
  const matrix = array([0, 1, 2, 0, 1, 2, 0, 1, 2], [3, 3]);
  const { xs, ys } = levelLines(matrix, [0.5, 1.5], [0, 3], [0, 3]);
  const inside = xs.filter((x) => !Number.isNaN(x));
  assert.deepEqual([...new Set(inside)].sort(), [1, 2]);
  const shown = ys.filter((y) => !Number.isNaN(y));
  assert.deepEqual([Math.min(...shown), Math.max(...shown)], [0.5, 2.5]);
});

test("colors between the ends of a ramp, which are kept beyond them", () => {
  const ramp = ["#000000", "#FFFFFF", "#FF0000"].map(channelsOf);
  assert.deepEqual(between(ramp, -1), [0, 0, 0, 255]);
  assert.deepEqual(between(ramp, 0.25), [128, 128, 128, 255]);
  assert.deepEqual(between(ramp, 0.5), [255, 255, 255, 255]);
  assert.deepEqual(between(ramp, 2), [255, 0, 0, 255]);
});

test("numbers are written as Python writes them", () => {
  const written = [-0.001, -1.25, Number.NaN, 2].map((number) => fixed(number, 2));
  assert.deepEqual(written, ["0.00", "−1.25", "", "2.00"]);
});

test("powers of ten stand at whole powers, few enough to read", () => {
  assert.deepEqual(decades([1e-2, 1e2], 8).ticks, [0.01, 0.1, 1, 10, 100]);
  assert.deepEqual(decades([1e-6, 1e6], 5).ticks, [1e-6, 1e-3, 1, 1e3, 1e6]);
  assert.deepEqual([0.01, 1, 100, 1e3, 1e-12].map(powerOfTen), [
    "0.01",
    "1",
    "100",
    "10³",
    "10⁻¹²",
  ]);
});

test("an axis has the ticks it was given, and an array may be its domain", () => {
  const ticks = [
    [0.1, "first"],
    [0.9, "last"],
  ];
  const shown = axis(
    { label: "x", domain: "d", scale: "linear", ticks },
    () => array([0, 1]),
    "x",
    true,
  );
  assert.deepEqual(shown.domain, [0, 1]);
  assert.deepEqual(shown.ticks, [0.1, 0.9]);
  assert.deepEqual(shown.text, ["first", "last"]);
});

test("channels are the same when every number is, gaps too", () => {
  assert.ok(same(array([1, NaN]), array([1, NaN])));
  assert.ok(same(3, 3));
  assert.ok(same(undefined, undefined));
  assert.ok(!same(array([1, NaN]), array([1, 2])));
  assert.ok(!same(array([1, 2], [2, 1]), array([1, 2], [1, 2])));
  assert.ok(!same(3, array([3])));
});
