// A new element with attributes and children.
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

// A new element of a picture.
export function svgElement(tag, attributes) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

// An id that no other panel of the document has. JupyterLab evaluates this file once for each panel,
// so the count stands on the window.
export function newId() {
  globalThis.deeplearnExplorerCount = (globalThis.deeplearnExplorerCount ?? 0) + 1;
  return `dl-${globalThis.deeplearnExplorerCount}`;
}
