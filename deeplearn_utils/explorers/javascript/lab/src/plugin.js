// The extension: numbers, captions, references and a copy to work on, for the notebooks of a book.
import { Books } from "./book.js";
import { Card } from "./card.js";
import { caption, teach } from "./cells.js";
import { keepClean } from "./clean.js";
import { Copies } from "./copies.js";
import { Pictures } from "./pictures.js";
import { Places } from "./places.js";
import style from "./style.css";

const COMMAND = "deeplearn-book:work-on-a-copy";
const LABEL = "Work on a Copy";
const TOLD = "Open your own copy of this chapter, in the folder work";
const NAME = "work-on-a-copy"; // in the toolbar
const LAST = 1000;

export function plugins({ apputils, cells, docmanager, launcher, notebook, rendermime }) {
  const references = {
    id: "deeplearn-book:references",
    description: "Numbers, captions and references across the notebooks of a book.",
    autoStart: true,
    requires: [
      notebook.INotebookTracker,
      notebook.NotebookPanel.IContentFactory,
      rendermime.IRenderMimeRegistry,
      docmanager.IDocumentManager,
    ],
    activate(app, tracker, factory, registry, manager) {
      document.head.append(Object.assign(document.createElement("style"), { textContent: style }));
      const books = new Books(manager.services.contents);
      teach(factory, { model: new cells.MarkdownCellModel(), rendermime: registry, books });
      caption(factory, { books, rendermime: registry });
      const places = new Places(manager, tracker, books, app.shell);
      new Card(places, registry, new Pictures(manager.services.contents));
      tracker.widgetAdded.connect((_, { context }) => {
        keepClean(context.model, books.of(context.localPath).then(Boolean));
      });
    },
  };
  const copies = {
    id: "deeplearn-book:copies",
    description: "A reader's own copy of a chapter.",
    autoStart: true,
    requires: [notebook.INotebookTracker, docmanager.IDocumentManager],
    optional: [launcher.ILauncher, apputils.ICommandPalette],
    activate(app, tracker, manager, start, palette) {
      const books = new Books(manager.services.contents);
      const own = new Copies(manager, books, apputils.Notification);
      app.commands.addCommand(COMMAND, {
        label: LABEL,
        caption: TOLD,
        execute: (args) => work(args, { tracker, books, own, dialog: apputils.InputDialog }),
      });
      palette?.addItem({ command: COMMAND, category: "Notebook Operations" });
      books.of("any").then((book) => {
        if (book) start?.add({ command: COMMAND, category: "The Book", rank: 0 });
      });
      tracker.widgetAdded.connect((_, panel) => {
        own.check(panel);
        addButton(panel, books, app.commands, apputils.CommandToolbarButton);
      });
    },
  };
  return [references, copies];
}

// A button in the toolbar of a chapter; a copy and other notebooks get none.
async function addButton(panel, books, commands, Button) {
  const path = panel.context.localPath;
  const book = await books.of(path);
  if (!book || panel.isDisposed || !isChapter(book, path)) return;
  const button = new Button({ commands, id: COMMAND, label: LABEL, args: { here: true } });
  const { toolbar } = panel; // at its end it would look like a part of the kernel's circle
  toolbar.insertAfter("cellType", NAME, button) || toolbar.insertItem(LAST, NAME, button);
}

function isChapter(book, path) {
  const document = book.documentOf(path);
  return document !== null && path.startsWith(`${book.root}${document}.`) && isCopied(document);
}

function isCopied(document) {
  return document.startsWith("chapters/");
}

// Opens the copy of the chapter that is shown; from elsewhere the reader chooses one.
async function work({ here, cwd = "" }, { tracker, books, own, dialog }) {
  const panel = here && tracker.currentWidget;
  const path = panel ? panel.context.localPath : `${cwd ? `${cwd}/` : ""}any`;
  const book = await books.of(path);
  if (!book) return;
  if (panel) return own.open(book, book.documentOf(path), panel.context.model.toJSON());
  const chapters = Object.entries(book.index.documents).filter(([name]) => isCopied(name));
  const titles = chapters.map(([, { headings, title }]) => {
    const number = headings[`# ${title}`];
    return number ? `${number}. ${title}` : title;
  });
  const { value } = await dialog.getItem({ title: LABEL, label: "Chapter", items: titles });
  if (value) return own.open(book, chapters[titles.indexOf(value)][0]);
}
