import assert from "node:assert/strict";
import { test } from "node:test";
import { addControls } from "../src/controls.js";
import { addQuestion, addTarget } from "../src/task.js";
import { page } from "./document.js";

const QUESTION = { text: "Up or down?", options: ["up", "down"], answer: 1, explanation: "Down." };
const SLIDER = { kind: "slider", name: "w", label: "weight", readouts: ["0", "1"], start: 0 };

function asked() {
  const panel = page();
  const controls = addControls(panel, "dl-1", [SLIDER], () => {});
  addQuestion(panel, controls, "dl-1", QUESTION);
  const predict = (option) => {
    panel.querySelectorAll("input[type=radio]")[option].checked = true;
    panel.querySelector("form").dispatchEvent(new Event("submit", { cancelable: true }));
  };
  return { panel, controls, predict };
}

test("the controls open after a prediction, which can't be changed then", () => {
  const { panel, controls, predict } = asked();
  assert.ok(controls.box.disabled);
  predict(0);
  assert.ok(!controls.box.disabled);
  assert.ok(panel.querySelector("form fieldset").disabled);
  assert.equal(document.activeElement.type, "range");
});

for (const [option, verdict] of [
  [0, "Not as you predicted."],
  [1, "✓ As you predicted."],
]) {
  test(`the answer comes when it is asked for: option ${option}`, () => {
    const { panel, predict } = asked();
    predict(option);
    const answer = panel.querySelector(".dl-answer");
    assert.ok(!answer.textContent.includes("Down."));
    answer.querySelector("button").click();
    assert.equal(answer.textContent, `${verdict} Down.`);
    assert.equal(document.activeElement, answer);
  });
}

test("a panel without a question has its controls open", () => {
  const panel = page();
  const controls = addControls(panel, "dl-1", [SLIDER], () => {});
  addQuestion(panel, controls, "dl-1", null);
  assert.ok(!controls.box.disabled);
});

test("the target tells when it is reached and when it is left", () => {
  const panel = page();
  const target = addTarget(panel, { text: "Get there.", explanation: "So it is." });
  const told = [false, true, false].map((reached) => {
    target.show(reached);
    return panel.querySelector("[role=status]").textContent;
  });
  assert.deepEqual(told, ["Not reached yet.", "✓ Reached. So it is.", "Not reached yet."]);
  assert.doesNotThrow(() => addTarget(panel, null).show(true));
});
