// Keeps a chapter that was only opened unchanged: the kernel tells its name and language again, with
// the version of its Python, and JupyterLab would take that for an edit of the reader's.
const TOLD = new Set(["kernelspec", "language_info"]);

export function keepClean(model, inBook) {
  const set = model.setMetadata;
  let known = null; // whether this is a notebook of a book
  const asked = inBook.then((answer) => {
    known = answer;
  });
  model.setMetadata = function (key, value) {
    if (!TOLD.has(key)) return set.call(this, key, value);
    if (known === null)
      return void asked.then(() => this.isDisposed || this.setMetadata(key, value));
    if (known && this.getMetadata(key)?.name === value?.name) return;
    const { dirty } = this;
    set.call(this, key, value);
    if (known) this.dirty = dirty;
  };
}
