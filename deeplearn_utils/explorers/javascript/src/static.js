// Frames of a page without a kernel: looked up among the arrays computed when it was built.
import { at, settingOf, unpack, unpackTexts } from "./unpack.js";

export class StaticSource {
  last = new Map();

  static async unpack({ controls, texts, arrays, states }) {
    const source = new StaticSource();
    const all = async (packed) => {
      const entries = Object.entries(packed).map(async ([name, array]) => [
        name,
        { ...(await unpack(array)), controls: array.controls },
      ]);
      return Object.fromEntries(await Promise.all(entries));
    };
    source.controls = controls;
    source.texts = await unpackTexts(texts);
    source.arrays = await all(arrays);
    source.states = await all(states);
    return source;
  }

  // The array at a setting; at the same setting as last time it is the same object.
  lookUp(array, setting) {
    const last = this.last.get(array);
    if (last?.setting === setting) return last.value;
    const value = at(array, setting);
    this.last.set(array, { setting, value });
    return value;
  }

  ask(stops, answer) {
    const read = (array) => this.lookUp(array, settingOf(array.controls, this.controls, stops));
    const arrays = {};
    for (const [name, array] of Object.entries(this.arrays)) {
      Object.defineProperty(arrays, name, { get: () => read(array) });
    }
    const { text, reached } = this.states;
    answer({
      arrays,
      text: this.texts[Math.round(read(text).data[0])],
      reached: read(reached).data[0] > 0.5,
    });
  }
}
