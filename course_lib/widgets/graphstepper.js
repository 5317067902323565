// GraphStepper: boxes and lines; values above a line, gradients below it, uncovered one after the other.
import { h, s, panel, fmt, clamp, Plot } from "./paper.js";
import { lab } from "./shared.js";
import { live, direct } from "./direct.js";

const BOX = 40, STUB = 52, GAP = 34, ROW = 78, LEVEL = 92, PORT = 15;

function build(ctx) {
  const graph = panel(ctx.body, "Graph", "above a line: value; below: gradient; in italics: local derivative; ← and → step");
  const plot = new Plot(graph.box, { label: "graph of the expression: left and right arrow keys step", attrs: { tabindex: 0, role: "application" } });
  const card = h("div", { class: "lab-card lab-steps", style: "--hue:var(--s1)" }), ask = h("div", { class: "lab-ask" }), done = h("ol", {});
  card.append(ask, done);
  ctx.body.append(card);
  const go = (by) => { const t = clamp(live(ctx, "t") + by, 0, ctx.facts.nodes.length); ctx.fields.t.set(t); ctx.state.t = t; local.t(t); ctx.redraw(); };
  const local = { ...direct(ctx, "t"), step: () => go(1), ten: () => go(10), back: () => go(-1) };
  const question = h("span", {});
  ctx.onControls = () => ask.replaceChildren(question, ctx.fields.guess.node);
  ask.addEventListener("keydown", (e) => { if (e.key === "Enter" && !e.isComposing) { e.preventDefault(); go(1); } });
  ctx.root.addEventListener("keydown", (e) => {
    if (/INPUT|SELECT|BUTTON|SUMMARY/.test(e.target.tagName) || ctx.meta.gate) return;
    const by = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
    if (by) { e.preventDefault(); go(by); }
  });

  return {
    local,
    draw() {
      ctx.body.hidden = Boolean(ctx.facts.empty);
      if (ctx.facts.empty) return;
      const t = clamp(live(ctx, "t"), 0, ctx.facts.nodes.length), { order, nodes } = ctx.facts;
      drawGraph(plot, ctx, new Set(order.slice(0, t)), order[t], order[t - 1]);
      question.textContent = t < order.length ? `Next: ${nodes[order[t]].asked} = ?  Type it, then Enter or Step; or just step.` : "All gradients are shown.";
      ctx.fields.guess.node.hidden = t >= order.length;
      done.replaceChildren(...order.slice(0, t).map((i) => h("li", {}, chain(ctx, i))));
    },
  };
}

/** The chain rule at one value, in numbers. */
function chain(ctx, i) {
  const { nodes, edges } = ctx.facts, { grad, local, part } = ctx.arrays, node = nodes[i];
  const uses = edges.map((e, k) => [e, k]).filter(([e]) => e[0] === i);
  if (!uses.length) return `${node.asked} = 1`;
  const terms = uses.map(([e, k]) => (Number.isFinite(local.data[k]) ? `${fmt(grad.data[e[1]])} · ${fmt(local.data[k])} (through ${nodes[e[1]].name})` : `${fmt(part.data[k])} (through ${nodes[e[1]].name})`));
  const total = uses.length > 1 || node.size === 1 ? ` = ${fmt(grad.data[i])}` : "";
  const check = node.numeric === null || node.numeric === undefined ? "" : `; finite difference ${fmt(node.numeric, 5)}`;
  return `${node.asked} = ${terms.join(" + ")}${total}${check}`;
}

/** Pixel geometry: left to right where there is room, else top to bottom. */
function geometry(plot, { places, nodes, ways }) {
  const columns = 1 + Math.max(...places.map((p) => p[0])), rows = [...places, ...ways.flat()].map((p) => p[1]), low = Math.min(...rows), high = Math.max(...rows);
  const label = (i) => clamp(6.8 * cut(nodes[i].sign).length + 12, BOX, 92), widest = Math.max(...nodes.map((_, i) => label(i)));
  const width = plot.room(), flat = columns * (widest + STUB + GAP) <= width, size = flat ? Math.min(widest + 150, width / columns) : LEVEL;
  const across = flat ? ROW : Math.min(150, (width - 20) / (high - low + 1));
  plot.resize(flat ? (high - low + 1) * ROW + 6 : columns * LEVEL + 10);
  const middle = flat ? 0 : (width - (high - low) * across) / 2;
  const at = ([c, r]) => (flat ? [c * size + widest / 2 + 3, (r - low + 0.5) * ROW] : [middle + (r - low) * across, c * LEVEL + 34]);
  const wide = (i) => (flat ? label(i) : Math.max(label(i), 46 * nodes[i].inputs)), tall = (i) => (flat ? Math.max(26, PORT * nodes[i].inputs + 4) : 26);
  return { flat, at, wide, tall, width };
}

