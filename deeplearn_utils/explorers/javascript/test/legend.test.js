import assert from "node:assert/strict";
import { test } from "node:test";
import { addLegend } from "../src/legend.js";
import { page } from "./document.js";

const COLORS = { "#0072B2": "#4AA8E8", ink: "#E6E6E6" };
const mark = (more) => ({ kind: "line", color: "#0072B2", opacity: 1, label: "a line", ...more });

// The label, path and look of each item.
function legend(...marks) {
  const box = page();
  addLegend(box, { marks })(COLORS);
  return [...box.querySelectorAll("li")].map((item) => {
    const path = item.querySelector("path");
    const look = Object.fromEntries(path.getAttributeNames().map((n) => [n, path.getAttribute(n)]));
    return { label: item.textContent, ...look };
  });
}

test("each labelled mark stands in the legend once, in its order", () => {
  const marks = [mark({ label: "b" }), mark({ label: "" }), mark({ label: "a" })];
  assert.deepEqual(
    legend(...marks).map(({ label }) => label),
    ["b", "a"],
  );
});

test("nothing labelled, no legend", () => {
  const box = page();
  addLegend(box, { marks: [mark({ label: "" })] })(COLORS);
  assert.equal(box.querySelector("ul"), null);
});

test("lines are shown as lines in the mark's color, dashed where it is", () => {
  const [plain, dashed] = legend(mark({ width: 3 }), mark({ kind: "rule", dashed: true }));
  assert.deepEqual([plain.stroke, plain["stroke-width"], plain.fill], ["#4AA8E8", "3", "none"]);
  assert.equal(plain["stroke-dasharray"], undefined);
  assert.equal(dashed["stroke-dasharray"], "5 3");
});

test("each symbol has its own shape, hollow ones and crosses without filling", () => {
  const symbols = ["circle", "square", "triangle", "cross"];
  const dots = symbols.map((symbol) => mark({ kind: "dots", symbol }));
  const items = legend(...dots, mark({ kind: "dots", symbol: "circle", hollow: true }));
  assert.equal(new Set(items.slice(0, 4).map(({ d }) => d)).size, 4);
  assert.deepEqual(
    items.map(({ fill }) => fill),
    [...Array(3).fill("#4AA8E8"), "none", "none"],
  );
});

test("what is seen through in the picture is seen through in the legend", () => {
  const [area, line] = legend(mark({ kind: "area", opacity: 0.3 }), mark({ opacity: 0.5 }));
  assert.equal(area["fill-opacity"], "0.3");
  assert.equal(line["stroke-opacity"], "0.5");
});
