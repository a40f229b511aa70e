// Frames that the browser computes itself: an 8-bit network reads what is drawn on the pad.
// They are those of drawing.py, which gives the same for the digits that it knows.
import { load } from "../../../edge/export_js/engine.js";
import { fixed } from "./marks.js";
import { DARKEST, SIDE } from "./pad.js";

const BAR = 0.4; // half of its width
const ABOVE = 9; // from the end of a bar to its number

export class NetworkSource {
  constructor({ model, rounding, roundings, many }, pad) {
    Object.assign(this, { model, rounding, roundings, many, pad });
  }

  ask(stops, answer, trouble) {
    let frame;
    try {
      this.network ??= load(this.model);
      frame = this.read(stops[this.rounding]);
    } catch (error) {
      return trouble(`The drawing could not be read. ${error}`);
    }
    answer({ ...frame, edits: this.pad.edits });
  }

  read(chosen) {
    const inputs = Array.from(this.pad.pixels, (pixel) => pixel / DARKEST);
    const outputs = this.roundings.map((name) => this.network.predict(inputs, name));
    const { integers, real } = outputs[chosen];
    const { zero } = this.model.output;
    const classes = Array.from(integers.keys());
    const best = integers.indexOf(Math.max(...integers));
    const change = classes.map((k) => outputs[1 - chosen].integers[k] - integers[k] || Number.NaN);
    const moved = classes.filter((k) => change[k]);
    const numbers = {
      pixels: fromBelow(this.pad.pixels),
      classes,
      left: classes.map((k) => k - BAR),
      right: classes.map((k) => k + BAR),
      end: classes.map((k) => integers[k] + (integers[k] < zero ? -ABOVE : ABOVE)),
      integers,
      change,
      before: [best - 0.5],
      after: [best + 0.5],
    };
    for (const [i, name] of this.roundings.entries()) {
      numbers[name] = i === chosen ? integers : classes.map(() => zero);
    }
    const arrays = Object.entries(numbers).map(([name, data]) => [name, shaped(name, data)]);
    return {
      arrays: Object.fromEntries(arrays),
      text: said(best, integers[best], real, moved),
      reached: moved.length >= this.many,
    };
  }
}

const shaped = (name, data) => ({
  shape: name === "pixels" ? [SIDE, SIDE] : [data.length],
  data: Float64Array.from(data),
});

// Rows of an image from the lowest to the uppermost, as a raster has them.
function fromBelow(pixels) {
  const rows = Array.from({ length: SIDE }, (_, row) => pixels.slice(row * SIDE, (row + 1) * SIDE));
  return rows.reverse().flatMap((row) => [...row]);
}

function said(best, integer, real, moved) {
  const most = Math.max(...real);
  const total = real.reduce((sum, value) => sum + Math.exp(value - most), 0);
  const rest = moved.length ? `other integers for ${moved.join(", ")}` : "the same ten integers";
  return (
    `Read as ${best}. Its output is ${fixed(integer, 0)}, which stands for ${fixed(most, 2)}; ` +
    `softmax makes ${fixed(100 / total, 1)} % of it. The other rounding gives ${rest}.`
  );
}
