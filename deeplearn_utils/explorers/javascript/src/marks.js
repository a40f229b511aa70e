// Each kind of mark of marks.py as [Plot's mark, its data, its options].
import { areaY, arrow, dot, image, line, rect, ruleX, ruleY, text } from "@observablehq/plot";
import { contours } from "d3-contour";

// The fields of a mark that may name an array.
export const CHANNELS = [
  ...["x", "y", "where", "low", "high", "at", "left", "right", "height"],
  ...["x_end", "y_end", "value", "values"],
];
const SYMBOLS = { circle: "circle", square: "square", triangle: "triangle", cross: "times" };

export const MARKS = {
  line(mark, { read, colors }) {
    const { length, x, y } = rows(mark, read);
    return [line, { length }, { x, y, ...stroke(mark, colors) }];
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
    return [
      dot,
      { length },
      { x, y, filter, r: mark.size, symbol: SYMBOLS[mark.symbol], ...style },
    ];
  },

  area(mark, { read, colors }) {
    const { length, x, low, high } = columns(mark, read, ["x", "low", "high"]);
    return [areaY, { length }, { x, y1: low, y2: high, ...fill(mark, colors) }];
  },

  band(mark, { read, colors, x, y }) {
    const { length, low, high } = columns(mark, read, ["low", "high"]);
    const along =
      mark.axis === "x"
        ? { x1: low, x2: high, y1: y[0], y2: y[1] }
        : { x1: x[0], x2: x[1], y1: low, y2: high };
    return [rect, { length }, { ...along, ...fill(mark, colors) }];
  },

  polygon(mark, { read, colors }) {
    const { length, x, y } = rows(mark, read);
    const style = { curve: "linear-closed", stroke: "none", ...fill(mark, colors) };
    return [line, { length }, { x, y, ...style }];
  },

  rule(mark, { read, colors }) {
    const { at } = columns(mark, read, ["at"]);
    return [mark.axis === "x" ? ruleX : ruleY, at, stroke(mark, colors)];
  },

  bars(mark, { read, colors }) {
    const { length, left, right, height } = columns(mark, read, ["left", "right", "height"]);
    const bar = { x1: left, x2: right, y1: mark.base, y2: height, insetLeft: 0.5, insetRight: 0.5 };
    return [rect, { length }, { ...bar, ...fill(mark, colors) }];
  },

  arrow(mark, { read, colors }) {
    const ends = columns(mark, read, ["x", "y", "x_end", "y_end"]);
    const place = { x1: ends.x, y1: ends.y, x2: ends.x_end, y2: ends.y_end };
    return [arrow, { length: ends.length }, { ...place, ...stroke(mark, colors), headLength: 6 }];
  },

  raster(mark, { read, colors, box }) {
    const src = [paint(read(mark.values), mark, colors)];
    return [
      image,
      src,
      {
        src: (url) => url,
        ...box,
        frameAnchor: "middle",
        preserveAspectRatio: "none",
        opacity: mark.opacity,
      },
    ];
  },

  contours(mark, { read, colors, x, y }) {
    const { xs, ys } = levelLines(read(mark.values), mark.levels, x, y);
    return [line, { length: xs.length }, { x: xs, y: ys, ...stroke(mark, colors) }];
  },

  text(mark, { read, colors }) {
    const { length, x, y } = columns(mark, read, ["x", "y"]);
    const style = { textAnchor: mark.anchor, ...letters(mark, colors) };
    return [text, { length }, { x, y, text: () => mark.text, ...style }];
  },

  number(mark, { read, colors }) {
    const { length, x, y, value } = columns(mark, read, ["x", "y", "value"]);
    const written = Array.from(value, (number) => fixed(number, mark.digits));
    const style = { textAnchor: mark.anchor, ...letters(mark, colors) };
    return [text, { length }, { x, y, text: written, ...style }];
  },
};

// A channel as a typed array; a number is repeated `length` times.
function values(read, channel, length) {
  const array = read(channel);
  return typeof array === "number" ? new Float64Array(length).fill(array) : array.data;
}

// The channels of a mark as arrays of one length.
function columns(mark, read, names) {
  const length = Math.max(...names.map((name) => read(mark[name])?.data?.length ?? 1));
  return { length, ...Object.fromEntries(names.map((n) => [n, values(read, mark[n], length)])) };
}

// Rows of a matrix one after another, NaN between them: one path draws them all.
export function rows(mark, read) {
  const { shape } = read(mark.y);
  const row = shape.at(-1) ?? 1;
  const y = values(read, mark.y, 1);
  const x = values(read, mark.x, row);
  const count = y.length / row;
  const length = count * (row + 1);
  const [xs, ys] = [new Float64Array(length).fill(NaN), new Float64Array(length).fill(NaN)];
  for (let i = 0; i < count; i++) {
    xs.set(x.length === y.length ? x.subarray(i * row, (i + 1) * row) : x, i * (row + 1));
    ys.set(y.subarray(i * row, (i + 1) * row), i * (row + 1));
  }
  return { length, x: xs, y: ys };
}

// The level lines of a matrix of values at cell centers, NaN between them. d3-contour closes each
// line along the border; those closing points lie outside the centers and are left out.
export function levelLines({ data, shape: [height, width] }, levels, [x1, x2], [y1, y2]) {
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

// A matrix as a picture of one pixel for each value, row 0 at the bottom; NaN stays clear.
function paint({ data, shape: [height, width] }, { domain: [low, high], colors: names }, colors) {
  const ramp = names.map((name) => channelsOf(colors[name]));
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(width, height);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const value = data[(height - 1 - row) * width + column];
      if (Number.isNaN(value)) continue;
      pixels.data.set(between(ramp, (value - low) / (high - low)), 4 * (row * width + column));
    }
  }
  context.putImageData(pixels, 0, 0);
  return canvas.toDataURL();
}

// The color at a part of a ramp of equal steps, ends kept beyond them.
export function between(ramp, part) {
  const place = Math.min(Math.max(part, 0), 1) * (ramp.length - 1);
  const start = Math.min(Math.floor(place), ramp.length - 2);
  const share = place - start;
  const mixed = ramp[start].map((from, i) =>
    Math.round(from + share * (ramp[start + 1][i] - from)),
  );
  return [...mixed, 255];
}

// "#RRGGBB" as its three numbers.
export function channelsOf(color) {
  return [1, 3, 5].map((place) => Number.parseInt(color.slice(place, place + 2), 16));
}

function stroke({ color, opacity, width, dashed }, colors) {
  const strokeDasharray = dashed ? "6 4" : undefined;
  return { stroke: colors[color], strokeOpacity: opacity, strokeWidth: width, strokeDasharray };
}

function fill({ color, opacity }, colors) {
  return { fill: colors[color], fillOpacity: opacity };
}

function letters({ size, ...mark }, colors) {
  return { fontSize: size, ...fill(mark, colors) };
}

// As Python's format(number, f"z.{digits}f") writes it, with a true minus sign.
export function fixed(number, digits) {
  if (Number.isNaN(number)) return "";
  const text = number.toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "\u2212");
}
