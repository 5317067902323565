// GradFlow: three panels with a row per layer (the last layer on top), and the weights of the chosen layer.
import { panel, fmt, extent, cividis, ramp, clamp, s, Plot } from "./paper.js";
import { lab, change } from "./shared.js";

const STRIP = [-12, 0]; // range of the heat strip's colours, log10 of the median

function build(ctx) {
  const grid = panelGrid(ctx.body);
  const hist = panel(grid, "Gradient sizes"), spread = new Plot(hist.box, { margin: [6, 10, 36, 44], label: "histogram of log10 of the gradient, per layer" });
  const time = panel(grid, "Over the steps", "colour: log₁₀ of the median"), strip = new Plot(time.box, { margin: [6, 10, 68, 44], label: "median gradient per layer and step" });
  const ratio = panel(grid, "Update / weight"), dots = new Plot(ratio.box, { margin: [6, 14, 36, 44], label: "size of the update relative to the weight, per layer" });
  const chosen = panel(ctx.body, "Weights"), bars = new Plot(chosen.box, { height: 96, margin: [6, 10, 36, 44], label: "histogram of the chosen layer's weights" });
  for (const plot of [spread, strip, dots]) pick(ctx, plot);
  scrub(ctx, strip);

  return {
    draw() {
      if (ctx.facts.empty) return;
      const { colours } = ctx, n = ctx.facts.names.length, rows = layerAxis(n), height = clamp(n * 20, 150, 330);
      spread.resize(height + 42); strip.resize(height + 74); dots.resize(height + 42);
      hist.cap("Gradient sizes", `step ${ctx.facts.shown}; dot: median`);
      drawSpread(spread, ctx, rows, colours);
      drawStrip(strip, ctx, rows);
      drawRatio(dots, ctx, rows);
      ratio.cap("Update / weight", "dashed: 10⁻³");
      chosen.cap(`Weights of layer ${ctx.facts.layer + 1}`, describe(ctx));
      drawWeights(bars, ctx);
    },
  };
}

function panelGrid(body) {
  const grid = document.createElement("div");
  grid.className = "lab-panels";
  body.append(grid);
  return grid;
}

/** Rows: layer 1, nearest the input, at the bottom. */
function layerAxis(n) {
  const every = n > 16 ? 5 : n > 9 ? 2 : 1, at = [];
  for (let i = 1; i <= n; i++) if (i === 1 || i === n || (i % every === 0 && n - i >= every / 2)) at.push(i);
  return { lo: 0.5, hi: n + 0.5, ticks: at, format: String };
}

const rowBox = (plot, i, n) => { const size = (plot.area.y0 - plot.area.y1) / n; return [plot.area.y0 - (i + 1) * size, size]; };

function select(plot, ctx, n) {
  const [y, size] = rowBox(plot, ctx.facts.layer, n), { x0, x1 } = plot.area;
  plot.svg.append(s("rect", { x: x0 - 1, y: y - 0.5, width: x1 - x0 + 2, height: size + 1, fill: "none", stroke: "var(--ink)", "stroke-width": 1.4, rx: 2 }));
}

function drawSpread(plot, ctx, rows, colours) {
  const { shares, median, zeros } = ctx.arrays, [n, bins] = shares.shape, [lo, hi] = ctx.facts.edges;
  plot.begin({ lo, hi, label: "log₁₀ |gradient|", ticks: [-12, -8, -4, 0] }, { ...rows });
  plot.svg.querySelectorAll(".grid").forEach((line) => line.remove());
  const pen = plot.paint(), ink = [colours.zero, colours.plus], wide = (plot.area.x1 - plot.area.x0) / bins;
  for (let i = 0; i < n; i++) {
    const row = shares.data.subarray(i * bins, (i + 1) * bins), peak = Math.max(...row) || 1, [y, size] = rowBox(plot, i, n);
    for (let b = 0; b < bins; b++) {
      if (!row[b]) continue;
      pen.fillStyle = `rgb(${ramp(ink, 0.12 + 0.88 * (row[b] / peak))})`;
      pen.fillRect(plot.area.x0 + b * wide, y + 1, wide + 0.5, Math.max(1, size - 2));
    }
    if (zeros.data[i] > 0.005) plot.text(plot.area.x1 - 4, y + size / 2 + 4, `${(100 * zeros.data[i]).toFixed(0)} % zero`, { "text-anchor": "end" });
    const m = Math.log10(median.data[i]);
    if (Number.isFinite(m)) plot.dot(clamp(m, lo, hi), i + 1, 1, clamp(size / 4, 2.5, 4.5));
  }
  select(plot, ctx, n);
}

