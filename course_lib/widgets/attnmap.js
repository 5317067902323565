// AttnMap: one head's matrix linked with the tokens; the rows come as float16 when a head is chosen.
import { h, s, panel, fmt, write, cividis, clamp, Plot } from "./paper.js";
import { lab, change } from "./shared.js";
import { piece, barCell } from "./chips.js";

const ROWS = 12;

function build(ctx) {
  const warn = h("p", { class: "lab-error", role: "status", hidden: true });
  const words = panel(ctx.body, "Tokens", "tint: weight; point at one: its row; click: it looks"), chips = h("ol", { class: "lab-chips", "aria-label": "tokens" });
  words.box.append(chips);
  ctx.body.prepend(warn);
  const wrap = h("div", { class: "lab-race" });
  ctx.body.append(wrap);
  const left = h("div", { class: "lab-panel" });
  wrap.append(left);
  const matrix = panel(left, "Weights"), map = new Plot(matrix.box, { height: 300, margin: [4, 8, 58, 34], label: "attention weights", attrs: { tabindex: 0, role: "application" } });
  const side = panel(wrap, "Where it looks"), table = h("table", { class: "lab-rows lab-looks" });
  side.box.append(table);
  const all = panel(left, "All heads", "a row per layer"), thumbs = h("div", { class: "lab-heads", role: "group", "aria-label": "heads" });
  all.box.append(thumbs);
  const view = { ctx, hover: null, rows: null, key: null };
  point(view, map);
  chipRows(view, chips);
  view.draw = () => {
    const n = ctx.facts.labels.length, at = ctx.link.pending("t") ? view.t : ctx.state.t - 1;
    view.t = clamp(at, 0, n - 1);
    const bytes = ctx.model.get("_rows");
    if (bytes !== view.bytes) { view.bytes = bytes; view.rows = half(bytes); }
    const row = clamp(view.hover?.[0] ?? view.chip ?? view.t, 0, n - 1);
    warn.hidden = !ctx.facts.cheating;
    write(warn, ctx.facts.cheating);
    matrix.cap(`Layer ${ctx.state.layer}, head ${ctx.state.head}`, view.hover ? `${name(ctx, view.hover[0])} looks at ${name(ctx, view.hover[1])}: ${fmt(view.rows[view.hover[0] * n + view.hover[1]])}` : "a row looks at the columns");
    drawTokens(view, chips, row, n);
    drawMatrix(view, map, row, n);
    side.cap(`${name(ctx, row)} looks`, row === view.t ? `change of log p(${ctx.facts.target}) = log ${fmt(ctx.facts.p)}` : "click to weigh it too");
    drawSide(view, table, row, n);
    drawThumbs(view, thumbs);
  };
  return view;
}

const name = (ctx, i) => `${i + 1} ${ctx.facts.labels[i]}`;

/** float16 to numbers. */
export function half(view) {
  const bits = new Uint16Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength)), out = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) {
    const sign = bits[i] >> 15 ? -1 : 1, power = (bits[i] >> 10) & 31, part = bits[i] & 1023;
    out[i] = sign * (power === 31 ? (part ? NaN : Infinity) : power ? 2 ** (power - 15) * (1 + part / 1024) : 2 ** -24 * part);
  }
  return out;
}

function pin(view, t) {
  view.t = t;
  change(view.ctx, "t", t + 1);
  view.ctx.redraw();
}

/** Tokens as buttons, tinted by the weight that the row gives them; an underline of the same length says it without colour. */
function drawTokens(view, list, row, n) {
  const { ctx } = view, key = JSON.stringify(ctx.facts.labels);
  if (key !== view.labels) { view.labels = key; list.replaceChildren(...ctx.facts.labels.map((label, j) => h("li", {}, h("button", { type: "button", "data-j": String(j), onclick: () => pin(view, j) }, piece(label))))); }
  [...list.children].forEach((li, j) => {
    const w = view.rows[row * n + j] || 0, button = li.firstChild;
    li.className = j === row ? "new" : "";
    li.style.setProperty("--w", `${(100 * w).toFixed(1)}%`);
    button.setAttribute("aria-label", `${name(ctx, j)}, weight ${fmt(w, 2)}`);
    button.setAttribute("aria-pressed", String(j === view.t));
  });
}

/** The token that is pointed at, or has the focus, shows its row. */
function chipRows(view, list) {
  const at = (e) => { const button = e.target.closest("button"); return button ? Number(button.dataset.j) : null; };
  const look = (j) => { if (j !== view.chip) { view.chip = j; view.ctx.redraw(); } };
  list.addEventListener("pointerover", (e) => look(at(e)));
  list.addEventListener("pointerleave", () => look(null));
  list.addEventListener("focusin", (e) => look(at(e)));
  list.addEventListener("focusout", () => look(null));
}

