// One panel: question or target, controls, pictures, legend, and the line that says what is seen.
import { addControls } from "./controls.js";
import { element, newId } from "./element.js";
import { addLegend } from "./legend.js";
import { addPeer } from "./litert.js";
import { NetworkSource } from "./network.js";
import { Pad } from "./pad.js";
import { pictureOf } from "./picture.js";
import { addQuestion, addTarget } from "./task.js";
import { onTheme, theme } from "./theme.js";

const WIDEST = 460;
const NARROWEST = 300;
const WIDE = 660;
const GAP = 16; // as in the style sheet

// A server may hold an answer back for 40 ms, until the browser sends something (Nagle's algorithm):
// while one answer is on its way the next question has to be allowed out.
const MOST_OPEN = 3;

// Builds the panel inside `host`; returns a function that takes it away.
export function showPanel(host, declaration, source) {
  const id = newId();
  const title = element("p", { class: "dl-title", id: `${id}-title` }, declaration.title);
  const says = element("p", { class: "dl-says", id: `${id}-says`, "aria-live": "polite" });
  const figures = element("div", { class: "dl-figures" });
  const panel = element("div", { class: "dl-panel", role: "group", "aria-labelledby": title.id });
  panel.append(title);
  host.append(panel);

  const target = addTarget(panel, declaration.target);
  const controls = addControls(panel, id, declaration.controls, moved);
  addQuestion(panel, controls, id, declaration.question);
  panel.append(figures, says);

  const trouble = element("p", { class: "dl-trouble", role: "alert" });
  panel.insertBefore(trouble, figures);
  const panes = declaration.panes.map((pane) => addPane(figures, pane, says.id));
  const beside = declaration.panes.filter(({ wide }) => !wide).length;
  const { drawing } = declaration;
  const pad = drawing && new Pad(panes[drawing.pane].canvas, id, picture, ask);
  const frames = drawing ? new NetworkSource(drawing, pad) : source;
  const peer = pad && addPeer(drawing, pad, known);
  let frame = null;
  let open = 0;
  let stale = false;
  let scheduled = 0;
  let available = 0;
  host.dataset.frames = 0;

  // The picture that a control of a panel with a pad has chosen.
  function picture() {
    return drawing.pictures[controls.stops()[drawing.control]];
  }

  // Python's integers for what is on the pad, in LiteRT's rounding; null for a reader's drawing.
  function known() {
    if (!pad.shows(picture())) return null;
    let found;
    const stops = { ...controls.stops(), [drawing.rounding]: drawing.roundings.indexOf("float") };
    source.ask(stops, ({ arrays }) => {
      found = Array.from(arrays.integers.data, Math.round);
    });
    return found;
  }

  // Called after a move with the control's name; without one all controls were put back.
  function moved(name = drawing?.control) {
    if (pad && name === drawing.control) pad.load(picture());
    ask();
  }

  // Moves made while too many questions are open become one more question, with the newest setting.
  function ask() {
    host.dataset.state = "moving";
    if (open >= MOST_OPEN) {
      stale = true;
      return;
    }
    open += 1;
    let waiting = true;
    const settle = () => {
      if (waiting) open -= 1;
      waiting = false;
      if (!stale) return;
      stale = false;
      ask();
    };
    const stops = controls.stops();
    const answered = (answer) => {
      complain("");
      show({ ...answer, stops });
      settle();
    };
    frames.ask(stops, answered, (message) => {
      complain(message);
      settle();
    });
  }

  // What is drawn belongs to other settings then: it is dimmed, and its line of text goes.
  function complain(message) {
    if (trouble.textContent !== message) trouble.textContent = message;
    says.hidden = message !== "";
    figures.classList.toggle("dl-old", message !== "");
    if (message) host.dataset.state = "trouble";
  }

  function show(answer) {
    frame = answer;
    scheduled ||= requestAnimationFrame(draw);
  }

  function draw() {
    scheduled = 0;
    if (!frame || !available) return;
    try {
      drawPanes(theme());
    } catch (error) {
      complain(`This setting could not be drawn. ${error}`);
      return;
    }
    if (says.textContent !== frame.text) says.textContent = frame.text;
    peer?.follow();
    target.show(frame.reached);
    host.dataset.frames = Number(host.dataset.frames) + 1;
    if (!open && !trouble.textContent) host.dataset.state = "still"; // the picture is that of the controls
  }

  function drawPanes(name) {
    for (const [i, { wide }] of declaration.panes.entries()) {
      const width = paneWidth(available, wide ? 0 : beside);
      panes[i].draw(frame, declaration.themes[name], `${name} ${width}`, width);
    }
    pad?.follow(panes[drawing.pane].canvas);
  }

  const redraw = () => frame && show(frame);
  const size = new ResizeObserver(([{ contentRect }]) => {
    available = contentRect.width; // reading it while drawing would force a layout each time
    redraw();
  });
  size.observe(figures);
  const forget = onTheme(redraw);
  frames.whenGone?.(complain);
  ask();
  return () => {
    cancelAnimationFrame(scheduled);
    size.disconnect();
    forget();
    panel.remove();
  };
}

function addPane(figures, pane, saysId) {
  const box = element("div", { class: "dl-pane" });
  const canvas = element("div", {
    class: "dl-canvas",
    role: "img",
    "aria-label": pane.title,
    "aria-describedby": saysId,
  });
  box.append(element("p", { class: "dl-pane-title" }, pane.title), canvas);
  const legend = addLegend(box, pane);
  figures.append(box);
  const picture = pictureOf(pane);
  let drawn = null;
  let dressed = null;
  return {
    canvas,
    // Draws only when something was drawn on the pad, a control moved on which the pane depends, or
    // theme or width changed.
    draw({ arrays, stops, edits = 0 }, colors, look, width) {
      const key = `${look} ${edits} ${pane.depends.map((name) => stops[name]).join()}`;
      if (key === drawn) return;
      const svg = picture(arrays, colors, width);
      if (svg.parentNode !== canvas) canvas.replaceChildren(svg);
      drawn = key;
      if (look === dressed) return;
      dressed = look;
      box.style.width = `${width}px`;
      legend(colors);
    },
  };
}

// Panes stand side by side while each keeps its least width; a wide pane (count 0) stands alone.
function paneWidth(available, count) {
  if (!count) return Math.floor(Math.min(WIDE, available));
  const most = Math.floor((available + GAP) / (NARROWEST + GAP));
  const beside = Math.max(1, Math.min(count, most));
  return Math.floor(Math.min(WIDEST, (available - GAP * (beside - 1)) / beside));
}
