// jupyterlab-myst renders the whole notebook again for each cell that it renders: for a chapter of
// 70 cells 70 times. Here the cells of a notebook that wait at the same time are rendered in one round.
const LONGEST = 1000; // milliseconds between two rounds

// Wraps a cell's `render`. Of a cell that isn't as we know it, `render` itself is called.
export function inRounds(render, { known, attach }) {
  const waiting = new WeakMap(); // of notebooks
  return async function () {
    const { parent } = this;
    if (!parent || !known(this)) return render.call(this);
    await this.updateFragmentMDAST();
    if (!waiting.has(parent)) waiting.set(parent, new Rounds(render, attach));
    return waiting.get(parent).add(this);
  };
}

class Rounds {
  constructor(render, attach) {
    this.render = render;
    this.attach = attach;
    this.next = null;
    this.last = Promise.resolve(0); // how long the last round took
  }

  add(cell) {
    if (!this.next) {
      this.next = { cells: new Set(), done: this.last.then(pause).then(() => this.start()) };
      this.last = this.next.done;
    }
    this.next.cells.add(cell);
    return this.next.done;
  }

  // Renders all that wait; while a round takes long, more cells gather for the next.
  async start() {
    const cells = [...this.next.cells].filter((cell) => cell.isAttached && !cell.isDisposed);
    this.next = null;
    const started = performance.now();
    const [first, ...others] = cells;
    try {
      if (first) await this.render.call(first);
      for (const cell of others) await this.attach(cell);
    } catch (error) {
      console.error("A round of cells could not be rendered", error);
    }
    return performance.now() - started;
  }
}

function pause(duration) {
  return new Promise((resolve) => setTimeout(resolve, Math.min(duration, LONGEST)));
}
