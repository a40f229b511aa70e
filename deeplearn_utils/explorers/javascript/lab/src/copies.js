// "Work on a copy": a chapter with its outputs in the reader's own folder, and kept up to date.
import { merge, remember } from "./merge.js";

export const WORK = "work";
const COPY = "book_copy"; // in the notebook's metadata

export class Copies {
  constructor(manager, books, notify) {
    this.manager = manager;
    this.contents = manager.services.contents;
    this.books = books;
    this.notify = notify;
  }

  // Opens the reader's copy of a chapter; makes it where there is none. What the reader has already
  // written into the chapter, `shown`, goes along.
  async open(book, document, shown = null) {
    const file = book.fileOf(document);
    const name = file.split("/").at(-1);
    const path = `${book.root}${WORK}/${name}`;
    if (!(await this.exists(book, name))) {
      const chapter = await this.contents.get(file, { content: true });
      const content = shown ?? chapter.content;
      const { jupytext, sync, ...metadata } = content.metadata;
      metadata[COPY] = memory(document, chapter);
      await this.contents.save(`${book.root}${WORK}`, { type: "directory" });
      const copy = { ...content, metadata };
      await this.contents.save(path, { type: "notebook", format: "json", content: copy });
    }
    return this.manager.openOrReveal(path);
  }

  async exists(book, name) {
    const folders = await this.books.list(book.root.replace(/\/$/, ""));
    if (!folders.some((entry) => entry.name === WORK)) return false;
    const files = await this.books.list(`${book.root}${WORK}`);
    return files.some((entry) => entry.name === name);
  }

  // Marks an opened copy in its tab, and offers to bring it up to date when its chapter has changed.
  async check({ context, title }) {
    await context.ready;
    const made = context.model.getMetadata(COPY);
    const book = made && (await this.books.of(context.localPath));
    if (!book || !(made.of in book.index.documents)) return;
    title.className += " book-copy"; // the label is the file's name, which the chapter has as well
    const file = book.fileOf(made.of);
    const { last_modified: changed } = await this.contents.get(file, { content: false });
    if (changed === made.changed) return;
    const chapter = await this.contents.get(file, { content: true });
    const now = memory(made.of, chapter);
    if (JSON.stringify(now.cells) === JSON.stringify(made.cells)) return;
    this.notify.info("This chapter has changed since you copied it.", {
      autoClose: false,
      actions: [
        {
          label: "Bring my copy up to date",
          caption: "The chapter's cells as they are now. All that you wrote stays.",
          displayType: "accent",
          callback: () => renew(context, chapter.content, made, now),
        },
      ],
    });
  }
}

function memory(document, { content, last_modified: changed }) {
  return { of: document, changed, cells: remember(content.cells) };
}

function renew(context, chapter, made, now) {
  const copy = context.model.toJSON();
  const cells = merge(copy.cells, chapter.cells, made.cells);
  context.model.fromJSON({ ...copy, cells, metadata: { ...copy.metadata, [COPY]: now } });
  return context.save();
}
