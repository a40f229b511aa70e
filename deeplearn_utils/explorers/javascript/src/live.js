// Frames from the kernel: each question is answered, in order, with one buffer of float32. A setting
// that comes again is not computed again: the newest frames are kept.
import { newId } from "./element.js";

export const PATIENCE = 5000; // milliseconds
export const ROOM = 2 ** 24; // bytes of frames that a view keeps
export const LATE =
  "No answer yet: the kernel is busy or not running. Wait, or run this cell again.";
export const GONE = "The kernel is not running: run the cell again.";
export const UNREADABLE = "The kernel's answer could not be read: run the cell again.";
const ENDS = ["comm_live_update", "comm:close"]; // what a front end tells when the kernel leaves

export class LiveSource {
  constructor(model) {
    this.model = model;
    this.questions = new Map();
    this.kept = new Map(); // frames by their stops, the one seen longest ago first
    this.filled = 0;
    this.asked = 0;
    this.gone = false;
    this.tellGone = () => {};
    this.view = newId(); // a panel may be shown twice, and both views hear every answer
    this.receive = (content, buffers) => this.answered(content, buffers);
    this.leave = () => this.lose();
    model.on("msg:custom", this.receive);
    for (const end of ENDS) model.on(end, this.leave);
  }

  // Calls `tell` with a message when the kernel leaves.
  whenGone(tell) {
    this.tellGone = tell;
  }

  // Calls `answer` with the frame or `trouble` with a message; after "late" an answer may still come.
  ask(stops, answer, trouble) {
    if (this.gone) return trouble(GONE);
    const setting = JSON.stringify(stops);
    const known = this.kept.get(setting);
    if (known) {
      this.keep(setting, known);
      return answer(known.frame);
    }
    this.asked += 1;
    const number = `${this.view}/${this.asked}`;
    const timer = setTimeout(() => trouble(LATE), PATIENCE);
    this.questions.set(number, { setting, answer, trouble, timer });
    try {
      this.model.send({ number, stops });
    } catch {
      this.lose();
    }
  }

  answered(content, buffers) {
    const question = this.questions.get(content?.number);
    if (!question) return;
    this.questions.delete(content.number);
    clearTimeout(question.timer);
    if (typeof content.error === "string") {
      return question.trouble(`This setting could not be computed. ${content.error}`);
    }
    let arrays;
    try {
      arrays = unflatten(content.layout, buffers[0]);
    } catch {
      return question.trouble(UNREADABLE);
    }
    const frame = { arrays, text: content.text, reached: content.reached };
    this.keep(question.setting, { frame, bytes: buffers[0].byteLength });
    question.answer(frame);
  }

  // Puts a frame last, and lets those go that are beyond the room.
  keep(setting, known) {
    this.drop(setting);
    this.kept.set(setting, known);
    this.filled += known.bytes;
    for (const oldest of this.kept.keys()) {
      if (this.filled <= ROOM) return;
      this.drop(oldest);
    }
  }

  drop(setting) {
    this.filled -= this.kept.get(setting)?.bytes ?? 0;
    this.kept.delete(setting);
  }

  lose() {
    if (this.gone) return;
    this.gone = true;
    const open = [...this.questions.values()];
    this.forget();
    for (const { trouble } of open) trouble(GONE);
    this.tellGone(GONE);
  }

  forget() {
    for (const { timer } of this.questions.values()) clearTimeout(timer);
    this.questions.clear();
  }

  close() {
    this.forget();
    this.model.off("msg:custom", this.receive);
    for (const end of ENDS) this.model.off(end, this.leave);
  }
}

function unflatten(layout, { buffer, byteOffset, byteLength }) {
  const arrays = {};
  let offset = byteOffset;
  for (const [name, shape] of layout) {
    const end = offset + 4 * shape.reduce((product, length) => product * length, 1);
    arrays[name] = { shape, data: new Float32Array(buffer.slice(offset, end)) };
    offset = end;
  }
  if (offset !== byteOffset + byteLength)
    throw new RangeError("the layout does not fit the buffer");
  return arrays;
}
