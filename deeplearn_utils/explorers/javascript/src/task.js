// What the reader is asked: a prediction before the controls unlock, a target to reach, or both.
import { element } from "./element.js";

export function addTarget(panel, target) {
  if (!target) return { show() {} };
  const state = element("span", { class: "dl-state", role: "status" });
  const label = element("strong", {}, "Target. ");
  const box = element("p", { class: "dl-task" });
  box.append(label, `${target.text} `, state);
  panel.append(box);
  let before = null;
  return {
    // Reaching the target is announced once; leaving it again is shown as well.
    show(reached) {
      if (reached === before) return;
      before = reached;
      box.classList.toggle("dl-reached", reached);
      state.textContent = reached ? `✓ Reached. ${target.explanation}` : "Not reached yet.";
    },
  };
}

export function addQuestion(panel, controls, id, question) {
  if (!question) return;
  controls.lock(true);
  const box = element("div", { class: "dl-task" });
  const form = element("form");
  const fields = element("fieldset");
  fields.append(
    element(
      "legend",
      {},
      element("strong", {}, "Predict first, then the controls open. "),
      question.text,
    ),
  );
  question.options.forEach((option, i) => {
    const input = element("input", {
      type: "radio",
      name: `${id}-prediction`,
      value: i,
      required: "",
    });
    fields.append(element("label", { class: "dl-option" }, input, ` ${option}`));
  });
  const commit = element("button", { type: "submit", class: "dl-button" }, "That is my prediction");
  const answer = element("p", { class: "dl-answer", tabindex: -1 });
  form.append(fields, commit);
  box.append(form, answer);
  panel.insertBefore(box, controls.box);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const prediction = Number(new FormData(form).get(`${id}-prediction`));
    controls.lock(false);
    fields.disabled = true;
    commit.remove();
    invite(answer, question, prediction);
    controls.box.querySelector("input, select").focus();
  });
}

// The prediction stays on view; the answer comes when the reader asks for it.
function invite(answer, question, prediction) {
  const reveal = element("button", { type: "button", class: "dl-button" }, "Show the answer");
  answer.append("The controls are open: find out. ", reveal);
  reveal.addEventListener("click", () => {
    const right = prediction === question.answer;
    const verdict = right ? "✓ As you predicted." : "Not as you predicted.";
    answer.textContent = `${verdict} ${question.explanation}`;
    answer.focus(); // the button that had the focus is gone
  });
}