function drawStrip(plot, ctx, rows) {
  const { strip } = ctx.arrays, [n, steps] = strip.shape, columns = Math.max(steps, 12);
  plot.begin({ lo: -0.5, hi: columns - 0.5, label: "step", ticks: stepTicks(columns) }, rows);
  plot.svg.querySelectorAll(".grid").forEach((line) => line.remove());
  const pen = plot.paint(), wide = (plot.area.x1 - plot.area.x0) / columns;
  for (let i = 0; i < n; i++) {
    const [y, size] = rowBox(plot, i, n);
    for (let t = 0; t < steps; t++) {
      pen.fillStyle = `rgb(${cividis((strip.data[i * steps + t] - STRIP[0]) / (STRIP[1] - STRIP[0]))})`;
      pen.fillRect(plot.area.x0 + t * wide, y, wide + 0.5, size + 0.5);
    }
  }
  const x = plot.area.x0 + ctx.facts.shown * wide;
  plot.svg.append(s("rect", { x, y: plot.area.y1, width: Math.max(2, wide), height: plot.area.y0 - plot.area.y1, fill: "none", stroke: "var(--ink)", "stroke-width": 1.4 }));
  key(plot, pen);
}

const stepTicks = (n) => { const every = [1, 2, 5, 10, 20, 50, 100].find((m) => n / m <= 7) || 100, out = []; for (let i = 0; i < n; i += every) out.push(i); return out; };

/** The colour key of the strip. */
function key(plot, pen) {
  const { x0, x1 } = plot.area, y = plot.height - 24, wide = (x1 - x0) / 64;
  for (let i = 0; i < 64; i++) { pen.fillStyle = `rgb(${cividis(i / 63)})`; pen.fillRect(x0 + i * wide, y, wide + 0.5, 8); }
  for (let v = STRIP[0]; v <= STRIP[1]; v += 3) {
    const at = x0 + ((v - STRIP[0]) / (STRIP[1] - STRIP[0])) * (x1 - x0);
    plot.text(at, y + 20, fmt(10 ** v), { "text-anchor": v === STRIP[0] ? "start" : v === STRIP[1] ? "end" : "middle" });
  }
}

function drawRatio(plot, ctx, rows) {
  const ratio = [...ctx.arrays.ratio.data].map((v) => Math.max(v, 1e-12)), n = ratio.length, [lo, hi] = extent(ratio);
  plot.begin({ lo: Math.min(1e-5, 10 ** Math.floor(Math.log10(lo))), hi: Math.max(1, 10 ** Math.ceil(Math.log10(hi))), log: true, label: "ratio, log scale" }, rows);
  plot.vline(1e-3, { color: "var(--ink)", dash: "5 4", width: 1.2 });
  ratio.forEach((v, i) => plot.dot(v, i + 1, 0, clamp(rowBox(plot, i, n)[1] / 4, 2.5, 4.5)));
  select(plot, ctx, n);
}

function drawWeights(plot, ctx) {
  const w = ctx.arrays.weights.data, { span } = ctx.facts, top = Math.max(...w) || 1;
  plot.begin({ lo: -span, hi: span, label: "weight" }, { lo: 0, hi: 100 * top * 1.05, format: (v) => `${fmt(v)} %` });
  const wide = (plot.area.x1 - plot.area.x0) / w.length;
  w.forEach((v, i) => { const y = plot.y(100 * v); plot.svg.append(s("rect", { x: plot.area.x0 + i * wide + 0.5, y, width: Math.max(1, wide - 1), height: plot.area.y0 - y, fill: "var(--s0)" })); });
}

function describe(ctx) {
  const { median, ratio, zeros } = ctx.arrays, i = ctx.facts.layer, dead = zeros.data[i] > 0 ? `, ${(100 * zeros.data[i]).toFixed(1)} % exactly zero` : "";
  return `${ctx.facts.names[i]}: median |gradient| ${fmt(median.data[i])}${dead}, update/weight ${fmt(ratio.data[i])}`;
}

/** Click a row: that layer is chosen. */
function pick(ctx, plot) {
  plot.svg.style.cursor = "pointer";
  plot.svg.addEventListener("click", (e) => {
    const box = plot.svg.getBoundingClientRect(), i = Math.round(plot.y.invert(e.clientY - box.top));
    if (i >= 1 && i <= ctx.facts.names.length) change(ctx, "layer", i);
  });
}

/** Drag across the strip: that step is shown. */
function scrub(ctx, plot) {
  const move = (e) => {
    const box = plot.svg.getBoundingClientRect(), t = Math.round(plot.x.invert(e.clientX - box.left)), last = ctx.arrays.strip.shape[1] - 1;
    const to = clamp(t, 0, last);
    if (to !== ctx.state.t) change(ctx, "t", to);
  };
  plot.svg.style.touchAction = "none";
  plot.svg.addEventListener("pointerdown", (e) => { plot.svg.setPointerCapture(e.pointerId); move(e); });
  plot.svg.addEventListener("pointermove", (e) => { if (e.buttons) move(e); });
}

export default { render: (view) => lab(view, build) };
