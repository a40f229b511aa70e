// The pictures of figures, as the outputs of a notebook have them.
const KINDS = ["image/png", "image/jpeg", "image/svg+xml"];

export class Pictures {
  constructor(contents) {
    this.contents = contents;
    this.read = new Map();
  }

  // A figure's picture, from a notebook or from the file of one; null if it has none.
  async of(source, name) {
    const notebook = typeof source === "string" ? await this.open(source) : source;
    return notebook && pictureIn(notebook, name);
  }

  open(file) {
    if (!this.read.has(file)) {
      const asked = this.contents.get(file, { content: true }).then(({ content }) => content);
      this.read.set(
        file,
        asked.catch(() => null),
      );
    }
    return this.read.get(file);
  }
}

export function pictureIn(notebook, name) {
  const cell = notebook.cells.find(({ metadata }) => metadata.mystnb?.figure?.name === name);
  for (const { data = {} } of cell?.outputs ?? []) {
    const kind = KINDS.find((kind) => kind in data);
    if (kind) return picture(kind, [data[kind]].flat().join(""), cell.metadata.mystnb.image?.alt);
  }
  return null;
}

function picture(kind, data, alt = "") {
  const image = document.createElement("img");
  image.src = kind.endsWith("xml")
    ? `data:${kind},${encodeURIComponent(data)}`
    : `data:${kind};base64,${data.trim()}`;
  image.alt = alt;
  return image;
}
