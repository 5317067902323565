// ConvStep: input, kernel, window times kernel, output, all computed here; hover or arrow keys on either side.
import { h, panel, fmt, clamp } from "./paper.js";
import { lab, change, playing } from "./shared.js";
import { Cells, direct, player } from "./cells.js";

const OPTIONS = ["stride", "padding", "dilation"];

/** ⌊(n + 2p − d(k − 1) − 1) / s⌋ + 1. */
const places = (n, k, o) => Math.max(0, Math.floor((n + 2 * o.padding - o.dilation * (k - 1) - 1) / o.stride) + 1);

/** Call each(output index, tap index, input index or -1 outside) for every product of the convolution. */
function products(g, each) {
  for (let r = 0, t = 0; r < g.rows; r++) for (let c = 0; c < g.columns; c++, t++) {
    for (let i = 0, tap = 0; i < g.k; i++) for (let j = 0; j < g.k; j++, tap++) {
      const y = r * g.o.stride + i * g.o.dilation - g.o.padding, x = c * g.o.stride + j * g.o.dilation - g.o.padding;
      each(t, tap, y >= 0 && y < g.high && x >= 0 && x < g.wide ? y * g.wide + x : -1);
    }
  }
}

/** y and, for L = ½ Σ y², dL/dX and dL/dK. */
function compute(image, [high, wide], kernel, o, slopes) {
  const k = kernel.length, flat = kernel.flat(), g = { high, wide, k, o, rows: places(high, k, o), columns: places(wide, k, o) };
  if (!g.columns) g.rows = 0;
  if (!g.rows) g.columns = 0;
  const y = new Float64Array(g.rows * g.columns), dx = new Float64Array(image.length), dk = new Float64Array(k * k);
  products(g, (t, tap, at) => { if (at >= 0) y[t] += flat[tap] * image[at]; });
  if (slopes) products(g, (t, tap, at) => { if (at >= 0) { dx[at] += flat[tap] * y[t]; dk[tap] += image[at] * y[t]; } });
  return { ...g, y, dx, dk, flat, image };
}

function build(ctx) {
  const { local, now } = direct(ctx, [...OPTIONS, "kernel", "size", "gradients", "t"]);
  const row = h("div", { class: "lab-conv" });
  ctx.body.append(row);
  const made = (title) => { const p = panel(row, title), area = h("div", {}); p.box.append(area); return { ...p, area }; };
  const inp = made("Input"), ker = made("Kernel"), mul = made("Window × kernel"), out = made("Output");
  let pixel = null, found = null, inputs = [];
  const run = player(ctx, now, "t", () => found.y.length - 1, 250), { stop, goTo } = run, tell = local.t;
  local.t = (t) => { pixel = null; tell(t); };
  const input = new Cells(inp.area, { label: "input", onmove: (r, c) => { stop(); look(r, c); } });
  const table = new Cells(mul.area, { label: "products" }), output = new Cells(out.area, { label: "output", onmove: (r, c) => { stop(); if (pixel || r * found.columns + c !== now("t")) goTo(r * found.columns + c); } });
  const grid = h("div", { class: "lab-kernel", role: "group", "aria-label": "kernel" });
  ker.area.append(grid);
  const sum = h("p", { class: "lab-note", "data-sum": "" }), shape = h("p", { class: "lab-note", "data-shape": "" });
  ctx.body.append(sum, shape);
  const extra = h("div", { class: "lab-conv" }), slopes = [panel(extra, "dL/dX", "L = ½ Σ y²"), panel(extra, "dL/dK", "one number per kernel number")];
  const drawn = slopes.map((p) => { const area = h("div", {}); p.box.append(area); return new Cells(area, { label: "gradient" }); });
  ctx.body.append(extra);
  const learned = panel(ctx.body, "Learned filters and maps"), tiles = h("ul", { class: "lab-maps" });
  learned.box.append(tiles);
  let built = null;

  const look = (r, c) => {
    const p = now("padding"), at = [r - p, c - p];
    if (pixel && pixel[0] === at[0] && pixel[1] === at[1]) return;
    pixel = at;
    ctx.redraw();
  };
  Object.assign(local, run.local);
  const size = local.size;
  local.size = (n) => { kernelFrom = null; size(n); };
  let kernelFrom = null; // the kernel that the number fields were made for

  const draw = () => {
    playing(ctx, run.on());
    const { data, shape: [high, wide] } = ctx.arrays.input, o = Object.fromEntries(OPTIONS.map((name) => [name, now(name)])), kernel = now("kernel");
    const fresh = [data, kernel, now("gradients"), ...Object.values(o)];
    if (!same(fresh, inputs)) { inputs = fresh; found = compute(data, [high, wide], kernel, o, now("gradients")); }
    const { colours } = ctx, t = clamp(now("t"), 0, Math.max(0, found.y.length - 1)), wider = ctx.body.clientWidth, view = { ...found, t, pixel, colours, room: wider < 640 ? wider : (wider - 88 - 94 * found.k) / 2 };
    if (kernelFrom !== kernel.length) { kernelFrom = kernel.length; buildKernel(ctx, grid, kernel, now); }
    fillKernel(grid, kernel);
    inp.cap("Input", `${high}×${wide}${o.padding ? `, ${o.padding} of zeros around` : ""}`);
    drawInput(input, view);
    drawTable(mul, table, view);
    out.cap("Output", found.rows ? `${found.rows}×${found.columns}` : "nothing: the kernel does not fit");
    drawOutput(output, view, ctx.arrays);
    const line = (n, k) => `⌊(${n} + 2·${o.padding} − ${o.dilation}·(${k} − 1) − 1) / ${o.stride}⌋ + 1 = ${places(n, k, o)}`;
    shape.textContent = `rows: ${line(high, found.k)}${high === wide ? "" : `; columns: ${line(wide, found.k)}`}`;
    sum.textContent = sentence(view);
    extra.hidden = !now("gradients");
    if (!extra.hidden) {
      drawn[0].fit(high, wide, view.room).fill(found.dx, colours);
      drawn[1].fit(found.k, found.k).fill(found.dk, colours);
      drawn.forEach((cells, i) => { cells.svg.dataset.values = exact([found.dx, found.dk][i]); cells.say(`${i ? "dL/dK" : "dL/dX"}, largest ${fmt(Math.max(...[found.dx, found.dk][i].map(Math.abs)))}`); });
    }
    learned.box.hidden = !ctx.backdrop.maps;
    const want = `${ctx.backdropRev} ${colours.key} ${ctx.width}`;
    if (!learned.box.hidden && built !== want) { built = want; learned.cap("Learned filters and maps", `of layer ${ctx.facts.layer}; press one to take it as the kernel`); buildMaps(ctx, tiles, colours); }
    if (!learned.box.hidden) [...tiles.children].forEach((li, i) => li.firstChild.setAttribute("aria-pressed", String(now("take") === `filter ${i + 1}`)));
  };
  return { local, close: stop, draw };
}

