import assert from "node:assert/strict";
import { test } from "node:test";
import { inRounds } from "../src/rounds.js";

// A notebook of cells as jupyterlab-myst has them, which notes what is done.
function notebook(names) {
  const done = [];
  async function render() {
    await new Promise(setImmediate);
    done.push(`render ${this.name}`);
  }
  const attach = async ({ name }) => done.push(`attach ${name}`);
  const rendered = inRounds(render, { known: ({ old }) => !old, attach });
  const parent = {};
  const cells = names.map((name) => ({
    name,
    parent,
    isAttached: true,
    isDisposed: false,
    updateFragmentMDAST: async () => done.push(`read ${name}`),
    render: rendered,
  }));
  return { cells, done };
}

test("cells that wait together are rendered in one round", async () => {
  const { cells, done } = notebook(["a", "b", "c"]);
  await Promise.all(cells.map((cell) => cell.render()));
  assert.deepEqual(done, ["read a", "read b", "read c", "render a", "attach b", "attach c"]);
});

test("a cell that comes later has a round of its own, and is awaited", async () => {
  const { cells, done } = notebook(["a", "b"]);
  await cells[0].render();
  await cells[1].render();
  assert.deepEqual(done, ["read a", "render a", "read b", "render b"]);
});

test("a cell that left meanwhile is left out", async () => {
  const { cells, done } = notebook(["a", "b"]);
  cells[0].isDisposed = true;
  await Promise.all(cells.map((cell) => cell.render()));
  assert.deepEqual(done, ["read a", "read b", "render b"]);
});

test("a cell of another make renders itself", async () => {
  const { cells, done } = notebook(["a"]);
  cells[0].old = true;
  await cells[0].render();
  assert.deepEqual(done, ["render a"]);
});

test("after a round that failed the next one is rendered", async (context) => {
  const told = context.mock.method(console, "error", () => {});
  const { cells, done } = notebook(["a", "b"]);
  cells[0].render = inRounds(
    async () => {
      throw new Error("no");
    },
    { known: () => true, attach: async () => {} },
  );
  await cells[0].render();
  assert.equal(told.mock.callCount(), 1);
  await cells[1].render();
  assert.deepEqual(done.at(-1), "render b");
});
