// The text of trees and of HTML, written with the quotes of a keyboard, as the index has its names.
const QUOTES = [
  [/[‘’]/g, "'"],
  [/[“”]/g, '"'],
];

export function straight(text) {
  const typed = QUOTES.reduce((done, [curly, quote]) => done.replace(curly, quote), text);
  return typed.split(/\s+/).filter(Boolean).join(" ");
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