function drawGraph(plot, ctx, shown, next, last) {
  const { facts } = ctx, g = geometry(plot, facts);
  plot.begin({ lo: 0, hi: 1, hide: true, bare: true }, { lo: 0, hi: 1, hide: true });
  facts.edges.forEach((edge, k) => drawEdge(plot, ctx, g, edge, k));
  facts.nodes.forEach((node, i) => drawNode(plot, ctx, g, i, shown.has(i), i === next, i === last));
  const said = next === undefined ? "all gradients shown" : `next: ${facts.nodes[next].asked}`;
  plot.svg.setAttribute("aria-label", `graph of the expression, ${facts.nodes.length} values, ${shown.size} gradients shown, ${said}: left and right arrow keys step`);
}

function drawEdge(plot, ctx, g, [parent, child, port], k) {
  const { nodes, places, ways } = ctx.facts, [px, py] = g.at(places[parent]), [cx, cy] = g.at(places[child]), n = nodes[child].inputs, off = port - (n - 1) / 2;
  const start = g.flat ? [px + g.wide(parent) / 2 + STUB, py] : [px, py + 13 + 24];
  const end = g.flat ? [cx - g.wide(child) / 2, cy + PORT * off] : [cx + 46 * off, cy - 13];
  const points = [start, ...ways[k].map(g.at), end];
  let d = `M${start}`;
  for (let i = 1; i < points.length; i++) {
    const [a, b] = [points[i - 1], points[i]];
    d += g.flat ? `C${(a[0] + b[0]) / 2},${a[1]} ${(a[0] + b[0]) / 2},${b[1]} ${b}` : `C${a[0]},${(a[1] + b[1]) / 2} ${b[0]},${(a[1] + b[1]) / 2} ${b}`;
  }
  plot.svg.append(s("path", { d, fill: "none", stroke: "var(--edge)", "stroke-width": 1.3 }));
  const local = ctx.arrays.local.data[k];
  if (Number.isFinite(local)) plot.text(end[0] - (g.flat ? 5 : 4), end[1] - (g.flat ? 3 : 5), fmt(local), { "text-anchor": "end", class: "local", "data-local": k });
}

function drawNode(plot, ctx, g, i, shown, next, last) {
  const node = ctx.facts.nodes[i], { value, grad, part } = ctx.arrays, [x, y] = g.at(ctx.facts.places[i]), w = g.wide(i), t = g.tall(i);
  const stub = g.flat ? { x1: x + w / 2, x2: x + w / 2 + STUB, y1: y, y2: y } : { x1: x, x2: x, y1: y + 13, y2: y + 37 };
  const mark = next ? "var(--s1)" : last ? "var(--ink)" : node.leaf ? "var(--s0)" : "var(--edge)", more = node.size > 1 ? "…" : "";
  plot.svg.append(s("line", { ...stub, stroke: "var(--edge)", "stroke-width": 1.3 }),
    s("rect", { x: x - w / 2, y: y - t / 2, width: w, height: t, rx: node.leaf ? 12 : 5, fill: "var(--bg)", stroke: mark, "stroke-width": next || last ? 2.4 : 1.4, "stroke-dasharray": next ? "4 3" : null },
      s("title", {}, `${node.name}${node.size > 1 ? ` (${node.shape.join(" × ")})` : ""}`)));
  plot.text(x, y + 4, cut(node.sign), { "text-anchor": "middle", class: "strong" });
  if (!node.leaf) plot.text(...(g.flat ? [x, y - t / 2 - 4] : [x + w / 2 + 5, y + 4]), node.name, { "text-anchor": g.flat ? "middle" : "start" });
  const uses = ctx.facts.edges.map((e, k) => [e[0], part.data[k]]).filter(([p]) => p === i).map(([, v]) => fmt(v));
  const up = `${fmt(value.data[i])}${more}`, down = shown ? `${fmt(grad.data[i])}${more}` : next ? "?" : "", sum = shown && uses.length > 1 ? `= ${uses.length > 2 ? `${uses.length} parts` : uses.join(" + ")}` : "";
  const at = g.flat ? { up: [x + w / 2 + 5, y - 5], down: [x + w / 2 + 5, y + 13], sum: [x + w / 2 + 5, y + 26] } : { up: [x - 5, y + 30], down: [x + 5, y + 30], sum: [x + 5, y + 43] };
  plot.text(...at.up, up, { class: "value", "data-value": i, "text-anchor": g.flat ? "start" : "end" });
  if (down) plot.text(...at.down, down, { class: "grad", "data-grad": i });
  if (sum) plot.text(...at.sum, sum, { class: "grad", "data-sum": i });
}

const cut = (name) => (name.length > 11 ? `${name.slice(0, 10)}…` : name);

export default { render: (view) => lab(view, build) };
