// TrainDeck: loss over learning rate on one step axis; below, metric, gradients and sample predictions.
import { h, s, panel, legend, fmt, extent, marker, Plot } from "./paper.js";
import { lab } from "./shared.js";

const MARGIN = { left: 50, right: 14 };

function build(ctx) {
  const main = panel(ctx.body, "Training loss"), keys = h("div", {});
  main.box.append(keys);
  const loss = new Plot(main.box, { height: 220, margin: [16, MARGIN.right, 6, MARGIN.left], label: "training loss against step" });
  const rate = panel(ctx.body, "Learning rate", "log scale");
  const lr = new Plot(rate.box, { height: 92, margin: [8, MARGIN.right, 36, MARGIN.left], label: "learning rate against step" });
  const rest = h("div", { class: "lab-panels" });
  ctx.body.append(rest);
  rate.box.after(rest);
  const metric = panel(rest, "Validation"), score = new Plot(metric.box, { height: 170, margin: [10, 12, 36, 44], label: "validation metric against step" });
  const flow = panel(rest, "Gradients per layer", "10, 50 and 90 %"), grads = new Plot(flow.box, { height: 170, margin: [10, 12, 36, 70], label: "gradient sizes per layer" });
  const past = panel(rest, "Recorded"), tape = new Plot(past.box, { height: 170, margin: [10, 12, 36, 44], label: "what was recorded of each weight against step" }), names = h("div", {});
  past.box.append(names);
  const samples = panel(rest, "Predictions"), tiles = h("ul", { class: "lab-samples" });
  samples.box.append(tiles);
  let drawnImages = null;

  return {
    draw() {
      const runs = ctx.facts.runs.map((run, i) => ({ ...run, get: (name) => ctx.arrays[`${name}${i}`]?.data || [] }));
      const last = Math.max(10, ...runs.map((run) => run.get("x").at(-1) + 1 || 0));
      const x = { lo: 0, hi: last, label: "step" };
      drawLoss(loss, runs, x, ctx);
      drawRate(lr, runs, x, ctx);
      main.cap("Training loss", runs.length && runs[0].get("x").length ? "log scale; thin: each batch, thick: mean of 15" : "press Play, or Step for one batch");
      keys.replaceChildren(runs.length > 1 ? legend(runs.map((run) => ({ series: run.series, mark: false, label: `run ${run.name}${run.active ? " (active)" : ""}`, opacity: run.active ? 1 : 0.7 }))) : "");
      metric.cap(ctx.facts.metric ? `Validation ${ctx.facts.metric}` : "Validation", ctx.facts.metric ? "after each epoch" : "pass validation=(x, y) to Trainer");
      drawMetric(score, runs, x);
      drawGradients(grads, ctx);
      past.cap(`Recorded: ${ctx.state.tape}`, ctx.state.tape === "dead units" ? "share" : "root mean square, log scale");
      drawTape(tape, ctx, x);
      names.replaceChildren(ctx.arrays.tape ? legend(ctx.facts.tapes.map((label, series) => ({ series, label, mark: false }))) : "");
      samples.box.hidden = !ctx.facts.predictions.length;
      if (drawnImages !== ctx.backdropRev) { drawnImages = ctx.backdropRev; buildTiles(tiles, ctx); }
      labelTiles(tiles, ctx.facts);
    },
  };
}

const byActive = (runs) => [...runs].sort((a, b) => a.active - b.active);

function drawLoss(plot, runs, x, ctx) {
  const [lo, hi] = extent(...runs.map((run) => run.get("smooth")), ...runs.filter((r) => r.active).map((r) => r.get("raw")));
  const floor = Math.max(lo, hi * 1e-6, 1e-9);
  plot.begin({ ...x, hide: true, bare: true }, { lo: floor * 0.9, hi: Math.max(hi, floor * 1.5) * 1.15, log: true });
  for (const run of byActive(runs)) {
    if (run.active) plot.line(run.get("x"), run.get("raw"), { series: run.series, dash: "", width: 1, opacity: 0.35 });
    plot.line(run.get("x"), run.get("smooth"), { series: run.series, width: run.active ? 2.2 : 1.5, opacity: run.active ? 1 : 0.7 });
  }
  events(plot, ctx);
}

