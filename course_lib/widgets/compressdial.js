// CompressDial: tries and their front, a card per layer, the weights on their grid, and the images whose answer changed.
import { s, h, panel, legend, fmt, clamp, ramp, Plot } from "./paper.js";
import { lab, playing } from "./shared.js";

function build(ctx) {
  const row = h("div", { class: "lab-race" }), cards = h("div", { class: "lab-cards", style: "--card:220px" });
  ctx.body.append(row, cards);
  const all = panel(row, "Your tries"), field = new Plot(all.box, { height: 250, margin: [10, 16, 36, 44], label: "accuracy against bytes" }), key = h("div", {});
  all.box.append(key);
  const hist = panel(row, "Weights"), bars = new Plot(hist.box, { height: 250, margin: [10, 10, 36, 44], label: "histogram of the weights" }), names = h("div", {});
  hist.box.append(names);
  const other = panel(ctx.body, "Changed answers"), tiles = h("ul", { class: "lab-samples" });
  other.box.append(tiles);
  key.append(legend([{ series: 0, line: false, label: "try" }, { series: 2, mark: false, label: "front" }, { series: 6, line: false, label: "baseline" }]));
  names.append(legend([{ series: 5, mark: false, dash: "", label: "before" }, { series: 1, mark: false, label: "after" }]));
  ctx.onControls = () => cards.replaceChildren(...ctx.facts.layers.map((name, i) => card(ctx, name, i)));

  return {
    draw() {
      playing(ctx, ctx.meta.running);
      const { facts, arrays } = ctx;
      if (facts.empty) return;
      all.cap("Accuracy against bytes", `${facts.bytes.toLocaleString("en")} bytes, ${fmt(100 * facts.accuracy, 4)} %, ${facts.samples} images in ${fmt(facts.ms)} ms`);
      drawTries(field, facts, arrays.tries);
      hist.cap(`Weights of ${ctx.state.layer}`, arrays.grid.data.length ? `upright lines: the ${arrays.grid.data.length} values ${ctx.state.scale === "one per row" ? "of its coarsest row" : "it can take"}` : "not quantised");
      drawWeights(bars, arrays);
      facts.layers.forEach((name, i) => fillCard(cards.children[i], arrays.losses.data, i));
      other.cap("Changed answers", `${facts.count} of ${facts.samples}${facts.count > facts.changed.length ? `, the first ${facts.changed.length}` : ""}`);
      drawTiles(tiles, ctx);
    },
  };
}

function drawTries(plot, facts, { data, shape: [n] }) {
  const bytes = Array.from({ length: n }, (_, i) => data[3 * i]), share = Array.from({ length: n }, (_, i) => 100 * data[3 * i + 1]);
  const lo = Math.min(...bytes, facts.base[0]) / 1.3, hi = Math.max(...bytes, facts.base[0]) * 1.3, floor = Math.min(...share, 80), pad = (102 - floor) * 0.06;
  plot.begin({ lo, hi, log: true, label: "bytes on disk, log scale", format: (b) => (b >= 1000 ? `${fmt(b / 1000)} k` : fmt(b)) }, { lo: Math.max(0, floor - pad), hi: 102, format: (v) => `${fmt(v)} %` });
  const best = [...bytes.keys()].filter((i) => data[3 * i + 2]).sort((a, b) => bytes[a] - bytes[b]), xs = [], ys = [];
  best.forEach((i, k) => { xs.push(bytes[i]); ys.push(share[i]); if (k + 1 < best.length) { xs.push(bytes[best[k + 1]]); ys.push(share[i]); } });
  plot.line(xs, ys, { series: 2, width: 2 });
  plot.dot(facts.base[0], 100 * facts.base[1], 6, 7);
  bytes.forEach((b, i) => plot.dot(b, share[i], 0, 4, { "data-try": "" }));
  plot.svg.append(s("circle", { cx: plot.x(facts.bytes), cy: plot.y(100 * facts.accuracy), r: 9, fill: "none", stroke: "var(--ink)", "stroke-width": 2 }));
  plot.svg.setAttribute("aria-label", `${n} tries, ${best.length} on the front; shown: ${facts.label}, ${facts.bytes} bytes, ${fmt(100 * facts.accuracy, 4)} %`);
}

