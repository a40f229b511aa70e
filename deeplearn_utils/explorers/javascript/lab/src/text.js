// The text of trees and of HTML, written with the quotes of a keyboard, as the index has its names.
const QUOTES = [
  [/[‘’]/g, "'"],
  [/[“”]/g, '"'],
];

export function straight(text) {
  const typed = QUOTES.reduce((done, [curly, quote]) => done.replace(curly, quote), text);
  return typed.split(/\s+/).filter(Boolean).join(" ");
}

// What is typed on a keyboard, and what a page prints for it.
const BEFORE = "(^|[\\s([{/\u2013\u2014\u2018\u201c-])"; // stands before an opening quote
const PRINTED = [
  [/---/g, "—"],
  [/--/g, "–"],
  [/\.\.\./g, "…"],
  [new RegExp(`${BEFORE}"(?=\\S)`, "g"), "$1“"],
  [/"/g, "”"],
  [new RegExp(`${BEFORE}'(?=\\S)`, "g"), "$1‘"],
  [/'/g, "’"],
];

export function typeset(text) {
  return PRINTED.reduce((done, [typed, printed]) => done.replace(typed, printed), text);
}

// The text of a syntax tree.
export function textOf(node) {
  if (typeof node.value === "string") return node.value;
  return (node.children ?? []).map(textOf).join("");
}

// The text of a line of HTML.
export function textOfHtml(html) {
  return new DOMParser().parseFromString(html, "text/html").body.textContent;
}

// The id that MyST makes of a label.
export function slug(label) {
  return label
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}
