import assert from "node:assert/strict";
import { test } from "node:test";
import { keepClean } from "../src/clean.js";

const KERNEL = { name: "python", version: "3.11.2" };

class Model {
  metadata = { language_info: { name: "python" } };
  dirty = false;
  isDisposed = false;
  getMetadata(key) {
    return this.metadata[key];
  }
  setMetadata(key, value) {
    this.metadata[key] = value;
    this.dirty = true;
  }
}

async function told(inBook, key, value, { before = true } = {}) {
  const model = new Model();
  keepClean(model, Promise.resolve(inBook));
  if (!before) await Promise.resolve();
  model.setMetadata(key, value);
  await new Promise(setImmediate);
  return model;
}

for (const before of [true, false]) {
  test(`what the kernel tells again is no edit, told ${before ? "before" : "after"} the book is known`, async () => {
    const model = await told(true, "language_info", KERNEL, { before });
    assert.deepEqual(model.metadata.language_info, { name: "python" });
    assert.equal(model.dirty, false);
  });
}

test("a language that the file doesn't name is taken, and the notebook stays unchanged", async () => {
  const model = await told(true, "kernelspec", { name: "python3" });
  assert.equal(model.metadata.kernelspec.name, "python3");
  assert.equal(model.dirty, false);
});

test("another kernel's language is taken", async () => {
  const model = await told(true, "language_info", { name: "julia" });
  assert.equal(model.metadata.language_info.name, "julia");
});

test("a notebook of no book is left to JupyterLab", async () => {
  const model = await told(false, "language_info", KERNEL);
  assert.deepEqual([model.metadata.language_info, model.dirty], [KERNEL, true]);
});

test("what the reader sets is an edit", async () => {
  const model = await told(true, "title", "mine");
  assert.deepEqual([model.metadata.title, model.dirty], ["mine", true]);
});