/** Where the hand changed the learning rate, and where the run stands now. */
function events(plot, ctx) {
  let free = -Infinity;
  for (const [step, value] of ctx.facts.events) {
    plot.vline(step, { color: "var(--s3)", dash: "2 3", width: 1.4 });
    const at = plot.x(step), room = plot.area.x1 - at > 70;
    plot.svg.append(s("path", { d: `M${at - 4},${plot.area.y1}h8l-4,6Z`, fill: "var(--s3)" }));
    if (at < free) continue;
    plot.text(room ? at + 5 : at - 5, plot.area.y1 - 4, `lr ${fmt(value)}`, { "text-anchor": room ? "start" : "end" });
    free = at + 64;
  }
  for (const step of ctx.facts.edits) {
    plot.vline(step, { color: "var(--s1)", dash: "4 2", width: 1.4 });
    plot.text(plot.x(step) + 4, plot.area.y1 + 10, "weight set");
  }
  const { position, runs } = ctx.facts, active = runs.find((run) => run.active);
  if (position && active) plot.vline(position - 1, { color: "var(--ink)", dash: "", width: 1 });
}

function drawRate(plot, runs, x, ctx) {
  const all = runs.map((run) => run.get("lr")), now = ctx.state.lr;
  const [lo, hi] = extent(...all, [now]);
  plot.begin(x, { lo: lo / 2.5, hi: hi * 2.5, log: true });
  for (const run of byActive(runs)) {
    const xs = run.get("x"), lr = run.get("lr"), sx = [], sy = [];
    for (let i = 0; i < xs.length; i++) { sx.push(xs[i], i + 1 < xs.length ? xs[i + 1] : xs[i] + 1); sy.push(lr[i], lr[i]); }
    plot.line(sx, sy, { series: run.series, width: run.active ? 2.2 : 1.5, opacity: run.active ? 1 : 0.7 });
  }
  for (const step of ctx.facts.marks) {
    const at = plot.x(step);
    if (at <= plot.area.x1) plot.svg.append(s("path", { d: `M${at},${plot.area.y0 - 4}v4`, stroke: "var(--edge)", "stroke-width": 2 }));
  }
  const { position } = ctx.facts;
  plot.vline(position ? position - 1 : 0, { color: "var(--ink)", dash: "", width: 1 });
}

function drawMetric(plot, runs, x) {
  const lists = runs.map((run) => run.get("metric")), [lo, hi] = extent(...lists), pad = Math.max(0.02, (hi - lo) * 0.12);
  const empty = !lists.some((list) => list.length);
  plot.begin(x, empty ? { lo: 0, hi: 1 } : { lo: lo - pad, hi: Math.min(hi + pad, hi <= 1 ? 1.005 : Infinity) });
  for (const run of byActive(runs)) {
    const xs = run.get("ex"), ys = run.get("metric");
    plot.line(xs, ys, { series: run.series, width: run.active ? 2 : 1.4, opacity: run.active ? 1 : 0.7 });
    if (xs.length <= 30) xs.forEach((v, i) => plot.dot(v, ys[i], run.series, 3.6));
  }
  if (empty) plot.text((plot.area.x0 + plot.area.x1) / 2, (plot.area.y0 + plot.area.y1) / 2 + 4, "no epoch finished yet", { "text-anchor": "middle" });
}

