// A small book, and trees as jupyterlab-myst makes them.
import { JSDOM } from "jsdom";
import { Book, FORMAT } from "../src/book.js";

globalThis.DOMParser = new JSDOM("").window.DOMParser;

export const INDEX = {
  format: FORMAT,
  names: { equation: "(%s)", exercise: "Exercise %s", figure: "Fig. %s", section: "%s" },
  documents: {
    "chapters/02_deep": {
      file: "chapters/02_deep.ipynb",
      title: "Deep",
      headings: { "# Deep": "2" },
    },
    "chapters/03_steps": {
      file: "chapters/03_steps.ipynb",
      title: "Steps",
      headings: { "# Steps": "3", "## Where it doesn't end": "3.1", "### Steps": "3.1.1" },
    },
    "book/glossary": { file: "book/glossary.md", title: "Glossary", headings: {} },
    "book/bibliography": { file: "book/bibliography.md", title: "Bibliography", headings: {} },
  },
  targets: {
    "fig-ravine": {
      kind: "figure",
      document: "chapters/03_steps",
      number: "3.4",
      html: "A <em>ravine</em>.",
    },
    "sec-deep": { kind: "section", document: "chapters/02_deep", number: "2.1", html: "Deep down" },
    "eq-edge": { kind: "equation", document: "chapters/03_steps", number: "3.2", html: "\\[x\\]" },
    "ex-hand": { kind: "exercise", document: "chapters/03_steps", number: "3.1", html: "By hand" },
  },
  terms: {
    "gradient descent": { document: "book/glossary", id: "term-gradient-descent", html: "Steps." },
  },
  citations: {
    cauchy1847: source("Cauchy", "1847"),
    rumelhart1986: source("Rumelhart et al.", "1986"),
  },
  panels: {},
};

function source(authors, year) {
  return { document: "book/bibliography", id: "id1", authors, year, html: `${authors} ${year}.` };
}

export const book = (root = "") => new Book(root, structuredClone(INDEX));
export const text = (value) => ({ type: "text", value });
export const node = (type, more, ...children) => ({ type, ...more, children });
