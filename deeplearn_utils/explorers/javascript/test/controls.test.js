import assert from "node:assert/strict";
import { test } from "node:test";
import { addControls } from "../src/controls.js";
import { page } from "./document.js";

const SLIDER = { kind: "slider", name: "w", label: "weight", readouts: ["−1", "0", "1"], start: 1 };
const CHOICE = {
  kind: "choice",
  name: "f",
  label: "function",
  readouts: ["tanh", "ReLU"],
  start: 0,
};

function added() {
  const moves = [];
  const panel = page();
  const controls = addControls(panel, "dl-1", [SLIDER, CHOICE], () => moves.push(controls.stops()));
  return { panel, controls, moves, slider: panel.querySelector("input") };
}

test("a move tells the stops, and the slider reads its value out", () => {
  const { panel, moves, slider } = added();
  slider.value = 2;
  slider.dispatchEvent(new Event("input"));
  assert.deepEqual(moves, [{ w: 2, f: 0 }]);
  assert.equal(slider.getAttribute("aria-valuetext"), "1");
  assert.equal(panel.querySelector("output").textContent, "1");
});

test("a move tells which control moved, and a reset none", () => {
  const told = [];
  const panel = page();
  addControls(panel, "dl-1", [SLIDER, CHOICE], (...names) => told.push(names));
  panel.querySelector("input").dispatchEvent(new Event("input"));
  panel.querySelector("select").dispatchEvent(new Event("change"));
  panel.querySelector("button").click();
  assert.deepEqual(told, [["w"], ["f"], []]);
});

test("each control has a label that names it", () => {
  const { panel } = added();
  const named = [...panel.querySelectorAll("label")].map(({ htmlFor, textContent }) => [
    panel.querySelector(`#${htmlFor}`).tagName,
    textContent,
  ]);
  assert.deepEqual(named, [
    ["INPUT", "weight"],
    ["SELECT", "function"],
  ]);
});

test("reset puts all back in one move", () => {
  const { panel, controls, moves, slider } = added();
  slider.value = 0;
  panel.querySelector("select").value = "1";
  panel.querySelector("button").click();
  assert.deepEqual(moves, [{ w: 1, f: 0 }]);
  controls.lock(true);
  assert.ok(controls.box.disabled);
});

test("keys stay in the panel, but for those with Ctrl", () => {
  const { slider } = added();
  const heard = [];
  document.body.onkeydown = (event) => heard.push(event.key);
  const press = (key, more) => {
    const event = new Event("keydown", { bubbles: true });
    slider.dispatchEvent(Object.assign(event, { key, ...more }));
  };
  press("ArrowLeft");
  press("s", { ctrlKey: true });
  document.body.onkeydown = null;
  assert.deepEqual(heard, ["s"]);
});