const same = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);
const exact = (values) => JSON.stringify([...values].map((v) => Number(v.toPrecision(9))));

/** Number fields: typed, arrow keys, or dragged up and down. */
function buildKernel(ctx, grid, kernel, now) {
  const k = kernel.length;
  grid.style.gridTemplateColumns = `repeat(${k}, minmax(0, 60px))`;
  grid.replaceChildren(...kernel.flat().map((_, at) => {
    const field = h("input", { type: "number", step: "any", "aria-label": `kernel row ${Math.floor(at / k) + 1}, column ${(at % k) + 1}` });
    const put = (v) => { if (!Number.isFinite(v)) return; const next = now("kernel").map((r) => [...r]); next[Math.floor(at / k)][at % k] = v; change(ctx, "kernel", next); };
    let from = null;
    field.addEventListener("input", () => { if (field.value !== "") put(Number(field.value)); });
    field.addEventListener("keydown", (e) => { const by = { ArrowUp: 0.1, ArrowDown: -0.1 }[e.key]; if (by) { e.preventDefault(); put(tidy(now("kernel").flat()[at] + by)); field.value = ""; } });
    field.addEventListener("pointerdown", (e) => { from = [e.clientY, now("kernel").flat()[at]]; field.setPointerCapture(e.pointerId); });
    field.addEventListener("pointermove", (e) => { if (!e.buttons || !from || Math.abs(e.clientY - from[0]) < 3) return; e.preventDefault(); field.dataset.drag = "1"; put(tidy(from[1] + (from[0] - e.clientY) * 0.02)); });
    field.addEventListener("pointerup", () => { from = null; delete field.dataset.drag; });
    return field;
  }));
}

const tidy = (v) => Number(v.toFixed(3));

/** Write the numbers, but not into a field that is being typed in. */
function fillKernel(grid, kernel) {
  kernel.flat().forEach((v, i) => {
    const field = grid.children[i];
    if (Number(field.value) === v && field.value !== "") return;
    if (document.activeElement === field && field.value !== "" && !field.dataset.drag) return;
    field.value = String(Number(v.toPrecision(3)));
  });
}

function drawInput(cells, v) {
  const { padding: p, stride, dilation } = v.o, wide = v.wide + 2 * p, high = v.high + 2 * p, all = new Float64Array(wide * high);
  for (let y = 0; y < v.high; y++) for (let x = 0; x < v.wide; x++) all[(y + p) * wide + x + p] = v.image[y * v.wide + x];
  cells.fit(high, wide, v.room).fill(all, v.colours);
  if (p) cells.frame(p, p, v.high, v.wide, { width: 1, dash: "3 3", color: "var(--muted)" });
  if (v.pixel) {
    const [y, x] = v.pixel;
    cells.at = [y + p, x + p];
    cells.frame(y + p, x + p);
  } else if (v.rows) {
    const r = Math.floor(v.t / v.columns) * stride, c = (v.t % v.columns) * stride;
    cells.at = [r, c];
    if (dilation === 1) cells.frame(r, c, v.k, v.k);
    else for (let i = 0; i < v.k * v.k; i++) cells.frame(r + Math.floor(i / v.k) * dilation, c + (i % v.k) * dilation);
  }
  const at = cells.at || [0, 0], y = at[0] - p, x = at[1] - p;
  cells.say(`input row ${y}, column ${x}: ${fmt(all[at[0] * wide + at[1]] ?? 0, 4)}; arrow keys move`);
}

