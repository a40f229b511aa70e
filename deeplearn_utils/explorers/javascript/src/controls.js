// Sliders and choices: native inputs with a label and a value that is read out.
import { element } from "./element.js";

// Adds the controls; `moved` is called after each move with the control's name, after a reset
// without.
export function addControls(panel, id, declarations, moved) {
  const box = element("fieldset", { class: "dl-controls" });
  box.append(element("legend", { class: "dl-hidden" }, "Controls"));
  const controls = declarations.map((declaration) => {
    const add = declaration.kind === "slider" ? addSlider : addChoice;
    return {
      declaration,
      ...add(box, `${id}-${declaration.name}`, declaration, () => moved(declaration.name)),
    };
  });
  const reset = element("button", { type: "button", class: "dl-button" }, "Reset");
  reset.addEventListener("click", () => {
    for (const { set, declaration } of controls) set(declaration.start);
    moved();
  });
  box.append(reset);
  panel.append(box);

  // JupyterLab in command mode takes arrow keys and letters; Ctrl+S and its like may pass.
  panel.addEventListener("keydown", (event) => {
    if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
  });

  return {
    box,
    stops: () =>
      Object.fromEntries(controls.map(({ declaration, get }) => [declaration.name, get()])),
    lock: (locked) => {
      box.disabled = locked;
    },
  };
}

function addSlider(box, id, { label, readouts, start }, moved) {
  const input = element("input", { type: "range", id, min: 0, max: readouts.length - 1, step: 1 });
  const output = element("output", { for: id, "aria-live": "off" }); // the slider itself is read out
  const show = () => {
    const readout = readouts[input.valueAsNumber];
    output.textContent = readout;
    input.setAttribute("aria-valuetext", readout);
  };
  const set = (stop) => {
    input.value = stop;
    show();
  };
  input.addEventListener("input", () => {
    show();
    moved();
  });
  set(start);
  const row = element("div", { class: "dl-control" });
  row.append(element("label", { for: id }, label), output, input);
  box.append(row);
  return { set, get: () => input.valueAsNumber };
}

function addChoice(box, id, { label, readouts, start }, moved) {
  const select = element("select", { id });
  select.append(...readouts.map((readout, stop) => element("option", { value: stop }, readout)));
  const set = (stop) => {
    select.value = stop;
  };
  select.addEventListener("change", () => moved());
  set(start);
  const row = element("div", { class: "dl-control" });
  row.append(element("label", { for: id }, label), select);
  box.append(row);
  return { set, get: () => Number(select.value) };
}
