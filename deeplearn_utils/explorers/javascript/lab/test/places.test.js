import assert from "node:assert/strict";
import { test } from "node:test";
import { cellOf } from "../src/places.js";

const prose = (source) => ({ type: "markdown", sharedModel: { getSource: () => source } });
const code = (mystnb) => ({ type: "code", getMetadata: () => mystnb });

const CELLS = [
  prose("(sec-a)=\n## A\n\nSee {ref}`there <sec-b>`, $$x$$ and {eq}`eq-a`."),
  code({ figure: { name: "fig-a" } }),
  code(undefined),
  prose("$$\nx\n$$ (eq-a)\n"),
  prose("::::{exercise} By hand\n:label: ex-a\n$x$\n::::"),
  prose("text\n\n(sec-b)=\n## B"),
  prose("```{glossary}\nterm\n    text\n```"),
  prose("```{bibliography}\n:all:\n```"),
];

for (const [id, kind, number] of [
  ["sec-a", "section", 0],
  ["fig-a", "figure", 1],
  ["eq-a", "equation", 3],
  ["ex-a", "exercise", 4],
  ["sec-b", "section", 5],
  ["term-term", "term", 6],
  ["cite-x", "citation", 7],
  ["sec-.", "section", -1],
]) {
  test(`the cell of ${id} is found by its mark, not by what refers to it`, () =>
    assert.equal(cellOf(CELLS, { id, kind }), number));
}
