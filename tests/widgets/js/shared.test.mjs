// What shared.js computes without a page: numbers in words, axes, colours, and the queue of messages to Python.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DASHES, cividis, clamp, extent, fmt, logTicks, ramp, scale, ticks, unpack } from "../../../course_lib/widgets/paper.js";
import { Link } from "../../../course_lib/widgets/fields.js";

test("numbers are written with a true minus sign, three digits, powers of ten", () => {
  const cases = [[0, "0"], [-0, "0"], [1.5, "1.5"], [-0.25, "−0.25"], [1234.5, "1230"], [99999, "100000"], [123456, "1.2×10⁵"],
    [1e5, "10⁵"], [-1e-4, "−1×10⁻⁴"], [9.99e9, "10¹⁰"], [1e-300, "10⁻³⁰⁰"], [5e-324, "4.9×10⁻³²⁴"],
    [NaN, "NaN"], [null, "NaN"], [undefined, "NaN"], [Infinity, "∞"], [-Infinity, "−∞"]];
  for (const [x, text] of cases) assert.equal(fmt(x), text);
  assert.equal(fmt(Math.PI, 5), "3.1416");
});

test("ticks are round, lie inside, and are about as many as asked for", () => {
  for (const [lo, hi] of [[0, 1], [-3, 7], [0.001, 0.0012], [1e6, 3e6], [-1e-9, 1e-9]]) {
    const found = ticks(lo, hi);
    assert.ok(found.length >= 2 && found.length <= 12, `${found}`);
    for (const t of found) assert.ok(t >= lo - 1e-9 * (hi - lo) && t <= hi + 1e-9 * (hi - lo));
    const steps = found.slice(1).map((t, i) => t - found[i]);
    for (const step of steps) assert.ok(Math.abs(step - steps[0]) < 1e-9 * (hi - lo));
  }
  assert.deepEqual(ticks(0, 1), [0, 0.2, 0.4, 0.6, 0.8, 1]);
});

test("ticks of nothing at all do not hang", () => {
  for (const [lo, hi] of [[1, 1], [NaN, NaN], [2, 1]]) assert.ok(ticks(lo, hi).length <= 12);
});

test("logarithmic ticks are powers of ten, or 1-2-5 on a short span", () => {
  assert.deepEqual(logTicks(1, 1e4), [1, 10, 100, 1000, 10000]);
  assert.deepEqual(logTicks(1, 9), [1, 2, 5]);
  assert.ok(logTicks(1e-300, 1e300).length <= 8);
});

test("extent passes over what is no number", () => {
  assert.deepEqual(extent([3, NaN, -2], [Infinity, 5]), [-2, 5]);
  assert.deepEqual(extent([NaN], []), [0, 1]);
});

test("a packed buffer gives its arrays back, also from the middle of a larger one", () => {
  const whole = new Uint8Array(4 + 20);
  whole.set(new Uint8Array(new Float32Array([1, 2, 3, 4, 5]).buffer), 4);
  const view = new DataView(whole.buffer, 4, 20);
  const found = unpack(view, [["a", [2, 2], 0], ["b", [1], 4], ["empty", [0, 3], 5]]);
  assert.deepEqual([...found.a.data], [1, 2, 3, 4]);
  assert.deepEqual(found.a.shape, [2, 2]);
  assert.deepEqual([...found.b.data], [5]);
  assert.equal(found.empty.data.length, 0);
  assert.deepEqual(unpack(null, []), {});
});

test("a scale maps its ends, and inverts, also on a logarithmic axis", () => {
  for (const axis of [{ lo: -2, hi: 6 }, { lo: 1e-4, hi: 10, log: true }]) {
    const at = scale(axis, 100, 0);
    assert.equal(at(axis.lo), 100);
    assert.ok(Math.abs(at(axis.hi)) < 1e-9);
    for (const p of [0, 33, 100]) assert.ok(Math.abs(at(at.invert(p)) - p) < 1e-9);
  }
  assert.equal(scale({ lo: 3, hi: 3 }, 0, 10)(3), 0);
});

test("colours stay on the ramp", () => {
  assert.deepEqual(cividis(0), [0, 34, 78]);
  assert.deepEqual(cividis(1), [254, 232, 56]);
  assert.deepEqual(cividis(-5), cividis(0));
  assert.deepEqual(ramp([[0, 0, 0], [10, 20, 30]], 0.5), [5, 10, 15]);
  assert.equal(new Set(DASHES).size, DASHES.length);
  assert.equal(clamp(7, 0, 5), 5);
});

test("one message flies at a time, and settings that wait become one", () => {
  const sent = [], link = new Link((message) => sent.push(message));
  link.send({ set: { lr: 1 } });
  for (let lr = 2; lr <= 200; lr++) link.send({ set: { lr } });
  link.send({ set: { depth: 3 } });
  assert.equal(sent.length, 1);
  assert.ok(link.pending("lr") && link.pending("depth") && !link.pending("seed"));
  link.ack(sent[0].seq);
  assert.deepEqual(sent[1].set, { lr: 200, depth: 3 });
  link.ack(sent[1].seq);
  assert.equal(sent.length, 2);
  assert.ok(!link.pending("lr"));
});

test("buttons are neither merged nor reordered, and a stale answer frees nothing", () => {
  const sent = [], link = new Link((message) => sent.push(message));
  for (const message of [{ act: "step" }, { act: "step" }, { set: { lr: 1 } }, { act: "reset" }, { set: { lr: 2 } }]) link.send(message);
  link.ack(sent[0].seq - 1);
  assert.equal(sent.length, 1);
  for (let i = 0; i < 5; i++) link.ack(sent[sent.length - 1].seq);
  assert.deepEqual(sent.map(({ act, set }) => act || set.lr), ["step", "step", 1, "reset", 2]);
  assert.ok(sent.every((message, i) => !i || message.seq > sent[i - 1].seq));
});