function drawGradients(plot, ctx) {
  const names = ctx.facts.layers, g = ctx.arrays.grads.data, floor = (v) => Math.max(v, 1e-10);
  const [lo, hi] = extent([...g].filter((_, i) => i % 4 < 3).map(floor));
  const log = names.length ? { lo: 10 ** Math.floor(Math.log10(lo) - 0.1), hi: 10 ** Math.ceil(Math.log10(hi) + 0.1) } : { lo: 1e-6, hi: 1 };
  plot.resize(Math.max(170, names.length * 15 + 46));
  plot.begin({ ...log, log: true, label: "|∂L/∂w|, zeros left out" }, { lo: names.length - 0.4, hi: -0.6, ticks: names.map((_, i) => i), format: (i) => names[i] });
  names.forEach((_, i) => {
    const y = plot.y(i), [a, b, c] = [0, 1, 2].map((k) => plot.x(floor(g[4 * i + k])));
    plot.svg.append(s("line", { x1: a, x2: c, y1: y, y2: y, stroke: "var(--s0)", "stroke-width": 5, "stroke-linecap": "round", opacity: 0.35 }), marker(0, b, y, 4.5));
    const zeros = g[4 * i + 3] > 0.005 ? `${(100 * g[4 * i + 3]).toFixed(0)} % zero` : "", dead = ctx.facts.dead[i] ? `${zeros && ", "}${ctx.facts.dead[i]} dead` : "";
    if (zeros || dead) plot.text(plot.area.x1, y - 8, zeros + dead, { "text-anchor": "end" });
  });
  if (!names.length) plot.text((plot.area.x0 + plot.area.x1) / 2, (plot.area.y0 + plot.area.y1) / 2 + 4, "no step taken yet", { "text-anchor": "middle" });
}

/** The record of every weight; the dead units' share is linear, sizes are logarithmic. */
function drawTape(plot, ctx, x) {
  const { tape, tape_x: at } = ctx.arrays, linear = ctx.state.tape === "dead units", [lo, hi] = tape ? extent([...tape.data].filter((v) => v > 0)) : [0.1, 1];
  plot.begin(x, linear ? { lo: 0, hi: 1 } : { lo: lo / 1.5, hi: hi * 1.5, log: true });
  if (!tape) return plot.text((plot.area.x0 + plot.area.x1) / 2, (plot.area.y0 + plot.area.y1) / 2 + 4, "a record every tenth step", { "text-anchor": "middle" });
  const [rows, n] = tape.shape;
  for (let i = 0; i < rows; i++) {
    plot.line(at.data, tape.data.subarray(i * n, (i + 1) * n), { series: i });
    if (n === 1) plot.dot(at.data[0], tape.data[i], i, 3.6);
  }
  plot.vline(ctx.facts.position, { color: "var(--ink)", dash: "", width: 1 });
}

function buildTiles(list, ctx) {
  const images = ctx.backdrop.images;
  list.replaceChildren(...ctx.facts.targets.map((_, i) => {
    const canvas = images ? tile(images, i) : null;
    return h("li", {}, canvas, h("b", {}), h("br"), h("span", {}));
  }));
}

function tile({ data, shape: [, side] }, i) {
  const canvas = h("canvas", { width: side, height: side, role: "img" }), pen = canvas.getContext("2d"), image = pen.createImageData(side, side);
  for (let k = 0; k < side * side; k++) image.data.set([0, 1, 2].map(() => 255 - 255 * data[i * side * side + k]).concat(255), 4 * k);
  pen.putImageData(image, 0, 0);
  return canvas;
}

function labelTiles(list, { predictions, targets }) {
  predictions.forEach(([label, p], i) => {
    const item = list.children[i], wrong = label !== targets[i];
    item.className = wrong ? "wrong" : "";
    item.querySelector("b").textContent = wrong ? `${label} (is ${targets[i]})` : String(label);
    item.querySelector("span").textContent = `p ${p.toFixed(2)}`;
    item.querySelector("canvas")?.setAttribute("aria-label", `sample ${i + 1}: a ${targets[i]}, predicted ${label}`);
  });
}

export default { render: (view) => lab(view, build) };
