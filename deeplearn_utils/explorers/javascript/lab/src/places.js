// Where a reference leads: the cell of a notebook that holds its target, and the element in it.
import { slug } from "./text.js";

const STILL = 20; // frames without a move after which a place has found its height
const LONGEST = 600; // frames

export class Places {
  constructor(manager, tracker, books, shell) {
    this.manager = manager;
    this.tracker = tracker;
    this.books = books;
    this.shell = shell;
  }

  // The notebook that shows an element, with its book: {panel, book, path}, or null.
  async around(element) {
    const panel = this.tracker.find(({ node }) => node.contains(element));
    if (!panel) return null;
    const path = panel.context.localPath;
    const book = await this.books.of(path);
    return book && { panel, book, path };
  }

  // Goes to a place of the book, in this notebook or in another one, which is opened.
  async go({ panel, book, path }, place) {
    const same = book.documentOf(path) === place.document;
    const there = same ? panel : this.open(book.fileOf(place.document));
    if (!there?.context) return;
    await there.context.ready;
    this.shell.activateById(there.id);
    await there.revealed;
    await show(there.content, place);
  }

  open(file) {
    const text = file.replace(/\.ipynb$/, ".md");
    return this.manager.findWidget(text, null) ?? this.manager.openOrReveal(file);
  }
}

// The number of the cell that holds a target, or -1.
export function cellOf(cells, { id, kind }) {
  return cells.findIndex((cell) =>
    cell.type === "markdown"
      ? holds(cell.sharedModel.getSource(), id, kind)
      : cell.getMetadata("mystnb")?.figure?.name === id,
  );
}

function holds(source, id, kind) {
  if (kind === "term") return source.includes("{glossary}");
  if (kind === "citation") return source.includes("{bibliography}");
  const label = id.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const marks = [`^\\(${label}\\)=`, `\\$\\$ *\\(${label}\\)`, `^:(?:label|name): *${label}\\s*$`];
  return new RegExp(marks.join("|"), "m").test(source);
}

async function show(notebook, place) {
  const number = cellOf([...notebook.model.cells], place);
  if (number < 0) return;
  notebook.activeCellIndex = number;
  notebook.deselectAll();
  await notebook.scrollToItem(number, "start");
  const cell = notebook.widgets[number];
  await cell.ready;
  mark(await settle(() => elementIn(cell, place.id)));
}

// A figure is a picture that its cell puts out; all else has an id, as MyST writes it.
function elementIn(cell, id) {
  if (cell.outputArea) {
    const picture = cell.outputArea.node.querySelector("img, svg, canvas");
    return picture?.closest(".jp-OutputArea-child") ?? cell.outputArea.node;
  }
  const wanted = [id, slug(id)].map((name) => `[id="${CSS.escape(name)}"]`).join(", ");
  return cell.node.querySelector(wanted) ?? cell.node;
}

// Keeps a place at the top while what stands above it still grows; gives the element there.
function settle(find) {
  return new Promise((resolve) => {
    let still = 0;
    let frames = 0;
    const look = () => {
      const element = find();
      const before = element.getBoundingClientRect().top;
      element.scrollIntoView({ block: "start" });
      still = Math.abs(element.getBoundingClientRect().top - before) < 1 ? still + 1 : 0;
      frames += 1;
      if (still >= STILL || frames >= LONGEST) resolve(element);
      else requestAnimationFrame(look);
    };
    look();
  });
}

// Shows where the reader has come to, and reads on from there.
function mark(element) {
  element.classList.remove("book-arrived");
  void element.offsetWidth; // starts the animation anew
  element.classList.add("book-arrived");
  if (!element.hasAttribute("tabindex")) element.setAttribute("tabindex", "-1");
  element.focus({ preventScroll: true });
}
