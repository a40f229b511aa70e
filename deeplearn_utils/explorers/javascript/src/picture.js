// A pane as declared in Python (marks.py), drawn by Observable Plot.
import {
  arrow, areaY, dot, frame, gridX, gridY, line, plot, raster, rect, ruleX, ruleY, text,
} from "@observablehq/plot";
import { contours } from "d3-contour";
import { newId } from "./element.js";

const MARGINS = { marginTop: 10, marginRight: 14, marginBottom: 42, marginLeft: 60 };
const NARROW_MARGINS = { marginTop: 10, marginRight: 4, marginBottom: 10, marginLeft: 4 };
const GRID = { strokeOpacity: 0.12 };
const RAISED = Object.fromEntries(Array.from("-0123456789", (sign, i) => [sign, "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"[i]]));
const SYMBOLS = { circle: "circle", square: "square", triangle: "triangle", cross: "times" };

export function drawPane(pane, arrays, colors, width) {
  const margins = pane.axes ? MARGINS : NARROW_MARGINS;
  const { marginTop, marginRight, marginBottom, marginLeft } = margins;
  const height = Math.round(
    (width - marginLeft - marginRight) * pane.aspect + marginTop + marginBottom,
  );
  const read = (channel) => (typeof channel === "string" ? arrays[channel] : channel);
  const x = axis(pane.x, read, "x", pane.axes);
  const y = axis(pane.y, read, "y", pane.axes);
  const context = { read, colors, x: x.domain, y: y.domain };
  const svg = plot({
    ...margins, width, height, x, y,
    color: colorScale(pane, colors),
    style: { background: "transparent", fontSize: "12px", overflow: "visible" },
    marks: [
      ...(pane.axes ? [gridX({ ticks: x.ticks, ...GRID }), gridY({ ticks: y.ticks, ...GRID })] : []),
      ...pane.marks.flatMap((mark) => MARKS[mark.kind](mark, context)),
      ...(pane.axes ? [frame({ strokeOpacity: 0.4 })] : []),
    ],
  });
  // The canvas around it is one image with one name; the names of its parts would only confuse.
  for (const part of svg.querySelectorAll("[aria-label]")) part.removeAttribute("aria-label");
  renameClips(svg);
  return svg;
}

// Plot counts its clip paths, and JupyterLab loads Plot once for each panel: the names would meet.
function renameClips(svg) {
  for (const clip of svg.querySelectorAll("clipPath[id]")) {
    const parts = svg.querySelectorAll(`[clip-path="url(#${clip.id})"]`);
    clip.id = `plot-clip-${newId()}`;
    for (const part of parts) part.setAttribute("clip-path", `url(#${clip.id})`);
  }
}

function axis({ label, domain, scale, ticks }, read, name, shown) {
  const limits = typeof domain === "string" ? Array.from(read(domain).data) : domain;
  if (!shown) return { domain: limits, type: scale, axis: null };
  const places = ticks
    ? { ticks: ticks.map(([place]) => place), tickFormat: (place, i) => ticks[i][1] }
    : scale === "log" ? decades(limits, name === "x" ? 6 : 8) : { ticks: 6 };
  return {
    label, domain: limits, type: scale, labelAnchor: "center", labelArrow: "none",
    labelOffset: name === "x" ? 36 : 53, ...places,
  };
}

// Logarithmic axes have their ticks at powers of ten: at each, or at every second, third, ...
function decades(limits, most) {
  const [first, last] = [Math.ceil, Math.floor].map((round, i) => round(Math.log10(limits[i])));
  const stride = Math.ceil((last - first + 1) / most);
  const powers = [];
  for (let power = first; power <= last; power++) if (power % stride === 0) powers.push(power);
  return { ticks: powers.map((power) => 10 ** power), tickFormat: powerOfTen };
}

function powerOfTen(value) {
  const power = Math.round(Math.log10(value));
  if (Math.abs(power) < 3) return String(Number(value.toPrecision(1)));
  return `10${Array.from(String(power), (sign) => RAISED[sign]).join("")}`;
}

function colorScale({ marks }, colors) {
  const mark = marks.find(({ kind }) => kind === "raster");
  if (!mark) return undefined;
  const [low, high] = mark.domain;
  const range = mark.colors.map((color) => colors[color]);
  const domain = range.map((_, i) => low + (i * (high - low)) / (range.length - 1));
  return { type: "linear", domain, range, interpolate: "rgb", clamp: true };
}

// A channel as a typed array; a number is repeated `length` times.
function values(read, channel, length) {
  const array = read(channel);
  return typeof array === "number" ? new Float64Array(length).fill(array) : array.data;
}

// The channels of a mark as arrays of one length.
function columns(mark, read, names) {
  const lengths = names.map((name) => read(mark[name])?.data?.length ?? 1);
  const length = Math.max(...lengths);
  return { length, ...Object.fromEntries(names.map((n) => [n, values(read, mark[n], length)])) };
}

// Rows of a matrix one after another, NaN between them: one path draws them all.
function rows(mark, read) {
  const { shape } = read(mark.y);
  const columnsPerRow = shape.at(-1) ?? 1;
  const y = values(read, mark.y, 1);
  const x = values(read, mark.x, columnsPerRow);
  const count = y.length / columnsPerRow;
  const length = count * (columnsPerRow + 1);
  const out = { length, x: new Float64Array(length).fill(NaN), y: new Float64Array(length).fill(NaN) };
  for (let row = 0; row < count; row++) {
    for (let i = 0; i < columnsPerRow; i++) {
      const place = row * (columnsPerRow + 1) + i;
      out.x[place] = x.length === y.length ? x[row * columnsPerRow + i] : x[i];
      out.y[place] = y[row * columnsPerRow + i];
    }
  }
  return out;
}

