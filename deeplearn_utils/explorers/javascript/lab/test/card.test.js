import assert from "node:assert/strict";
import { test } from "node:test";
import { JSDOM } from "jsdom";
import { book } from "./shelf.js";

const { window } = new JSDOM("<!doctype html><body></body>", { url: "http://localhost/lab" });
Object.assign(globalThis, { window, document: window.document });
const { Card } = await import("../src/card.js");

const link = (id) => `<a class="book-reference" href="03_steps.ipynb#${id}">${id}</a>`;
const around = { book: book(), panel: null, path: "chapters/03_steps.ipynb" };
const places = { around: async () => around, go: async (_, place) => went.push(place.id) };
const went = [];
const rendermime = { sanitizer: { sanitize: (html) => html } };
const card = new Card(places, rendermime, null);
const later = () => new Promise((resolve) => setTimeout(resolve, 400));

function page() {
  card.close();
  const main = document.createElement("main");
  main.innerHTML = `${link("term-gradient-descent")} ${link("sec-deep")} <p>text</p>`;
  document.body.prepend(main);
  const [term, section] = main.querySelectorAll("a");
  const point = (node) => node.dispatchEvent(new window.Event("pointerover", { bubbles: true }));
  return { term, section, text: main.querySelector("p"), point };
}

test("the focus shows a card, and a pointer on text doesn't take it away", async () => {
  const { term, text, point } = page();
  term.focus();
  point(text);
  await later();
  assert.equal(card.node.hidden, false);
  assert.equal(card.node.textContent, "Steps.");
  assert.equal(term.getAttribute("aria-describedby"), card.node.id);
  term.blur();
  assert.equal(card.node.hidden, true);
  assert.equal(term.hasAttribute("aria-describedby"), false);
});

test("the pointer shows a card, which stays while the pointer is on it", async () => {
  const { section, text, point } = page();
  point(section);
  await later();
  assert.equal(card.node.textContent, "2.1. Deep down");
  point(text);
  point(card.node);
  await later();
  assert.equal(card.node.hidden, false);
  point(text);
  await later();
  assert.equal(card.node.hidden, true);
});

for (const [name, event] of [
  ["a click", new window.MouseEvent("click", { bubbles: true, cancelable: true })],
  ["Enter", new window.KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true })],
]) {
  test(`${name} goes to the place`, async () => {
    const { section } = page();
    section.dispatchEvent(event);
    await later();
    assert.equal(went.pop(), "sec-deep");
    assert.ok(event.defaultPrevented);
  });
}

test("Escape takes the card away", async () => {
  const { term } = page();
  term.focus();
  await later();
  term.dispatchEvent(new window.KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
  assert.equal(card.node.hidden, true);
});
