// GateTape: rows of gates over the characters of a text, and below them how far back the gradient reaches.
import { s, h, panel, legend, fmt, extent, cividis, clamp, Plot } from "./paper.js";
import { lab, playing } from "./shared.js";
import { signed, top, direct, player } from "./cells.js";

const ROWS = [["f", "f"], ["i", "i"], ["o", "o"], ["g", "c̃"], ["c", "c"], ["h", "h"], ["rnn", "RNN h"]], HIGH = 18, TOP = 20;
const MARGIN = { left: 56, right: 10 };

function build(ctx) {
  const { local, now } = direct(ctx, ["unit", "t"]), last = () => Math.max(0, ctx.facts.text.length - 2);
  const run = player(ctx, now, "t", last, 150);
  const rows = panel(ctx.body, "Gates and states"), tape = new Plot(rows.box, { height: TOP + ROWS.length * HIGH + 4, margin: [TOP, MARGIN.right, 4, MARGIN.left], label: "gates" });
  const sum = h("p", { class: "lab-note", "data-sum": "" });
  rows.box.append(sum);
  const back = panel(ctx.body, "Gradient"), reach = new Plot(back.box, { height: 190, margin: [8, MARGIN.right, 36, MARGIN.left], label: "gradient" }), key = h("div", {});
  back.box.append(key);
  Object.assign(local, run.local);
  for (const plot of [tape, reach]) scrub(plot, (t) => { run.stop(); if (t !== now("t")) run.goTo(t); }, last);

  const draw = () => {
    playing(ctx, run.on());
    if (!ctx.backdrop.c) return;
    const v = { text: ctx.facts.text, n: ctx.facts.text.length - 1, t: Math.min(now("t"), last()), u: now("unit") - 1, forget: ctx.state.forget, get: (name) => ctx.backdrop[name] };
    rows.cap(`Gates and states of unit ${v.u + 1}`, "f, i, o: dark 0, bright 1; the rest: blue above 0, orange below");
    drawTape(tape, v, ctx.colours);
    sum.textContent = sentence(v);
    back.cap(`Gradient of the guess after ‘${show(v.text[v.t])}’`, "|dL/dx| of every character before it, log scale; dotted: 1 % of the largest");
    drawReach(reach, v);
    const series = lines(v);
    key.replaceChildren(legend(series.map(([name, i, label]) => ({ series: i, label: `${label}: ${width(v, name)} back` }))));
  };
  return { local, close: run.stop, draw };
}

const show = (c) => (c === " " ? "␣" : c);
const column = (v, name, u) => { const { data, shape: [n, units] } = v.get(name), k = Math.min(u, units - 1); return Array.from({ length: n }, (_, t) => data[t * units + k]); };

function drawTape(plot, v, colours) {
  plot.begin({ lo: -0.5, hi: v.n - 0.5, hide: true, bare: true }, { lo: 0, hi: 1, hide: true });
  const pen = plot.paint(), wide = (plot.area.x1 - plot.area.x0) / v.n, every = Math.max(1, Math.ceil(9 / wide)), said = [];
  ROWS.forEach(([name, label], r) => {
    const values = column(v, name, v.u), y = TOP + r * HIGH, most = top(values);
    values.forEach((x, t) => {
      pen.fillStyle = `rgb(${"fio".includes(name) ? cividis(x) : signed(colours, x, most)})`;
      pen.fillRect(plot.area.x0 + t * wide, y, wide + 0.5, HIGH - 2);
    });
    plot.text(plot.area.x0 - 6, y + 12, label, { "text-anchor": "end" });
    said.push(`${label} ${fmt(values[v.t])}`);
  });
  for (let t = 0; t < v.n; t++) if (t === v.t || (t % every === 0 && Math.abs(t - v.t) >= every)) plot.text(plot.x(t), TOP - 7, show(v.text[t]), { "text-anchor": "middle", class: t === v.t ? "strong" : "" });
  plot.svg.append(s("rect", { x: plot.x(v.t - 0.5), y: TOP - 1, width: Math.max(3, wide), height: ROWS.length * HIGH, fill: "none", stroke: "var(--ink)", "stroke-width": 1.5 }));
  plot.svg.setAttribute("aria-label", `unit ${v.u + 1} at ‘${v.text[v.t]}’: ${said.join(", ")}`);
}

/** c = f·c + i·c̃ and h = o·tanh c, with the numbers of this unit and character. */
function sentence(v) {
  const at = (name, t = v.t) => { const { data, shape } = v.get(name); return t < 0 ? 0 : data[t * shape[1] + v.u]; }, sign = (x) => (x < 0 ? `(${fmt(x)})` : fmt(x));
  return `c = f·c + i·c̃ = ${fmt(at("f"))}·${sign(at("c", v.t - 1))} + ${fmt(at("i"))}·${sign(at("g"))} = ${fmt(at("c"))};  h = o·tanh c = ${fmt(at("o"))}·${sign(Math.tanh(at("c")))} = ${fmt(at("h"))}`;
}

const lines = (v) => [["reach_lstm", 0, `LSTM, ${v.forget === "learned" ? "learned f" : v.forget}`], ["reach_rnn", 1, "RNN"], ["reach_learned", 6, "LSTM, learned f"]].filter(([name]) => v.get(name));
const row = (v, name) => v.get(name).data.subarray(v.t * v.n, v.t * v.n + v.t + 1);

/** How far back the gradient stays above 1 % of its largest. */
function width(v, name) {
  const values = row(v, name), most = top(values);
  return v.t - Math.max(0, values.findIndex((x) => x >= 0.01 * most));
}

function drawReach(plot, v) {
  const series = lines(v), floor = 1e-9, all = series.map(([name]) => Array.from(row(v, name), (x) => (x < floor ? NaN : x))), [lo, hi] = extent(...all);
  const every = Math.max(1, Math.ceil(v.n / 10)), ticks = Array.from({ length: Math.ceil(v.n / every) }, (_, i) => i * every);
  plot.begin({ lo: -0.5, hi: v.n - 0.5, label: "character", ticks }, { lo: Math.max(floor, Math.min(lo, hi / 1e3)) / 2, hi: hi * 2, log: true });
  const apart = Math.ceil((v.t + 1) / 16); // few markers: a drag redraws them all
  series.forEach(([, i], k) => {
    plot.line([...all[k].keys()], all[k], { series: i });
    all[k].forEach((y, t) => { if ((v.t - t) % apart === 0) plot.dot(t, y, i, 3); });
    plot.line([-0.5, v.n - 0.5], [0.01, 0.01].map((f) => f * top(all[k])), { series: i, dash: "1 4", width: 1 });
  });
  plot.vline(v.t, { color: "var(--ink)", dash: "", width: 1 });
  plot.svg.setAttribute("aria-label", `size of the gradient: ${series.map(([name, , label]) => `${label} reaches ${width(v, name)} characters back`).join(", ")}`);
}

/** Press or drag: that character is shown. */
function scrub(plot, pick, last) {
  const move = (e) => pick(clamp(Math.round(plot.x.invert(e.clientX - plot.svg.getBoundingClientRect().left)), 0, last()));
  plot.svg.style.touchAction = "none";
  plot.svg.style.cursor = "pointer";
  plot.svg.addEventListener("pointerdown", (e) => { plot.svg.setPointerCapture(e.pointerId); move(e); });
  plot.svg.addEventListener("pointermove", (e) => { if (e.buttons) move(e); });
}

export default { render: (view) => lab(view, build) };
