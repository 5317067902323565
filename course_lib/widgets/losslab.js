// LossLab: data and fit on the left, the loss over the parameters on the right, the samples' losses below.
import { h, s, panel, fmt, extent, clamp, Plot } from "./paper.js";
import { lab } from "./shared.js";
import { clip, contour } from "./contour.js";
import { hold, live, dragged, arrows } from "./direct.js";

const GRAB = 22; // pixels from a data point within which it is taken

function build(ctx) {
  const pair = h("div", { class: "lab-pair" });
  ctx.body.append(pair);
  const bound = ctx.facts.bound, hand = { tabindex: 0, role: "application" };
  const left = panel(pair, "Data and fit"), data = new Plot(left.box, { height: 320, margin: [8, 10, 36, 44], label: "data", attrs: bound ? {} : hand });
  const right = panel(pair, "Loss"), map = new Plot(right.box, { height: 320, margin: [8, 10, 36, 44], label: "parameters", attrs: hand });
  const below = panel(ctx.body, "Loss per sample"), bars = new Plot(below.box, { height: 120, margin: [8, 10, 36, 44], label: "loss of each sample" });
  dragParameters(ctx, map);
  if (!bound) { dragData(ctx, data); pickBar(ctx, bars); }
  let image = null, drawn = null;

  return {
    draw() {
      ctx.body.hidden = Boolean(ctx.facts.empty);
      if (ctx.facts.empty) return;
      const { facts } = ctx, [a, b] = facts.names, [ga, gb] = facts.gradient.map((g) => g ?? NaN);
      square(map);
      data.resize(map.height);
      left.cap(facts.bound ? "Loss along the arrow" : "Data and fit", facts.bound ? "dot: here; triangle: after one step at this rate; dashed: the slope here" : "drag a point");
      (facts.bound ? drawCut : drawData)(data, ctx);
      right.cap(`${facts.label} over (${a}, ${b})`, `arrow, of fixed length: −∇ = (${fmt(-ga)}, ${fmt(-gb)})`);
      const key = `${ctx.backdropRev} ${map.width} ${map.height} ${ctx.colours.key}`;
      if (key !== drawn) image = null;
      drawn = key;
      image = drawMap(map, ctx, image);
      below.cap("Loss per sample", facts.bound ? "largest first" : "their mean is the loss");
      drawBars(bars, ctx);
    },
  };
}

/** Make the landscape's area square, so that equal distances look equal. */
function square(plot) {
  const wide = plot.room() - plot.margin[3] - 10;
  plot.resize(Math.min(wide, 340) + 44);
  plot.margin[1] = 10 + Math.max(0, wide - 340);
}

function drawData(plot, ctx) {
  const { facts, arrays } = ctx, [x0, x1, y0, y1] = facts.data, points = live(ctx, "points"), chosen = ctx.state.sample - 1;
  plot.begin({ lo: x0, hi: x1, label: "x" }, facts.classes ? { lo: -0.15, hi: 1.15, ticks: [0, 0.5, 1] } : { lo: y0, hi: y1 });
  clip(plot);
  plot.line(arrays.line_x.data, arrays.line_y.data, { series: 0, width: 2.2, dash: "" }).setAttribute("clip-path", `url(#${plot.clip})`);
  points.forEach(([x, y], i) => {
    const shown = facts.classes ? Number(y >= facts.middle) : y, on = fitAt(arrays, x), px = plot.x(x);
    plot.svg.append(s("line", { x1: px, x2: px, y1: plot.y(shown), y2: plot.y(on), stroke: "var(--edge)", "stroke-width": 1, "clip-path": `url(#${plot.clip})` }));
    if (i === chosen) plot.svg.append(s("circle", { cx: px, cy: plot.y(shown), r: 9, fill: "none", stroke: "var(--ink)", "stroke-width": 1.6 }));
    plot.dot(x, shown, 1, 4.5, { "data-sample": i + 1 });
  });
  const [x, y] = points[chosen];
  plot.svg.setAttribute("aria-label", `data: ${points.length} points; sample ${chosen + 1} at (${fmt(x)}, ${fmt(y)}): arrow keys move it`);
}

