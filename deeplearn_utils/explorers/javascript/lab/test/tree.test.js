import assert from "node:assert/strict";
import { test } from "node:test";
import { textOf } from "../src/text.js";
import { fill, REFERENCE } from "../src/tree.js";
import { book, node, text } from "./shelf.js";

const HERE = "chapters/03_steps.ipynb";

function filled(tree, path = HERE) {
  const root = node("block", {}, tree);
  fill(root, book(), path);
  return root.children[0];
}

const reference = (label, kind, ...children) => ({
  type: "crossReference",
  kind,
  label,
  identifier: label,
  ...(children.length ? { children } : {}),
});
const term = (label, shown) => ({
  ...reference(label, "term", text(shown)),
  identifier: `term-${label.replaceAll(" ", "-")}`,
});
const cites = (kind, ...labels) =>
  node("citeGroup", { kind }, ...labels.map((label) => ({ type: "cite", kind, label })));

for (const [what, tree, words, url] of [
  ["a figure's number", reference("fig-ravine", "numref"), "Fig. 3.4", "03_steps.ipynb#fig-ravine"],
  ["a figure's caption", reference("fig-ravine", "ref"), "A ravine.", "03_steps.ipynb#fig-ravine"],
  [
    "another chapter's section",
    reference("sec-deep", "ref"),
    "Deep down",
    "02_deep.ipynb#sec-deep",
  ],
  [
    "a text of its own",
    reference("sec-deep", "ref", text("there")),
    "there",
    "02_deep.ipynb#sec-deep",
  ],
  ["an equation", reference("eq-edge", "eq"), "(3.2)", "03_steps.ipynb#eq-edge"],
  ["an exercise", reference("ex-hand", "ref"), "Exercise 3.1", "03_steps.ipynb#ex-hand"],
  [
    "a term",
    term("Gradient descent", "Descent"),
    "Descent",
    "../book/glossary.md#term-gradient-descent",
  ],
]) {
  test(`a reference becomes a link: ${what}`, () => {
    const link = filled(tree);
    assert.deepEqual([link.type, link.class, link.url], ["link", REFERENCE, url]);
    assert.equal(textOf(link), words);
    assert.equal(link.identifier, undefined);
  });
}

for (const [typed, printed] of [
  ["Chapter 1's deep network", "Chapter 1’s deep network"],
  [`"deep" and 'wide' ("it's")`, "“deep” and ‘wide’ (“it’s”)"],
  [`"'deep' is" 3--5 -- or so---about...`, "“‘deep’ is” 3–5 – or so—about…"],
  ["already ‘so’", "already ‘so’"],
]) {
  test(`a reference's own text is printed as prose is: ${typed}`, () => {
    const link = filled(reference("sec-deep", "ref", text(typed)));
    assert.equal(textOf(link), printed);
  });
}

test("code in a reference's own text stays as typed", () => {
  const code = { type: "inlineCode", value: "f('x')" };
  assert.equal(textOf(filled(reference("sec-deep", "ref", code))), "f('x')");
});

for (const tree of [
  reference("sec-own", "ref"),
  term("own term", "own"),
  cites("narrative", "me"),
]) {
  test(`what the index doesn't know is left alone: ${textOf(tree) || tree.type}`, () => {
    assert.deepEqual(filled(structuredClone(tree)), tree);
  });
}

for (const [kind, labels, words] of [
  ["parenthetical", ["cauchy1847"], "[Cauchy, 1847]"],
  ["narrative", ["rumelhart1986"], "Rumelhart et al. [1986]"],
  ["parenthetical", ["rumelhart1986", "cauchy1847"], "[Cauchy, 1847, Rumelhart et al., 1986]"],
]) {
  test(`sources stand as on the page: ${words}`, () => {
    const group = filled(cites(kind, ...labels));
    assert.equal(textOf(group), words);
    const links = group.children.filter(({ type }) => type === "link");
    assert.deepEqual(
      links.map(({ url }) => url).sort(),
      labels.map((label) => `../book/bibliography.md#cite-${label}`).sort(),
    );
  });
}

test("a source outside of a group is one as well", () => {
  const cited = filled({ type: "cite", kind: "narrative", label: "cauchy1847" });
  assert.equal(textOf(cited), "Cauchy [1847]");
});

test("a solution names its exercise in full", () => {
  const title = node("admonitionTitle", {}, text("Solution to "), reference("ex-hand", "ref"));
  assert.equal(textOf(filled(title)), "Solution to Exercise 3.1 (By hand)");
});

test("a solution's title has the quotes of a keyboard, as the page's", () => {
  const shelf = book();
  shelf.index.targets["ex-hand"].html = "It doesn’t";
  const title = node("admonitionTitle", {}, reference("ex-hand", "ref"));
  fill(title, shelf, HERE);
  assert.equal(textOf(title), "Exercise 3.1 (It doesn't)");
});

test("headings, equations and exercises carry the page's numbers", () => {
  const title = filled(node("heading", { depth: 1 }, text("Steps")));
  assert.equal(textOf(title), "3. Steps");
  const heading = filled(node("heading", { depth: 2 }, text("Where it doesn’t end")));
  assert.equal(heading.enumerator, "3.1.");
  const namesake = filled(node("heading", { depth: 3 }, text("Steps")));
  assert.equal(namesake.enumerator, "3.1.1.");
  assert.equal(filled({ type: "math", label: "eq-edge", value: "x" }).enumerator, "3.2");
  assert.equal(filled(node("exercise", { label: "ex-hand" })).enumerator, "3.1");
});

test("an equation without a label has no number in the book, and elsewhere its own", () => {
  assert.equal(filled({ type: "math", value: "x" }).enumerated, false);
  assert.equal(filled({ type: "math", value: "x" }, "notes/mine.ipynb").enumerated, undefined);
});

test("a copy of a chapter shows the chapter's numbers, and leads back to the book", () => {
  const path = "work/03_steps.ipynb";
  assert.equal(textOf(filled(node("heading", { depth: 1 }, text("Steps")), path)), "3. Steps");
  const link = filled(reference("fig-ravine", "numref"), path);
  assert.equal(link.url, "../chapters/03_steps.ipynb#fig-ravine");
});

test("the list of sources is made from the index", () => {
  const list = filled({ type: "bibliography" });
  assert.deepEqual(
    list.children.map(({ html_id: id }) => id),
    ["cite-cauchy1847", "cite-rumelhart1986"],
  );
});

test("Chinese words lose their marks", () => {
  const line = filled(node("paragraph", {}, text("[准确率]{.language-zh} — the share")));
  assert.equal(textOf(line), "准确率 — the share");
  assert.ok(line.children[0].children.some(({ class: name }) => name === "language-zh"));
});