/** The taps of the window shown, or those by which the chosen pixel is used: [tap, output, product, input]. */
function terms(v) {
  const list = [], { stride, padding: p, dilation } = v.o, inside = (r, c, rows, columns) => r >= 0 && r < rows && c >= 0 && c < columns;
  for (let tap = 0; tap < v.k * v.k; tap++) {
    const i = Math.floor(tap / v.k) * dilation - p, j = (tap % v.k) * dilation - p;
    const [y, x] = v.pixel || [Math.floor(v.t / v.columns) * stride + i, (v.t % v.columns) * stride + j];
    const r = (y - i) / stride, c = (x - j) / stride, on = inside(y, x, v.high, v.wide), at = on ? y * v.wide + x : -1;
    if (v.pixel && !(on && Number.isInteger(r) && Number.isInteger(c) && inside(r, c, v.rows, v.columns))) continue;
    list.push([tap, r * v.columns + c, on ? v.flat[tap] * v.image[at] : 0, at]);
  }
  return list;
}

function drawTable(p, cells, v) {
  const values = new Float64Array(v.k * v.k).fill(NaN);
  for (const [tap, , product] of terms(v)) values[tap] = product;
  p.cap(v.pixel ? "Pixel × kernel" : "Window × kernel", v.pixel ? "empty: that number never meets it" : "");
  cells.fit(v.k, v.k).fill(values, v.colours);
  cells.say(`${v.pixel ? "pixel" : "window"} times kernel: ${[...values].map((x) => (Number.isNaN(x) ? "none" : fmt(x))).join(", ")}`);
}

function drawOutput(cells, v, arrays) {
  cells.fit(Math.max(1, v.rows), Math.max(1, v.columns), v.room).fill(v.y, v.colours);
  cells.svg.dataset.values = exact(v.y);
  if (!v.rows) return cells.say("no output");
  const wrong = arrays.wrong?.shape.join() === `${v.rows},${v.columns}` ? arrays.wrong.data : [];
  wrong.forEach((bad, t) => { if (bad) cells.frame(Math.floor(t / v.columns), t % v.columns, 1, 1, { color: "var(--bad)", dash: "3 2" }); });
  const shown = v.pixel ? terms(v).map(([, t]) => t) : [v.t];
  for (const t of shown) cells.frame(Math.floor(t / v.columns), t % v.columns);
  cells.at = [Math.floor((shown[0] ?? v.t) / v.columns), (shown[0] ?? v.t) % v.columns];
  cells.say(`output row ${cells.at[0]}, column ${cells.at[1]}: ${fmt(v.y[cells.at[0] * v.columns + cells.at[1]], 4)}; arrow keys move`);
}

function sentence(v) {
  if (!v.rows) return "";
  const list = terms(v);
  if (v.pixel) {
    const inside = v.pixel[0] >= 0 && v.pixel[0] < v.high && v.pixel[1] >= 0 && v.pixel[1] < v.wide;
    return inside ? `x(${v.pixel}) = ${fmt(v.image[v.pixel[0] * v.wide + v.pixel[1]])} enters ${list.length} of ${v.y.length} outputs.` : "Padding: a zero that belongs to no pixel.";
  }
  const words = list.map(([tap, , , at]) => `${fmt(at < 0 ? 0 : v.image[at], 2)}·${fmt(v.flat[tap], 2)}`), cut = words.length > 9 ? [...words.slice(0, 9), "…"] : words;
  return `y(${Math.floor(v.t / v.columns)},${v.t % v.columns}) = ${cut.join(" + ").replaceAll("·−", "·(−").replace(/\(−([^ ]+)/g, "(−$1)")} = ${fmt(v.y[v.t], 4)}`;
}

/** A button per learned filter: the filter, and the map that it made. */
function buildMaps(ctx, tiles, colours) {
  const { filters, maps } = ctx.backdrop, [n, k] = filters.shape, [, high, wide] = maps.shape;
  tiles.replaceChildren(...Array.from({ length: n }, (_, i) => {
    const button = h("button", { type: "button", class: "lab-map", "aria-label": `filter ${i + 1}`, onclick: () => change(ctx, "take", `filter ${i + 1}`) }, h("span", {}, String(i + 1)));
    const li = h("li", {}, button);
    tiles.append(li);
    new Cells(button, { most: 9 }).fit(k, k).fill(filters.data.subarray(i * k * k, (i + 1) * k * k), colours);
    new Cells(button, { most: Math.max(2, Math.floor(64 / wide)) }).fit(high, wide).fill(maps.data.subarray(i * high * wide, (i + 1) * high * wide), colours);
    return li;
  }));
}

export default { render: (view) => lab(view, build) };
