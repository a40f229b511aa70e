// Frames from the kernel: each question is answered, in order, with one buffer of float32.
import { newId } from "./element.js";

const PATIENCE = 5000; // milliseconds

export class LiveSource {
  constructor(model) {
    this.model = model;
    this.questions = new Map();
    this.asked = 0;
    this.view = newId(); // a panel may be shown twice, and both views hear every answer
    this.receive = (content, buffers) => this.answered(content, buffers);
    model.on("msg:custom", this.receive);
  }

  ask(stops, answer, complain) {
    const number = `${this.view}/${(this.asked += 1)}`;
    const late = () => complain("The kernel is busy or gone. Wait, or run this cell again.");
    this.questions.set(number, { answer, timer: setTimeout(late, PATIENCE) });
    this.model.send({ number, stops });
  }

  answered({ number, text, reached, layout }, [buffer]) {
    const question = this.questions.get(number);
    if (!question) return;
    this.questions.delete(number);
    clearTimeout(question.timer);
    question.answer({ arrays: unflatten(layout, buffer), text, reached });
  }

  close() {
    for (const { timer } of this.questions.values()) clearTimeout(timer);
    this.questions.clear();
    this.model.off("msg:custom", this.receive);
  }
}

function unflatten(layout, { buffer, byteOffset }) {
  const arrays = {};
  let offset = byteOffset;
  for (const [name, shape] of layout) {
    const end = offset + 4 * shape.reduce((product, length) => product * length, 1);
    arrays[name] = { shape, data: new Float32Array(buffer.slice(offset, end)) };
    offset = end;
  }
  return arrays;
}
