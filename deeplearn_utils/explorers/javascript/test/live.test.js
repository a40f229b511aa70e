import assert from "node:assert/strict";
import { test } from "node:test";
import { GONE, LATE, LiveSource, PATIENCE, ROOM, UNREADABLE } from "../src/live.js";

// What anywidget hands out: messages to the kernel and handlers of events.
class Model {
  sent = [];
  handlers = {};
  send = (content) => this.sent.push(content);
  on(name, handler) {
    this.handlers[name] = handler;
  }
  off(name) {
    delete this.handlers[name];
  }
  tell(name, ...what) {
    this.handlers[name]?.(...what);
  }
}

function asked() {
  const model = new Model();
  const source = new LiveSource(model);
  const heard = [];
  const ask = (stops) =>
    source.ask(
      stops,
      (answer) => heard.push(answer),
      (trouble) => heard.push(trouble),
    );
  const answer = (content, ...numbers) => {
    const whole = { number: model.sent.at(-1).number, text: "t", reached: false, ...content };
    model.tell("msg:custom", whole, [new DataView(Float32Array.from(numbers).buffer)]);
  };
  return { model, source, heard, ask, answer };
}

test("an answer's buffer becomes the arrays", () => {
  const { heard, ask, answer } = asked();
  ask({ w: 1 });
  answer(
    {
      layout: [
        ["x", [2]],
        ["y", []],
      ],
    },
    1,
    2,
    3,
  );
  const [{ arrays, text }] = heard;
  assert.equal(text, "t");
  assert.deepEqual([[...arrays.x.data], arrays.x.shape], [[1, 2], [2]]);
  assert.deepEqual([[...arrays.y.data], arrays.y.shape], [[3], []]);
});

test("an error is told, and the next question is answered", () => {
  const { heard, ask, answer } = asked();
  for (let i = 0; i < 5; i++) {
    ask({});
    answer({ error: "ValueError: no" });
  }
  assert.deepEqual(new Set(heard), new Set(["This setting could not be computed. ValueError: no"]));
  ask({});
  answer({ layout: [["x", []]] }, 4);
  assert.deepEqual([...heard.at(-1).arrays.x.data], [4]);
});

for (const [name, layout, numbers] of [
  ["no layout", undefined, [1]],
  ["too few numbers", [["x", [2]]], [1]],
  ["too many numbers", [["x", [2]]], [1, 2, 3]],
  ["a layout that is none", [["x", null]], [1]],
]) {
  test(`an answer with ${name} is told as unreadable`, () => {
    const { heard, ask, answer } = asked();
    ask({});
    answer({ layout }, ...numbers);
    assert.deepEqual(heard, [UNREADABLE]);
  });
}

test("an answer without a buffer is told as unreadable", () => {
  const { model, heard, ask } = asked();
  ask({});
  model.tell("msg:custom", { number: model.sent[0].number, layout: [["x", []]] }, []);
  assert.deepEqual(heard, [UNREADABLE]);
});

test("a setting that comes again is answered without the kernel, an error is not kept", () => {
  const { model, heard, ask, answer } = asked();
  ask({ w: 1, h: 0 });
  answer({ error: "ValueError: no" });
  ask({ w: 1, h: 0 });
  answer({ layout: [["x", []]] }, 4);
  ask({ w: 2, h: 0 });
  answer({ layout: [["x", []]] }, 5);
  ask({ w: 1, h: 0 });
  assert.equal(model.sent.length, 3);
  assert.equal(heard.length, 4);
  assert.equal(heard.at(-1), heard[1]);
});

test("of many large frames those seen longest ago are let go", () => {
  const { model, ask } = asked();
  const quarter = new DataView(new ArrayBuffer(ROOM / 4));
  const layout = [["x", [ROOM / 16]]];
  const computed = (w) => {
    const before = model.sent.length;
    ask({ w });
    const { number } = model.sent.at(-1);
    model.tell("msg:custom", { number, layout, text: "t", reached: false }, [quarter]);
    return model.sent.length > before;
  };
  assert.deepEqual([1, 2, 3, 4, 1, 5].map(computed), [true, true, true, true, false, true]);
  assert.deepEqual([1, 2].map(computed), [false, true]);
});

test("a late answer is announced as late, and still taken", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { heard, ask, answer } = asked();
  ask({});
  context.mock.timers.tick(PATIENCE);
  assert.deepEqual(heard, [LATE]);
  answer({ layout: [["x", []]] }, 1);
  assert.equal(heard.at(-1).text, "t");
});

for (const end of ["comm_live_update", "comm:close"]) {
  test(`after ${end} every question hears that the kernel is gone`, () => {
    const { model, source, heard, ask } = asked();
    source.whenGone((trouble) => heard.push(`told ${trouble}`));
    ask({});
    model.tell(end);
    ask({});
    assert.deepEqual(heard, [GONE, `told ${GONE}`, GONE]);
    assert.equal(model.sent.length, 1);
  });
}

test("a kernel that takes no message is gone", () => {
  const { model, heard, ask } = asked();
  model.send = () => {
    throw new Error("Canceled");
  };
  ask({});
  assert.deepEqual(heard, [GONE]);
});

test("answers to another view are not ours, and a closed source hears nothing", () => {
  const { model, source, heard, ask, answer } = asked();
  ask({});
  answer({ number: "dl-other/1", layout: [] });
  source.close();
  answer({ layout: [] });
  assert.deepEqual([heard, model.handlers], [[], {}]);
});
