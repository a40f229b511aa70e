// A pane as declared in Python (marks.py), drawn by Observable Plot: whole when its frame changes,
// and otherwise only the marks whose arrays changed.
import { axisX, axisY, frame, gridX, gridY, plot } from "@observablehq/plot";
import { axis } from "./axes.js";
import { newId, svgElement } from "./element.js";
import { CHANNELS, MARKS } from "./marks.js";

const MARGINS = { marginTop: 10, marginRight: 14, marginBottom: 42, marginLeft: 60 };
const NARROW_MARGINS = { marginTop: 10, marginRight: 4, marginBottom: 10, marginLeft: 4 };
const GRID = { strokeOpacity: 0.12 };

// Returns a function that draws the pane and gives its SVG, the same one while the frame stays.
export function pictureOf(pane) {
  let view = null;
  let drawn = [];
  let svg = null;
  let layers = [];
  return (arrays, colors, width) => {
    const read = (channel) => (typeof channel === "string" ? arrays[channel] : channel);
    const now = viewOf(pane, read, colors, width);
    const data = pane.marks.map((mark) => CHANNELS.map((name) => read(mark[name])));
    if (view && sameView(view, now)) {
      const changed = pane.marks.filter((_, i) => !data[i].every((d, c) => same(d, drawn[i][c])));
      if (changed.length) redraw(changed, now, read, layers, pane.marks);
    } else {
      layers = pane.marks.map(({ kind }) => svgElement("g", { "data-mark": kind }));
      svg = drawWhole(pane, now, read, layers);
    }
    view = now;
    drawn = data;
    return svg;
  };
}

function viewOf(pane, read, colors, width) {
  const margins = pane.axes ? MARGINS : NARROW_MARGINS;
  const { marginTop, marginRight, marginBottom, marginLeft } = margins;
  const inner = width - marginLeft - marginRight;
  const height = Math.round(inner * pane.aspect + marginTop + marginBottom);
  const box = { width: inner, height: height - marginTop - marginBottom };
  const x = axis(pane.x, read, "x", pane.axes);
  const y = axis(pane.y, read, "y", pane.axes);
  return { size: { ...margins, width, height }, box, colors, x, y };
}

function sameView(one, other) {
  const limits = ({ x, y }) => [...x.domain, ...y.domain];
  const moved = limits(one).some((limit, i) => limit !== limits(other)[i]);
  return !moved && one.size.width === other.size.width && one.colors === other.colors;
}

// Compares two channels: a number, nothing, or an array with its shape.
export function same(one, other) {
  if (!one?.data || !other?.data) return Object.is(one, other);
  const [a, b] = [one.data, other.data];
  if (a === b) return true;
  if (one.shape.join() !== other.shape.join()) return false;
  return a.every((value, i) => Object.is(value, b[i]));
}

function drawWhole(pane, view, read, layers) {
  const { size, x, y, box } = view;
  const grid = [gridX({ ticks: x.ticks, ...GRID }), gridY({ ticks: y.ticks, ...GRID })];
  const style = { background: "transparent", fontSize: "12px", overflow: "visible" };
  const marks = plotMarks(pane.marks, view, read, layers);
  // Plot would ask its logarithmic scale which of the given texts to leave out.
  const named = { x: x.text && axisX(x.ticks, x), y: y.text && axisY(y.ticks, y) };
  const around = pane.axes
    ? [grid, ...Object.values(named), marks, frame({ strokeOpacity: 0.4 })]
    : marks;
  const scales = { x: named.x ? { ...x, axis: null } : x, y: named.y ? { ...y, axis: null } : y };
  const svg = plot({ ...size, ...scales, style, marks: around });
  const border = svg.querySelector("[aria-label=frame]");
  for (const layer of layers) svg.insertBefore(layer, border);
  nameless(svg);
  clip(svg, layers, { x: size.marginLeft, y: size.marginTop, ...box });
  return svg;
}

// The canvas is one image with one name; the names of its parts would only confuse.
function nameless(drawing) {
  for (const part of drawing.querySelectorAll("[aria-label]")) {
    part.dataset.part = part.getAttribute("aria-label");
    part.removeAttribute("aria-label");
  }
}

// Draws some marks without axes, and puts each into its layer of the picture that is there.
function redraw(changed, view, read, layers, all) {
  const theirs = changed.map((mark) => layers[all.indexOf(mark)]);
  const [x, y] = [view.x, view.y].map(({ domain, type }) => ({ domain, type, axis: null }));
  plot({ ...view.size, x, y, marks: plotMarks(changed, view, read, theirs) });
  for (const layer of theirs) nameless(layer);
}

// Marks for Plot, each drawn into its layer. Plot leaves a mark out that has nothing to draw: its
// layer stays empty.
function plotMarks(marks, view, read, layers) {
  return marks.map((mark, i) => {
    layers[i].replaceChildren();
    return plotMark(mark, view, read, (node) => {
      layers[i].append(node);
      return null;
    });
  });
}

// A declared mark as one of Plot; `place` gets what is drawn, and Plot puts nothing in its place.
function plotMark(mark, { colors, x, y, box }, read, place) {
  const context = { read, colors, x: x.domain, y: y.domain, box };
  const [make, data, options] = MARKS[mark.kind](mark, context);
  const render = (index, scales, values, dimensions, setting, next) =>
    place(next(index, scales, values, dimensions, setting));
  return make(data, { ...options, render });
}

// Clips the layers at the frame. JupyterLab loads this file once for each panel: ids must not meet.
function clip(svg, layers, box) {
  const path = svgElement("clipPath", { id: `clip-${newId()}` });
  path.append(svgElement("rect", box));
  svg.prepend(path);
  for (const layer of layers) layer.setAttribute("clip-path", `url(#${path.id})`);
}
