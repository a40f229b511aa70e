import assert from "node:assert/strict";
import { test } from "node:test";
import { Books } from "../src/book.js";
import { book, INDEX } from "./shelf.js";

// A server's files: folders list what they hold; asking for what is missing fails the test.
class Contents {
  constructor(files, hidden = "") {
    this.files = files;
    this.hidden = hidden;
    this.asked = [];
  }

  async get(path) {
    this.asked.push(path);
    if (path in this.files) return { content: this.files[path] };
    const inside = path ? `${path}/` : "";
    const names = Object.keys(this.files).filter((name) => name.startsWith(inside));
    assert.ok(names.length, `${path} is missing`);
    const entries = new Map();
    for (const name of names) {
      const [entry, ...rest] = name.slice(inside.length).split("/");
      entries.set(entry, { name: entry, type: rest.length ? "directory" : "file" });
    }
    const hidden = entries.delete(this.hidden) ? [this.hidden] : [];
    return { content: [...entries.values()], ...(this.hidden ? { hidden } : {}) };
  }
}

const shelf = (root, text = JSON.stringify(INDEX), hidden = "") => {
  const files = {
    [`${root}chapters/03_steps.ipynb`]: "",
    [`${root}chapters/book_index.json`]: text,
    [`${root}work/03_steps.ipynb`]: "",
    "notes/mine.ipynb": "",
  };
  return new Contents(files, hidden);
};

for (const root of ["", "books/deep/"]) {
  test(`a book is found from its chapters and copies, in ${root || "the root"}`, async () => {
    const books = new Books(shelf(root));
    for (const path of ["chapters/03_steps.ipynb", "work/03_steps.ipynb"]) {
      const found = await books.of(root + path);
      assert.equal(found.root, root);
      assert.equal(found.documentOf(root + path), "chapters/03_steps");
    }
  });
}

test("a book is found whose index the file browser doesn't list", async () => {
  const hiding = shelf("", JSON.stringify(INDEX), "book_index.json");
  assert.notEqual(await new Books(hiding).of("chapters/03_steps.ipynb"), null);
});

test("the index is read once", async () => {
  const contents = shelf("");
  const books = new Books(contents);
  await Promise.all(["chapters/a.ipynb", "chapters/b.ipynb"].map((path) => books.of(path)));
  const times = contents.asked.filter((path) => path.endsWith("book_index.json")).length;
  assert.equal(times, 1);
});

test("without an index, and with another one, there is no book and nothing missing is asked for", async () => {
  const without = new Books(new Contents({ "notes/mine.ipynb": "", "chapters/x.ipynb": "" }));
  assert.equal(await without.of("notes/mine.ipynb"), null);
  for (const text of ["{}", "not JSON", '{"format": "index of a book, 99"}']) {
    assert.equal(await new Books(shelf("", text)).of("chapters/03_steps.ipynb"), null);
  }
});

test("names that every object has are no labels", () => {
  assert.equal(book().target("constructor"), undefined);
  assert.equal(book().citation("toString"), undefined);
});

test("the end of an address leads to its place", () => {
  assert.equal(book().place("fig-ravine").number, "3.4");
  assert.equal(book().place("term-gradient-descent").kind, "term");
  assert.equal(book().place("cite-cauchy1847").year, "1847");
  assert.equal(book().place("nowhere"), undefined);
});