function fitAt({ line_x: { data: x }, line_y: { data: y } }, at) {
  const n = x.length - 1, p = clamp(((at - x[0]) / (x[n] - x[0])) * n, 0, n), i = Math.min(n - 1, Math.floor(p));
  return y[i] + (p - i) * (y[i + 1] - y[i]);
}

function drawCut(plot, ctx) {
  const { line_x, line_y } = ctx.arrays, [lo, hi] = extent(line_y.data), pad = 0.06 * (hi - lo || 1);
  const far = line_x.data[line_x.data.length - 1], slope = Math.hypot(...ctx.facts.gradient), here = line_y.data[0], one = ctx.state.lr * slope, end = Math.min(far, (here - lo + pad) / (slope || 1));
  plot.begin({ lo: 0, hi: far, label: "distance along −∇" }, { lo: lo - pad, hi: hi + pad });
  plot.line([0, end], [here, here - slope * end], { series: 1, width: 1.6, dash: "6 4" });
  plot.line(line_x.data, line_y.data, { series: 0, width: 2.2, dash: "" });
  plot.dot(0, here, 0, 6);
  if (one <= far) plot.dot(one, fitAt(ctx.arrays, one), 2, 6, { "data-one": one });
}

function drawMap(plot, ctx, image) {
  const { facts, arrays } = ctx, [a0, a1, b0, b1] = facts.bounds, [a, b] = facts.names, { trail, arrow } = arrays;
  plot.begin({ lo: a0, hi: a1, label: a }, { lo: b0, hi: b1, label: b });
  plot.svg.querySelectorAll(".grid").forEach((line) => line.remove());
  if (!image) { image = contour(plot, ctx.backdrop.grid, ctx.colours.ramp); const pen = plot.paint(); pen.drawImage(image, plot.area.x0, plot.area.y1, plot.area.x1 - plot.area.x0, plot.area.y0 - plot.area.y1); }
  clip(plot);
  const inside = { "clip-path": `url(#${plot.clip})` }, n = trail.shape[0], xs = [], ys = [];
  for (let i = 0; i < n; i++) { xs.push(trail.data[2 * i]); ys.push(trail.data[2 * i + 1]); }
  plot.line(xs, ys, { series: 2, width: 1.6, dash: "" }).setAttribute("clip-path", inside["clip-path"]);
  for (let i = 0; i < n - 1; i++) plot.dot(xs[i], ys[i], 2, 2.5);
  drawArrow(plot, [xs[n - 1], ys[n - 1]], arrow.data, inside);
  plot.dot(xs[n - 1], ys[n - 1], 0, 6);
  const [x, y] = live(ctx, "theta");
  plot.svg.append(s("circle", { cx: plot.x(x), cy: plot.y(y), r: 9, fill: "none", stroke: "var(--ink)", "stroke-width": 1.8, "data-theta": "" }));
  plot.svg.setAttribute("aria-label", `parameters ${a} = ${fmt(x)}, ${b} = ${fmt(y)}: arrow keys move them`);
  return image;
}

/** −∇ as an arrow from the parameters. */
function drawArrow(plot, [x, y], [tx, ty], inside) {
  const x1 = plot.x(x), y1 = plot.y(y), x2 = plot.x(tx), y2 = plot.y(ty), long = Math.hypot(x2 - x1, y2 - y1);
  if (!(long > 1)) return;
  const ux = (x2 - x1) / long, uy = (y2 - y1) / long, bx = x2 - 10 * ux, by = y2 - 10 * uy;
  plot.svg.append(s("line", { x1, y1, x2: bx, y2: by, stroke: "var(--s1)", "stroke-width": 3, ...inside }),
    s("path", { d: `M${x2},${y2}L${bx - 5 * uy},${by + 5 * ux}L${bx + 5 * uy},${by - 5 * ux}Z`, fill: "var(--s1)", "data-arrow": `${x1} ${y1} ${x2} ${y2}`, ...inside }));
}