// The level lines of a matrix of values at cell centers, NaN between them. d3-contour closes each
// line along the border; those closing points lie outside the centers and are left out.
function levelLines({ data, shape: [height, width] }, levels, [x1, x2], [y1, y2]) {
  const xs = [];
  const ys = [];
  const find = contours().size([width, height]);
  for (const level of levels) {
    for (const ring of find.contour(data, level).coordinates.flat()) {
      for (const [column, row] of ring) {
        const inside = column >= 0.5 && column <= width - 0.5 && row >= 0.5 && row <= height - 0.5;
        xs.push(inside ? x1 + (column / width) * (x2 - x1) : NaN);
        ys.push(inside ? y1 + (row / height) * (y2 - y1) : NaN);
      }
      xs.push(NaN);
      ys.push(NaN);
    }
  }
  return { xs, ys };
}

function stroke({ color, opacity, width, dashed }, colors) {
  return {
    stroke: colors[color], strokeOpacity: opacity, strokeWidth: width,
    strokeDasharray: dashed ? "6 4" : undefined, clip: true,
  };
}

function fill({ color, opacity }, colors) {
  return { fill: colors[color], fillOpacity: opacity, clip: true };
}

function letters({ size, ...mark }, colors) {
  return { fontSize: size, ...fill(mark, colors) };
}

// As Python's format(number, f"z.{digits}f") writes it, with a true minus sign.
function fixed(number, digits) {
  if (Number.isNaN(number)) return "";
  const text = number.toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "\u2212");
}

const MARKS = {
  line(mark, { read, colors }) {
    const { length, x, y } = rows(mark, read);
    return [line({ length }, { x, y, ...stroke(mark, colors) })];
  },

  dots(mark, { read, colors }) {
    const { length, x, y } = columns(mark, read, ["x", "y"]);
    const where = mark.where === null ? null : read(mark.where).data;
    const filter = where ? Array.from(where, (flag) => flag > 0.5) : undefined;
    const color = colors[mark.color];
    const outlined = mark.hollow || mark.symbol === "cross";
    const style = outlined
      ? { stroke: color, strokeWidth: 2, strokeOpacity: mark.opacity, fill: "none" }
      : { fill: color, fillOpacity: mark.opacity, stroke: colors.ink, strokeWidth: 0.8 };
    const symbol = SYMBOLS[mark.symbol];
    return [dot({ length }, { x, y, filter, r: mark.size, symbol, ...style, clip: true })];
  },

  area(mark, { read, colors }) {
    const { length, x, low, high } = columns(mark, read, ["x", "low", "high"]);
    return [areaY({ length }, { x, y1: low, y2: high, ...fill(mark, colors) })];
  },

  band(mark, { read, colors, x, y }) {
    const { length, low, high } = columns(mark, read, ["low", "high"]);
    const along = mark.axis === "x"
      ? { x1: low, x2: high, y1: y[0], y2: y[1] }
      : { x1: x[0], x2: x[1], y1: low, y2: high };
    return [rect({ length }, { ...along, ...fill(mark, colors) })];
  },

  polygon(mark, { read, colors }) {
    const { length, x, y } = rows(mark, read);
    return [line({ length }, { x, y, curve: "linear-closed", stroke: "none", ...fill(mark, colors) })];
  },

  rule(mark, { read, colors }) {
    const { at } = columns(mark, read, ["at"]);
    return [(mark.axis === "x" ? ruleX : ruleY)(at, stroke(mark, colors))];
  },

  bars(mark, { read, colors }) {
    const { length, left, right, height } = columns(mark, read, ["left", "right", "height"]);
    const bar = { x1: left, x2: right, y1: mark.base, y2: height, insetLeft: 0.5, insetRight: 0.5 };
    return [rect({ length }, { ...bar, ...fill(mark, colors) })];
  },

  arrow(mark, { read, colors }) {
    const ends = columns(mark, read, ["x", "y", "x_end", "y_end"]);
    const place = { x1: ends.x, y1: ends.y, x2: ends.x_end, y2: ends.y_end };
    return [arrow({ length: ends.length }, { ...place, ...stroke(mark, colors), headLength: 6 })];
  },

  raster(mark, { read, x, y }) {
    const { data, shape: [height, width] } = read(mark.values);
    const box = { x1: x[0], x2: x[1], y1: y[0], y2: y[1], width, height };
    return [raster(data, { ...box, fill: data, fillOpacity: mark.opacity, imageRendering: "auto" })];
  },

  contours(mark, { read, colors, x, y }) {
    const { xs, ys } = levelLines(read(mark.values), mark.levels, x, y);
    return [line({ length: xs.length }, { x: xs, y: ys, ...stroke(mark, colors) })];
  },

  text(mark, { read, colors }) {
    const { length, x, y } = columns(mark, read, ["x", "y"]);
    return [text({ length }, {
      x, y, text: () => mark.text, textAnchor: mark.anchor, ...letters(mark, colors),
    })];
  },

  number(mark, { read, colors }) {
    const { length, x, y, value } = columns(mark, read, ["x", "y", "value"]);
    const written = Array.from(value, (number) => fixed(number, mark.digits));
    return [text({ length }, {
      x, y, text: written, textAnchor: mark.anchor, ...letters(mark, colors),
    })];
  },
};
