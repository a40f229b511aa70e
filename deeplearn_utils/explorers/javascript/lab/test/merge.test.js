import assert from "node:assert/strict";
import { test } from "node:test";
import { merge, remember } from "../src/merge.js";

const cells = (...sources) => sources.map((source) => ({ id: source.slice(0, 1), source }));
const shown = (merged) => merged.map(({ source }) => source).join(" ");
const CHAPTER = cells("a1", "b1", "c1");
const BASE = remember(CHAPTER);

for (const [what, copied, chapter, expected] of [
  ["nothing", cells("a1", "b1", "c1"), cells("a1", "b1", "c1"), "a1 b1 c1"],
  ["the chapter: a cell more, one less", CHAPTER, cells("a1", "d1", "c1"), "a1 d1 c1"],
  ["the reader's: an edit", cells("a1", "b2", "c1"), CHAPTER, "a1 b2 c1"],
  [
    "the reader's: cells more",
    cells("x1", "a1", "y1", "z1", "b1", "c1"),
    CHAPTER,
    "x1 a1 y1 z1 b1 c1",
  ],
  ["the reader's: a cell less comes back", cells("a1", "c1"), CHAPTER, "a1 b1 c1"],
  ["both: an edit of a cell that is gone", cells("a1", "b2", "c1"), cells("a1", "c1"), "a1 b2 c1"],
  [
    "both: a cell after one that is gone",
    cells("a1", "b1", "y1", "c1"),
    cells("a1", "c1"),
    "a1 y1 c1",
  ],
]) {
  test(`what changed: ${what}`, () => assert.equal(shown(merge(copied, chapter, BASE)), expected));
}

test("a second time nothing changes", () => {
  const chapter = cells("a1", "d1", "c1");
  const once = merge(cells("a1", "b2", "y1", "c1"), chapter, BASE);
  assert.deepEqual(merge(once, chapter, remember(chapter)), once);
});

test("a source in lines is the same as in one text", () => {
  assert.deepEqual(
    remember([{ id: "a", source: ["1\n", "2"] }]),
    remember(cells("a1\n2").map(({ id }) => ({ id, source: "1\n2" }))),
  );
});
