// Fills what jupyterlab-myst leaves open in a cell's syntax tree, before it numbers and resolves:
// numbers of headings, equations and exercises, and references to what other cells, outputs and
// notebooks hold. A resolved reference is a link with the text that the page has.
import { straight, textOf, textOfHtml, typeset } from "./text.js";

export const REFERENCE = "book-reference";
const ET_AL = "et al.";
const FILLED = new Set([
  "bibliography",
  "cite",
  "citeGroup",
  "crossReference",
  "exercise",
  "heading",
  "math",
  "mathGroup",
  "text",
]);

// Changes the tree in place. `path` is the notebook's file, from which links lead.
export function fill(tree, book, path) {
  new Filler(book, path).visit(tree, null);
}

class Filler {
  constructor(book, path) {
    this.book = book;
    this.path = path;
    this.document = book.documentOf(path);
  }

  visit(node, parent) {
    if (FILLED.has(node.type)) this[node.type](node, parent);
    for (const child of node.children ?? []) this.visit(child, node);
  }

  heading(node) {
    const number = this.book.headingNumber(this.document, node.depth, textOf(node));
    if (!number) return;
    // jupyterlab-myst takes the first title out of its cell, as text
    if (node.depth === 1) node.children.unshift(text(`${number}. `));
    else node.enumerator = `${number}.`;
  }

  math(node) {
    const target = node.label && this.book.target(node.label);
    if (target?.number) node.enumerator = target.number;
    else if (this.document) node.enumerated = false; // the page numbers equations with a label
  }

  mathGroup(node) {
    this.math(node);
  }

  exercise(node) {
    const target = node.label && this.book.target(node.label);
    if (target?.number) node.enumerator = target.number;
  }

  crossReference(node, parent) {
    const found = node.identifier?.startsWith("term-")
      ? this.book.term(node.label ?? textOf(node))
      : (this.book.target(node.label) ?? this.book.target(node.identifier));
    if (!found) return;
    const given = node.children?.length ? node.children.map(printed) : null;
    this.link(node, found, given ?? [text(this.shown(node, found, parent))]);
  }

  // The text of a reference that gives none.
  shown(node, found, parent) {
    const words = textOfHtml(found.html ?? "");
    if (node.kind === "ref" && found.kind !== "exercise") return words;
    const name = this.book.name(found);
    const solution = parent?.type === "admonitionTitle";
    return solution && words ? `${name} (${straight(words)})` : name; // as sphinx-exercise has it
  }

  citeGroup(node) {
    const sources = node.children.map((cite) => this.book.citation(cite.label));
    if (!sources.every(Boolean)) return;
    const { order } = this.book;
    sources.sort((one, other) => order.get(one.key) - order.get(other.key));
    const cited = sources.map((source) => {
      const link = this.link({}, source, [text(source.year)]);
      if (node.kind !== "parenthetical")
        return [...names(source.authors), text(" ["), link, text("]")];
      link.children = [...names(source.authors), text(`, ${source.year}`)];
      return [link];
    });
    const listed = cited.flatMap((parts, place) => (place ? [text(", "), ...parts] : parts));
    const all = node.kind === "parenthetical" ? [text("["), ...listed, text("]")] : listed;
    become(node, { type: "span", class: "book-citation", children: all });
  }

  cite(node) {
    const group = { kind: node.kind, children: [{ ...node }] };
    this.citeGroup(group);
    if (group.type) become(node, group);
  }

  // The list of all sources, which jupyterlab-myst doesn't make.
  bibliography(node) {
    const entries = Object.keys(this.book.index.citations).map((key) => {
      const { id, html } = this.book.citation(key);
      return {
        type: "div",
        html_id: id,
        class: "book-source",
        children: [{ type: "html", value: html }],
      };
    });
    become(node, { type: "div", children: entries });
  }

  // The Chinese words of the glossary, `[word]{.language-zh}`.
  text(node, parent) {
    const parts = node.value.split(/\[([^\]]+)\]\{\.language-(?:\w+)\}/);
    if (parts.length === 1 || !parent) return;
    const children = parts.map((part, place) =>
      place % 2 ? { type: "span", class: "language-zh", children: [text(part)] } : text(part),
    );
    become(node, { type: "span", children });
  }

  link(node, found, children) {
    const url = this.book.address(this.path, found);
    return become(node, { type: "link", url, class: REFERENCE, children });
  }
}

function become(node, other) {
  for (const key of Object.keys(node)) if (key !== "position") delete node[key];
  return Object.assign(node, other);
}

function text(value) {
  return { type: "text", value };
}

// A reference's own text as the page prints it: jupyterlab-myst leaves the text of a role as typed.
function printed(node) {
  return node.type === "text" ? { ...node, value: typeset(node.value) } : node;
}

// Authors as the page prints them, with "et al." in italics.
function names(authors) {
  if (!authors.endsWith(ET_AL)) return [text(authors)];
  const emphasis = { type: "emphasis", children: [text(ET_AL)] };
  return [text(authors.slice(0, -ET_AL.length)), emphasis];
}
