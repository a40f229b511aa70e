// An 8-bit network in a page: exact sums, and one step that rounds. Depends on nothing.

const { fround, floor, min, max } = Math;
const MAGIC = 12582912; // 1.5 * 2^23: a float32 near it has no digits behind the point
const even = (x) => fround(fround(x + MAGIC) - MAGIC); // halves to even, for |x| < 2^22
const away = (x) => (x < 0 ? -floor(fround(0.5 - x)) : floor(fround(x + 0.5)));
const mean = (sum, n) => Math.trunc((sum + (sum < 0 ? -1 : 1) * floor(n / 2)) / n); // halves away
const clip = (x, low, high) => min(max(x, low), high);

// sum * m * 2^(s - 31), rounded twice.
function scaled(sum, { m, s }) {
  const p = (BigInt(sum) << BigInt(max(s, 0))) * BigInt(m);
  const x = Number((p + (p >= 0n ? 1073741824n : -1073741823n)) / 2147483648n);
  return s < 0 ? mean(x, 2 ** -s) : x;
}

const ROUND = {
  float: (sum, f, low, high) => even(clip(fround(fround(sum) * f.real), low, high)),
  double: (sum, f, low, high) => clip(scaled(sum, f), low, high),
};

const ADD = {
  float: (x, y, { real: [m, n, shift] }) => floor((x * m + y * n) / 2 ** shift + 0.5),
  double: (x, y, { whole: [f, g, h] }) => scaled(scaled(x * 1048576, f) + scaled(y * 1048576, g), h),
};

// Calls visit(place, weight) for every entry of a window inside the image.
function window_(l, row, column, visit) {
  const [height, width, channels] = l.in;
  for (let i = 0; i < l.window[0]; i++)
    for (let j = 0; j < l.window[1]; j++) {
      const y = row * l.stride[0] + i - l.before[0];
      const x = column * l.stride[1] + j - l.before[1];
      if (y >= 0 && y < height && x >= 0 && x < width)
        visit((y * width + x) * channels, (i * l.window[1] + j) * channels);
    }
}

// The sum or the pooled number of one output.
const OUTPUT = {
  dense({ w, b, zero }, x, row, column, o) {
    let sum = b[o] | 0;
    for (let i = 0, at = o * x.length; i < x.length; i++) sum = (sum + (x[i] - zero) * w[at++]) | 0;
    return sum;
  },
  conv2d(l, x, row, column, o) {
    const { w, zero } = l;
    const n = l.in[2];
    const start = o * l.window[0] * l.window[1] * n;
    let total = l.b[o];
    window_(l, row, column, (at, place) => {
      let sum = 0;
      for (let k = 0, q = start + place; k < n; k++) sum = (sum + (x[at + k] - zero) * w[q++]) | 0;
      total += sum;
    });
    return total;
  },
  depthwise_conv2d(l, x, row, column, o) {
    let sum = l.b[o];
    window_(l, row, column, (at, w) => {
      sum += (x[at + o] - l.zero) * l.w[w + o];
    });
    return sum;
  },
  max_pool2d(l, x, row, column, o) {
    let most = -128;
    window_(l, row, column, (at) => {
      most = max(most, x[at + o]);
    });
    return most;
  },
  average_pool2d(l, x, row, column, o) {
    let sum = 0;
    let n = 0;
    window_(l, row, column, (at) => {
      sum += x[at + o];
      n++;
    });
    return mean(sum, n);
  },
};

function run(l, [x, y], rounding) {
  if (l.kind === "add")
    return x.map((q, k) => clip(ADD[rounding](q - l.zero, y[k] - l.zeroY, l.f) + l.zeroOut, l.low, l.high));
  const [rows, columns, channels] = l.out;
  const z = new Int8Array(rows * columns * channels);
  const output = OUTPUT[l.kind];
  let at = 0;
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++)
      for (let o = 0; o < channels; o++) {
        const sum = output(l, x, r, c, o);
        z[at++] = l.f
          ? ROUND[rounding](sum, l.f[o], l.low - l.zeroOut, l.high - l.zeroOut) + l.zeroOut
          : clip(sum, l.low, l.high);
      }
  return z;
}

const bytes = (text) => Int8Array.from(atob(text), (c) => c.charCodeAt(0));

/**
 * Return a network that an export of the Python package describes.
 *
 * predict(x, rounding = "float") takes real numbers or an Int8Array, and returns the Int8Array of
 * each layer in `layers`, the last one in `integers`, and the real numbers it stands for in `real`.
 */
export function load(model) {
  if (model.format !== "deeplearn-int8-1") throw new Error("this is no 8-bit model of this engine");
  const layers = model.layers.map((l) => ({ ...l, w: l.w && bytes(l.w) }));
  const { input, output } = model;
  const quantize = (value, rounding) => {
    const x = fround(value);
    const scale = fround(input.scale);
    const q = rounding === "float" ? even(clip(fround(x * fround(1 / scale)), -1e6, 1e6)) : away(fround(x / scale));
    return clip(q + input.zero, -128, 127);
  };
  return {
    predict(x, rounding = "float") {
      if (x.length !== input.size) throw new Error(`the network takes ${input.size} numbers, got ${x.length}`);
      const outputs = [x instanceof Int8Array ? x : Int8Array.from(x, (v) => quantize(v, rounding))];
      for (const l of layers) {
        const inputs = (l.from ?? [outputs.length - 1]).map((at) => outputs[at]);
        outputs.push(run(l, inputs, rounding));
      }
      const integers = outputs.at(-1);
      const real = Float32Array.from(integers, (q) => fround(q - output.zero) * fround(output.scale));
      return { layers: outputs, integers, real };
    },
  };
}
