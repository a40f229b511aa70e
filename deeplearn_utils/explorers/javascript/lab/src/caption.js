// Number and caption under a code cell's figure, and the alt texts of its pictures.
const OUTPUT = ".jp-Cell-outputWrapper";
const PANEL = "application/vnd.deeplearn.panel+json";

export class Caption {
  constructor(cell, book, rendermime) {
    this.cell = cell;
    this.book = book;
    this.rendermime = rendermime;
    this.node = document.createElement("div");
    this.node.className = "book-caption";
    this.shown = null;
    this.watcher = new MutationObserver(() => this.update());
    this.follow = () => this.update();
    cell.ready.then(() => this.open());
  }

  open() {
    const { cell } = this;
    if (cell.isDisposed) return;
    cell.outputArea.node.closest(OUTPUT).after(this.node);
    cell.model.metadataChanged.connect(this.follow);
    this.watcher.observe(cell.outputArea.node, { childList: true, subtree: true });
    cell.disposed.connect(() => {
      this.watcher.disconnect();
      cell.model?.metadataChanged.disconnect(this.follow);
    });
    this.update();
  }

  update() {
    const { figure, image } = this.cell.model.getMetadata("mystnb") ?? {};
    const target = figure?.name && this.book.target(figure.name);
    const drawn = this.cell.outputArea.node.querySelector("img, svg, canvas");
    this.node.hidden = !target || !drawn || this.cell.outputHidden;
    if (target && this.shown !== target.id) this.write(target);
    for (const picture of this.cell.outputArea.node.querySelectorAll("img")) {
      const alt = image?.alt ?? this.panelSummary();
      if (alt && picture.alt !== alt) picture.alt = alt;
    }
  }

  write(target) {
    this.shown = target.id;
    this.node.innerHTML = this.rendermime.sanitizer.sanitize(target.html ?? "");
    const number = document.createElement("span");
    number.className = "book-number";
    number.textContent = this.book.name(target);
    this.node.prepend(number, " ");
    this.rendermime.latexTypesetter?.typeset(this.node);
  }

  // What the first picture of a slider panel shows.
  panelSummary() {
    const { outputs } = this.cell.model;
    for (let place = 0; place < outputs.length; place += 1) {
      const panel = Object.entries(outputs.get(place).data).find(([mime]) => mime === PANEL)?.[1];
      if (panel) return this.book.index.panels[panel.name];
    }
    return undefined;
  }
}
