// The inverse of packing.py: arrays over every setting, out of compressed differences.
const MISSING = 65535;

export async function unpack({ shape, low, step, data }) {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const planes = new Uint8Array(await new Response(stream).arrayBuffer());
  const count = planes.length / 2;
  const codes = new Uint16Array(count);
  let code = 0;
  for (let i = 0; i < count; i++) {
    code = (code + planes[i] + 256 * planes[count + i]) & 0xffff;
    codes[i] = code;
  }
  const size = shape.reduce((product, length) => product * length, 1);
  return { shape, low, step, codes, size, settings: count / size };
}

// The array at one setting.
export function at({ shape, low, step, codes, size, settings }, setting) {
  const data = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const code = codes[i * settings + setting];
    data[i] = code === MISSING ? NaN : low + step * code;
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