function drawBars(plot, ctx) {
  const v = ctx.arrays.losses.data, n = v.length, top = Math.max(1e-12, ...v), chosen = ctx.facts.bound ? -1 : ctx.state.sample - 1;
  const every = [1, 2, 5, 10, 20, 50, 100].find((m) => n / m <= 14) || 200, at = Array.from({ length: n }, (_, i) => i + 1).filter((i) => i === 1 || i % every === 0);
  plot.begin({ lo: 0.4, hi: n + 0.6, label: ctx.facts.bound ? "sample, by its loss" : "sample", ticks: at, format: String }, { lo: 0, hi: 1.06 * top });
  const wide = (plot.area.x1 - plot.area.x0) / (n + 0.2);
  v.forEach((loss, i) => {
    const y = plot.y(Math.max(0, loss));
    plot.svg.append(s("rect", { x: plot.x(i + 1) - 0.42 * wide, y, width: Math.max(0.6, 0.84 * wide), height: plot.area.y0 - y, fill: "var(--s0)", stroke: i === chosen ? "var(--ink)" : "none", "stroke-width": 2 }));
  });
}

/** Click a bar: that sample is chosen. */
function pickBar(ctx, plot) {
  dragged(plot, (x) => hold(ctx, "sample", clamp(Math.round(x), 1, ctx.state.points.length)), () => {});
}

function moveSample(ctx, i, x, y) {
  const { facts } = ctx, points = live(ctx, "points").map((p) => [...p]), [x0, x1, y0, y1] = facts.data;
  if (facts.classes) y = (y >= 0.5) === (points[i][1] >= facts.middle) ? points[i][1] : 2 * facts.middle - points[i][1] + (y >= 0.5 ? 1e-9 : -1e-9);
  points[i] = [clamp(x, x0, x1), clamp(y, y0, y1)];
  hold(ctx, "points", points);
}

/** Data points: the nearest one is taken and follows the pointer; arrow keys move the chosen one. */
function dragData(ctx, plot) {
  const shown = ([x, y]) => [plot.x(x), plot.y(ctx.facts.classes ? Number(y >= ctx.facts.middle) : y)];
  let taken = 0;
  dragged(plot, (x, y) => {
    const px = plot.x(x), py = plot.y(y), far = live(ctx, "points").map((p) => { const [a, b] = shown(p); return Math.hypot(a - px, b - py); });
    taken = far.indexOf(Math.min(...far));
    if (far[taken] > GRAB) return false;
    hold(ctx, "sample", taken + 1);
  }, (x, y) => moveSample(ctx, taken, x, y));
  arrows(plot, (dx, dy) => {
    const i = ctx.state.sample - 1, [x, y] = live(ctx, "points")[i], [x0, x1, y0, y1] = ctx.facts.data;
    const up = ctx.facts.classes ? (dy ? Number(dy > 0) : Number(y >= ctx.facts.middle)) : y + 0.02 * dy * (y1 - y0);
    moveSample(ctx, i, x + 0.02 * dx * (x1 - x0), up);
  });
}

function dragParameters(ctx, plot) {
  const put = (a, b) => { const [a0, a1, b0, b1] = ctx.facts.bounds; hold(ctx, "theta", [clamp(a, a0, a1), clamp(b, b0, b1)]); };
  dragged(plot, put);
  arrows(plot, (dx, dy) => { const [a, b] = live(ctx, "theta"), [a0, a1, b0, b1] = ctx.facts.bounds; put(a + 0.02 * dx * (a1 - a0), b + 0.02 * dy * (b1 - b0)); });
}

export default { render: (view) => lab(view, build) };
