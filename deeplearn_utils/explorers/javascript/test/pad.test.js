import assert from "node:assert/strict";
import { test } from "node:test";
import { Pad } from "../src/pad.js";
import { page } from "./document.js";

const EMPTY = "0".repeat(64);
const PICTURE = `g${"0".repeat(62)}1`;

// A pad of 320 by 320 pixels on the screen, and how often it told a change.
function added() {
  const canvas = document.createElement("div");
  page().append(canvas);
  const told = [];
  const pad = new Pad(
    canvas,
    "dl-1",
    () => PICTURE,
    () => told.push([...pad.pixels]),
  );
  pad.grid.getBoundingClientRect = () => ({ left: 0, top: 0, width: 320, height: 320 });
  pad.grid.setPointerCapture = () => {};
  const point = (type, x, y, more = {}) => {
    const event = new Event(type, { bubbles: true });
    const where = { clientX: x, clientY: y, button: 0, pointerId: 1, ...more };
    pad.grid.dispatchEvent(Object.assign(event, where));
  };
  const press = (...keys) => {
    for (const key of keys) {
      const event = new Event("keydown", { bubbles: true, cancelable: true });
      document.activeElement.dispatchEvent(Object.assign(event, { key }));
    }
  };
  const click = (name) =>
    [...document.querySelectorAll("button")].find((b) => b.textContent === name).click();
  return { pad, told, point, press, click };
}

const stops = (pad) => pad.cells.filter((cell) => cell.tabIndex === 0);
const total = (pad) => pad.pixels.reduce((sum, pixel) => sum + pixel, 0);

test("the pad opens with the picture, and each pixel has a name", () => {
  const { pad, told } = added();
  assert.deepEqual([pad.pixels[0], pad.pixels[63], total(pad)], [16, 1, 17]);
  assert.equal(pad.cells[63].getAttribute("aria-label"), "row 8, column 8: 1 of 16");
  assert.deepEqual(told, []);
  assert.deepEqual(stops(pad), [pad.cells[0]]);
});

test("arrow keys move and stay inside, space darkens, Backspace clears", () => {
  const { pad, told, press } = added();
  pad.cells[0].focus();
  press("ArrowUp", "ArrowLeft", "ArrowDown", "ArrowRight");
  assert.equal(document.activeElement, pad.cells[9]);
  assert.deepEqual(stops(pad), [pad.cells[9]]);
  press(" ", " ");
  assert.equal(pad.pixels[9], 8);
  press(" ", " ", " ");
  assert.equal(pad.pixels[9], 16);
  press("Backspace");
  assert.equal(pad.pixels[9], 0);
  assert.equal(told.length, 6);
  for (let i = 0; i < 9; i++) press("ArrowRight", "ArrowDown");
  assert.equal(document.activeElement, pad.cells[63]);
});

test("other keys are left to the browser", () => {
  const { pad, told } = added();
  const event = Object.assign(new Event("keydown", { cancelable: true }), { key: "Tab" });
  pad.grid.dispatchEvent(event);
  assert.ok(!event.defaultPrevented);
  assert.deepEqual(told, []);
});

test("a stroke inks what the pen covers, however many events tell it", () => {
  const strokes = [1, 8].map((parts) => {
    const { pad, point, click } = added();
    click("Clear");
    point("pointerdown", 40, 160);
    for (let i = 1; i <= parts; i++) point("pointermove", 40 + (240 * i) / parts, 160);
    point("pointerup", 280, 160);
    return [...pad.pixels];
  });
  assert.deepEqual(strokes[0], strokes[1]);
  const row = [0, 1, 2, 3, 4, 5, 6, 7].map((column) => strokes[0][24 + column]);
  assert.deepEqual(row.slice(2, 6), [8, 8, 8, 8]); // half of the pen's width lies in each row
  assert.deepEqual(strokes[0].slice(24, 32), strokes[0].slice(32, 40));
  assert.ok(strokes[0].slice(0, 16).every((pixel) => pixel === 0));
});

test("ink on ink darkens nothing, and without a pressed button nothing is drawn", () => {
  const { pad, point } = added();
  point("pointermove", 100, 100);
  assert.equal(total(pad), 17);
  point("pointerdown", 100, 100, { button: 2 });
  point("pointermove", 200, 100);
  assert.equal(total(pad), 17);
  point("pointerdown", 100, 100);
  const once = total(pad);
  assert.ok(once > 17);
  point("pointermove", 100, 100);
  point("pointerup", 100, 100);
  point("pointermove", 200, 200);
  assert.equal(total(pad), once);
});

test("a pixel that was cleared takes ink again", () => {
  const { pad, point, press, click } = added();
  click("Clear");
  const draw = () => {
    point("pointerdown", 20, 20);
    point("pointerup", 20, 20);
  };
  draw();
  const inked = pad.pixels[0];
  assert.ok(inked > 0);
  pad.cells[0].focus();
  press("Backspace");
  draw();
  assert.equal(pad.pixels[0], inked);
});

test("the buttons clear the pad and load the picture, and tell it once", () => {
  const { pad, told, click } = added();
  const before = pad.edits;
  click("Clear");
  click("Load the test digit");
  assert.deepEqual(
    told.map((pixels) => pixels.join("")),
    [EMPTY, PICTURE.replace("g", "16")],
  );
  assert.equal(pad.edits, before + 2);
});
