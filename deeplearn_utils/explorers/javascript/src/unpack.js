// The inverse of packing.py: arrays over every setting, out of compressed differences.
const MISSING = 65535;

export async function unpack({ shape, low, step, log, data }) {
  const planes = new Uint8Array(await inflate(data).arrayBuffer());
  const count = planes.length / 2;
  const codes = new Uint16Array(count);
  let code = 0;
  for (let i = 0; i < count; i++) {
    code = (code + planes[i] + 256 * planes[count + i]) & 0xffff;
    codes[i] = code;
  }
  const size = shape.reduce((product, length) => product * length, 1);
  return { shape, low, step, log, codes, size, settings: count / size };
}

export async function unpackTexts(data) {
  return inflate(data).json();
}

function inflate(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate")));
}

// The array at one setting.
export function at({ shape, low, step, log, codes, size, settings }, setting) {
  const data = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const code = codes[i * settings + setting];
    const value = low + step * code;
    data[i] = code === MISSING ? NaN : log ? Math.exp(value) : value;
  }
  return { shape, data };
}

// The number of a setting among those of some controls, the last one moving fastest.
export function settingOf(names, controls, stops) {
  let setting = 0;
  for (const { name, readouts } of controls) {
    if (names.includes(name)) setting = setting * readouts.length + stops[name];
  }
  return setting;
}