function drawMatrix(view, plot, row, n) {
  const every = n > 40 ? 8 : n > 20 ? 4 : n > 10 ? 2 : 1, at = [];
  for (let i = 0; i < n; i += every) at.push(i);
  const axis = { ticks: at, format: (i) => String(i + 1) };
  plot.resize(clamp(n * 18, 180, 400) + 62);
  plot.begin({ lo: -0.5, hi: n - 0.5, label: "token looked at", ...axis }, { lo: n - 0.5, hi: -0.5, ...axis });
  plot.svg.querySelectorAll(".grid").forEach((line) => line.remove());
  const { x0, x1, y0, y1 } = plot.area, wide = (x1 - x0) / n, high = (y0 - y1) / n, pen = plot.paint();
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) {
    if (view.ctx.facts.causal && j > i) continue;
    pen.fillStyle = `rgb(${cividis(view.rows[i * n + j])})`;
    pen.fillRect(x0 + j * wide, y1 + i * high, wide + 0.5, high + 0.5);
  }
  const box = (x, y, w, hgt) => plot.svg.append(s("rect", { x, y, width: w, height: hgt, fill: "none", stroke: "var(--s1)", "stroke-width": 2 }));
  box(x0, y1 + row * high, x1 - x0, high);
  if (view.hover) box(x0 + view.hover[1] * wide, y1 + view.hover[0] * high, wide, high);
  for (let i = 0; i < 64; i++) { pen.fillStyle = `rgb(${cividis(i / 63)})`; pen.fillRect(x0 + (i * (x1 - x0)) / 64, plot.height - 18, (x1 - x0) / 64 + 0.5, 7); }
  for (const v of [0, 0.5, 1]) plot.text(x0 + v * (x1 - x0), plot.height - 1, fmt(v), { "text-anchor": ["start", "middle", "end"][2 * v] });
  plot.svg.setAttribute("aria-label", `attention weights; row ${name(view.ctx, row)}: up and down change the token, left and right the head`);
}

/** The tokens with the largest weights and effects, in the order of the text. */
function drawSide(view, table, row, n) {
  const { ctx } = view, effect = ctx.arrays.effect.data, told = row === view.t && !ctx.link.pending("t"), most = Math.max(...Array.from(effect, Math.abs), 1e-6);
  const weight = (j) => view.rows[row * n + j] || 0, rank = (j) => Math.max(weight(j), told ? Math.abs(effect[j]) / most : 0);
  const chosen = [...Array(n).keys()].sort((a, b) => rank(b) - rank(a)).slice(0, ROWS).sort((a, b) => a - b);
  const head = h("thead", {}, h("tr", {}, ["token", "weight", "Δ log p if hidden"].map((words) => h("th", { scope: "col" }, words))));
  table.replaceChildren(head, h("tbody", {}, chosen.map((j) => h("tr", { class: "done" }, h("th", { scope: "row" }, `${j + 1} `, piece(ctx.facts.labels[j])), barCell(weight(j), fmt(weight(j), 2)), told ? signed(effect[j], most) : h("td", {}, "–")))));
}

/** A number with a bar to the left or right of zero, which stays in the middle. */
function signed(v, most) {
  const half = (50 * Math.abs(v)) / most, style = `left:${(v < 0 ? 50 - half : 50).toFixed(1)}%;width:${half.toFixed(1)}%;background:var(--s${v < 0 ? 1 : 2})`;
  return h("td", {}, h("span", {}, `${v > 0 ? "+" : ""}${fmt(Math.abs(v) < 5e-4 ? 0 : v, 2)}`), h("span", { class: "lab-bar", "aria-hidden": "true" }, h("i", { style }), h("b", { style: "left:50%" })));
}

/** A picture of every head; drawn anew only when the weights have changed. */
function drawThumbs(view, box) {
  const { ctx } = view, { shape: [layers, heads, m], data } = ctx.backdrop.thumbs, key = `${ctx.backdropRev}`;
  if (key !== view.key) {
    view.key = key;
    box.style.setProperty("--heads", heads);
    box.replaceChildren(...Array.from({ length: layers * heads }, (_, i) => thumb(ctx, Math.floor(i / heads) + 1, (i % heads) + 1, m, data.subarray(i * m * m, (i + 1) * m * m))));
  }
  [...box.children].forEach((node, i) => node.setAttribute("aria-pressed", String(i === (ctx.state.layer - 1) * heads + ctx.state.head - 1)));
}

function thumb(ctx, layer, head, m, data) {
  const canvas = h("canvas", { width: m, height: m, "aria-hidden": "true" }), pen = canvas.getContext("2d"), image = pen.createImageData(m, m);
  data.forEach((w, i) => { const [r, g, b] = cividis(w); image.data.set([r, g, b, ctx.facts.causal && i % m > Math.floor(i / m) ? 0 : 255], 4 * i); });
  pen.putImageData(image, 0, 0);
  const choose = () => { ctx.state.layer = layer; ctx.state.head = head; ctx.send({ set: { layer, head } }); ctx.redraw(); };
  return h("button", { type: "button", class: "lab-head1", "aria-label": `layer ${layer}, head ${head}`, title: `layer ${layer}, head ${head}`, onclick: choose }, canvas);
}

/** Hover: a cell; click: its row is pinned; arrows: another token or head. */
function point(view, plot) {
  const { ctx } = view, n = () => ctx.facts.labels.length;
  const cell = (e) => {
    const box = plot.svg.getBoundingClientRect(), i = Math.round(plot.y.invert(e.clientY - box.top)), j = Math.round(plot.x.invert(e.clientX - box.left));
    return i >= 0 && j >= 0 && i < n() && j < n() ? [i, j] : null;
  };
  plot.svg.addEventListener("pointermove", (e) => { view.hover = cell(e); ctx.redraw(); });
  plot.svg.addEventListener("pointerleave", () => { view.hover = null; ctx.redraw(); });
  plot.svg.addEventListener("click", (e) => { const hit = cell(e); if (hit) pin(view, hit[0]); });
  plot.svg.addEventListener("keydown", (e) => {
    const [down, across] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[e.key] || [0, 0];
    if (down) pin(view, clamp(view.t + down, 0, n() - 1));
    if (across) change(ctx, "head", clamp(ctx.state.head + across, 1, ctx.backdrop.thumbs.shape[1]));
    if (down || across) e.preventDefault();
  });
}

export default { render: (view) => lab(view, build) };