/** Shares on a square-root scale, so that few weights are seen too. */
function drawWeights(plot, { edges, before, after, grid }) {
  const span = edges.data[edges.data.length - 1], root = (v) => Math.sqrt(100 * v), most = Math.max(...before.data.map(root), ...after.data.map(root));
  const marks = [1, 4, 16, 36, 64, 100].filter((v) => Math.sqrt(v) <= most * 1.05).slice(-4);
  plot.begin({ lo: -span, hi: span, label: "weight" }, { lo: 0, hi: most * 1.05, ticks: marks.map(Math.sqrt), format: (v) => `${Math.round(v * v)} %` });
  const { y0, y1 } = plot.area, step = grid.data.length > 1 ? plot.x(grid.data[1]) - plot.x(grid.data[0]) : 0;
  if (step >= 3) for (const v of grid.data) if (Math.abs(v) <= span * 1.001) plot.svg.append(s("line", { class: "axis", x1: plot.x(v), x2: plot.x(v), y1, y2: y0 }));
  const path = (values) => [...values].map((v, i) => `${i ? "L" : "M"}${plot.x(edges.data[i]).toFixed(1)},${plot.y(root(v)).toFixed(1)}H${plot.x(edges.data[i + 1]).toFixed(1)}`).join("");
  plot.svg.append(s("path", { d: `${path(before.data)}V${y0}H${plot.area.x0}Z`, fill: "var(--s5)", opacity: 0.55 }), s("path", { d: path(after.data), fill: "none", stroke: "var(--s1)", "stroke-width": 1.8, "stroke-dasharray": "7 4" }));
}

/** A layer: its bits, its sparsity, and what it costs alone. */
function card(ctx, name, i) {
  const fields = ["bits", "sparsity"].map((what) => { const { node } = ctx.fields[`${what}_${i}`]; node.querySelector("span").firstChild.textContent = what === "bits" ? "Bits" : "Sparsity, %"; return node; });
  return h("article", { class: "lab-card", "aria-label": name }, h("h4", {}, `${name}, ${ctx.facts.sizes[i].toLocaleString("en")} weights`), fields, h("p", { class: "lab-note" }), h("div", { class: "lab-share", "aria-hidden": "true" }, h("span", {})));
}

function fillCard(node, losses, i) {
  if (!node) return;
  node.querySelector("p").textContent = `alone it ${losses[i] < 0 ? "gains" : "costs"} ${fmt(Math.abs(100 * losses[i]), 2)} points`;
  node.querySelector(".lab-share span").style.width = `${clamp(100 * (losses[i] / Math.max(0.01, ...losses)), 0, 100)}%`;
}

function drawTiles(tiles, ctx) {
  const { data, shape: [n, high, wide] } = ctx.arrays.images;
  tiles.replaceChildren(...ctx.facts.changed.map(([right, was, is], k) => {
    const canvas = h("canvas", { width: wide, height: high, "aria-hidden": "true" });
    if (k < n) picture(canvas, data.subarray(k * high * wide, (k + 1) * high * wide));
    return h("li", { class: is === right ? "" : "wrong" }, canvas, `${was} → `, h("b", {}, String(is)), h("br", {}), is === right ? "right now" : was === right ? "wrong now" : `it is ${right}`);
  }));
}

function picture(canvas, values) {
  const pen = canvas.getContext("2d"), image = pen.createImageData(canvas.width, canvas.height), most = Math.max(...values) || 1;
  values.forEach((v, i) => image.data.set([...ramp([[255, 255, 255], [0, 0, 0]], v / most), 255], 4 * i));
  pen.putImageData(image, 0, 0);
}

export default { render: (view) => lab(view, build) };
