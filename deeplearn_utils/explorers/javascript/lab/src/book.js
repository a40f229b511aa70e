// A book: its folder and the index that the site's build has written beside the chapters.
import { straight } from "./text.js";

export const INDEX = "book_index.json";
export const FORMAT = "index of a book, 1";
const FOLDER = "chapters";

export class Book {
  constructor(root, index) {
    this.root = root;
    this.index = index;
    this.order = new Map(Object.keys(index.citations).map((key, place) => [key, place]));
  }

  // The document that a file shows: its own, or for a reader's copy the chapter's.
  documentOf(path) {
    const inside = path.slice(this.root.length).replace(/\.\w+$/, "");
    if (inside in this.index.documents) return inside;
    const chapter = `${FOLDER}/${inside.split("/").at(-1)}`;
    return chapter in this.index.documents ? chapter : null;
  }

  fileOf(document) {
    return this.root + this.index.documents[document].file;
  }

  headingNumber(document, depth, text) {
    return this.index.documents[document]?.headings[`${"#".repeat(depth)} ${straight(text)}`];
  }

  // What a label stands for: {id, kind, document, number, html}, or undefined.
  target(label) {
    const { targets } = this.index;
    return Object.hasOwn(targets, label) ? { id: label, ...targets[label] } : undefined;
  }

  term(name) {
    const key = straight(name).toLowerCase();
    const { terms } = this.index;
    return Object.hasOwn(terms, key) ? { kind: "term", ...terms[key] } : undefined;
  }

  citation(key) {
    const { citations } = this.index;
    if (!Object.hasOwn(citations, key)) return undefined;
    return { kind: "citation", ...citations[key], key, id: `cite-${key}` };
  }

  // What the end of a link's address stands for.
  place(id) {
    if (id.startsWith("cite-")) return this.citation(id.slice(5));
    this.byId ??= new Map(
      Object.values(this.index.terms).map((term) => [term.id, { kind: "term", ...term }]),
    );
    return this.target(id) ?? this.byId.get(id);
  }

  // A target's name as the page prints it: Fig. 3.4, Exercise 3.1, (3.2).
  name({ kind, number }) {
    return this.index.names[kind].replace("%s", number ?? "");
  }

  // The address of a document as seen from a file.
  address(from, { document, id }) {
    const here = from.split("/").slice(0, -1);
    const there = this.fileOf(document).split("/");
    while (here.length && here[0] === there[0]) {
      here.shift();
      there.shift();
    }
    return `${"../".repeat(here.length)}${there.join("/")}#${id}`;
  }
}

// The books of a server: of a file, the book in whose folder it lies.
export class Books {
  constructor(contents) {
    this.contents = contents;
    this.known = new Map();
  }

  // The book of a file, or null. It asks for listings, since asking for what is missing is an error.
  async of(path) {
    const folders = path.split("/").slice(0, -1);
    for (let depth = folders.length; depth >= 0; depth -= 1) {
      const book = await this.in(folders.slice(0, depth).join("/"));
      if (book) return book;
    }
    return null;
  }

  in(folder) {
    if (!this.known.has(folder)) {
      this.known.set(
        folder,
        this.read(folder).catch(() => null),
      );
    }
    return this.known.get(folder);
  }

  async read(folder) {
    const entries = await this.list(folder);
    if (!entries.some(({ name, type }) => name === FOLDER && type === "directory")) return null;
    const chapters = join(folder, FOLDER);
    // `make lab` hides the index from the file browser, and names it among what is hidden
    const { content: shown, hidden = [] } = await this.contents.get(chapters, { content: true });
    if (![...shown.map(({ name }) => name), ...hidden].includes(INDEX)) return null;
    const { content } = await this.contents.get(join(chapters, INDEX), {
      content: true,
      format: "text",
      type: "file",
    });
    const index = JSON.parse(content);
    return index.format === FORMAT ? new Book(folder && `${folder}/`, index) : null;
  }

  async list(folder) {
    return (await this.contents.get(folder, { content: true })).content;
  }
}

function join(folder, name) {
  return folder ? `${folder}/${name}` : name;
}
