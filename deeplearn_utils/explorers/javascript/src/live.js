// Frames from the kernel: one question at a time, answered with one buffer of float32.
const PATIENCE = 5000; // milliseconds

export class LiveSource {
  constructor(model) {
    this.model = model;
    this.number = 0;
    this.receive = (content, buffers) => this.answered(content, buffers);
    model.on("msg:custom", this.receive);
  }

  ask(stops, answer, fail) {
    this.number += 1;
    this.answer = answer;
    this.timer = setTimeout(
      () => fail("The kernel does not answer. Run this cell again."),
      PATIENCE,
    );
    this.model.send({ number: this.number, stops });
  }

  answered({ number, text, reached, layout }, [buffer]) {
    if (number !== this.number || !this.answer) return; // meant for another view of the panel
    clearTimeout(this.timer);
    const arrays = {};
    let offset = buffer.byteOffset;
    for (const [name, shape] of layout) {
      const size = shape.reduce((product, length) => product * length, 1);
      const bytes = buffer.buffer.slice(offset, offset + 4 * size);
      arrays[name] = { shape, data: new Float32Array(bytes) };
      offset += 4 * size;
    }
    const answer = this.answer;
    this.answer = null;
    answer({ arrays, text, reached });
  }

  close() {
    clearTimeout(this.timer);
    this.model.off("msg:custom", this.receive);
  }
}
