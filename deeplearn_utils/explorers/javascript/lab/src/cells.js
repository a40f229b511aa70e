// Hands each cell of a book's notebook what the index knows, whenever JupyterLab renders it anew.
import { Caption } from "./caption.js";
import { inRounds } from "./rounds.js";
import { fill } from "./tree.js";

// Teaches jupyterlab-myst's Markdown cells; without it, or with one that works otherwise, nothing
// happens. A cell's tree is filled where it is handed out, so that nothing sees it half filled.
export function teach(factory, { model, rendermime, books }) {
  const options = { model, rendermime, contentFactory: factory, placeholder: true };
  const sample = factory.createMarkdownCell(options);
  const prototype = Object.getPrototypeOf(sample);
  sample.dispose();
  const parse = prototype.updateFragmentMDAST;
  const tree = Object.getOwnPropertyDescriptor(prototype, "fragmentMDAST")?.get;
  if (!parse || !tree) return;
  const paths = new WeakMap(); // of cells: a function that returns their notebook's path
  const found = new WeakMap();
  const filled = new WeakSet();

  const create = factory.createMarkdownCell;
  factory.createMarkdownCell = function (made) {
    const cell = create.call(this, made);
    paths.set(cell, () => pathOf(made.rendermime));
    return cell;
  };
  prototype.updateFragmentMDAST = async function () {
    const path = paths.get(this)?.() ?? pathOf(this.parent?.rendermime);
    found.set(this, { path, book: path && (await books.of(path)) });
    await parse.call(this);
  };
  // JupyterLab's cell toolbar measures what is shown, and jupyterlab-myst shows it later.
  const initialize = prototype.initializeDOM;
  prototype.initializeDOM = function () {
    initialize.call(this);
    const { inputArea } = this;
    if (this.rendered && inputArea && !inputArea.renderedInput)
      inputArea.renderInput(this.renderer);
  };
  prototype.render = inRounds(prototype.render, {
    known: ({ _mystWidget: widget }) => widget?.node,
    attach: async ({ _mystWidget: widget, inputArea }) => {
      await widget.renderPromise;
      inputArea.renderInput(widget);
    },
  });
  Object.defineProperty(prototype, "fragmentMDAST", {
    configurable: true,
    get() {
      const root = tree.call(this);
      const { book, path } = found.get(this) ?? {};
      if (root && book && !filled.has(root)) {
        fill(root, book, path);
        filled.add(root);
      }
      return root;
    },
  });
}

// Puts captions under the figures of code cells.
export function caption(factory, { books, rendermime }) {
  const create = factory.createCodeCell;
  factory.createCodeCell = function (options) {
    const cell = create.call(this, options);
    books.of(pathOf(options.rendermime) ?? "").then((book) => {
      if (book && !cell.isDisposed) new Caption(cell, book, rendermime);
    });
    return cell;
  };
}

// The path of the notebook that a renderer works for, without the drive's name.
function pathOf(rendermime) {
  return rendermime?.resolver?.path?.replace(/^\w+:/, "");
}
