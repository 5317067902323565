// What all widgets share: elements, numbers, colours, axes, controls, and the talk with Python.

// ---- elements ----------------------------------------------------------------------------------------------------
const SVG = "http://www.w3.org/2000/svg";

function fill(node, attrs, kids) {
  for (const [name, value] of Object.entries(attrs || {})) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...kids.flat().filter((kid) => kid !== null && kid !== undefined));
  return node;
}

/** Make an HTML element; text goes in as text, never as markup. */
export function h(tag, attrs, ...kids) {
  return fill(document.createElement(tag), attrs, kids);
}

/** Make an SVG element. */
export function s(tag, attrs, ...kids) {
  return fill(document.createElementNS(SVG, tag), attrs, kids);
}

/** Make a captioned panel for one picture; returns { box, cap(title, note) }. */
export function panel(parent, title, note = "") {
  const heading = h("h4", {}, title), small = h("span", {}, note);
  const box = h("div", { class: "lab-panel" }, h("div", { class: "lab-cap" }, heading, small));
  parent.append(box);
  return { box, cap: (text, more = "") => { heading.textContent = text; small.textContent = more; } };
}

// ---- numbers -----------------------------------------------------------------------------------------------------
const RAISED = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
const raised = (n) => String(n).split("").map((c) => RAISED[c]).join("");

/** A number in at most `digits` significant digits, with a true minus sign and powers of ten. */
export function fmt(x, digits = 3) {
  if (x === null || x === undefined || Number.isNaN(x)) return "NaN";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : "−∞";
  if (x === 0) return "0";
  const size = Math.abs(x);
  if (size >= 1e-3 && size < 1e5) return String(Number(x.toPrecision(digits))).replace("-", "−");
  const [digit, power] = x.toExponential(Math.max(0, digits - 2)).split("e");
  const mantissa = String(Number(digit)).replace("-", "−");
  const ten = `10${raised(Number(power))}`;
  return mantissa === "1" ? ten : `${mantissa}×${ten}`;
}

/** Round numbers between lo and hi, about `count` of them. */
export function ticks(lo, hi, count = 5) {
  const rough = (hi - lo) / Math.max(1, count), ten = 10 ** Math.floor(Math.log10(rough || 1));
  const step = ten * ([1, 2, 5, 10].find((m) => m * ten >= rough * 0.999) || 10);
  const out = [];
  for (let i = Math.ceil(lo / step - 1e-9); i * step <= hi + step * 1e-9; i++) out.push(Number((i * step).toPrecision(12)));
  return out;
}

/** Ticks of a logarithmic axis: powers of ten, or 1-2-5 where the span is short. */
export function logTicks(lo, hi, count = 5) {
  const a = Math.log10(lo), b = Math.log10(hi), parts = b - a < 1 ? [1, 2, 5] : b - a < 2.2 ? [1, 3] : [1], every = Math.max(1, Math.ceil((b - a) / count));
  const out = [];
  for (let e = Math.floor(a); e <= Math.ceil(b); e++) {
    if (e % every) continue;
    for (const m of parts) { const t = m * 10 ** e; if (t >= lo * 0.999 && t <= hi * 1.001) out.push(t); }
  }
  return out;
}

/** Smallest and largest finite number of several arrays. */
export function extent(...lists) {
  let lo = Infinity, hi = -Infinity;
  for (const list of lists) for (const x of list) if (Number.isFinite(x)) { if (x < lo) lo = x; if (x > hi) hi = x; }
  return lo <= hi ? [lo, hi] : [0, 1];
}

/** The arrays of a packed float32 buffer: { name: { data, shape } }. */
export function unpack(view, layout) {
  const out = {};
  if (!view) return out;
  const flat = new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
  for (const [name, shape, start] of layout) out[name] = { shape, data: flat.subarray(start, start + shape.reduce((a, b) => a * b, 1)) };
  return out;
}

// ---- colours -----------------------------------------------------------------------------------------------------
export const DASHES = ["", "7 4", "7 3 1.5 3", "1.5 3.5", "9 3 1.5 3 1.5 3", "12 3", "2 2"];
const CIVIDIS = ["#00224e", "#123570", "#3b496c", "#575d6d", "#707173", "#8a8678", "#a59c74", "#c3b369", "#e1cc55", "#fee838"];
const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
const CIVIDIS_RGB = CIVIDIS.map(rgb);

/** Colour of t in 0..1 on a list of [r, g, b] stops. */
export function ramp(stops, t) {
  const x = Math.min(1, Math.max(0, t)) * (stops.length - 1), i = Math.min(stops.length - 2, Math.floor(x)), f = x - i;
  return stops[i].map((v, k) => Math.round(v + f * (stops[i + 1][k] - v)));
}
export const cividis = (t) => ramp(CIVIDIS_RGB, t);

/** The theme's colours, read from the style sheet. */
export function theme(root) {
  const css = getComputedStyle(root), get = (name) => css.getPropertyValue(name).trim();
  return { ramp: [rgb(get("--ramp-lo")), rgb(get("--ramp-hi"))], bg: get("--bg"), ink: get("--ink") };
}

// ---- markers: a shape goes with every colour ---------------------------------------------------------------------
const SHAPES = [
  (r) => `M${r},0A${r},${r} 0 1 1 ${-r},0A${r},${r} 0 1 1 ${r},0Z`,
  (r) => `M${-r * 0.9},${-r * 0.9}H${r * 0.9}V${r * 0.9}H${-r * 0.9}Z`,
  (r) => `M0,${-r * 1.15}L${r * 1.1},${r * 0.85}H${-r * 1.1}Z`,
  (r) => `M0,${-r * 1.25}L${r * 1.25},0L0,${r * 1.25}L${-r * 1.25},0Z`,
  (r) => `M0,${r * 1.15}L${r * 1.1},${-r * 0.85}H${-r * 1.1}Z`,
  (r) => `M${-r * 0.4},${-r}H${r * 0.4}V${-r * 0.4}H${r}V${r * 0.4}H${r * 0.4}V${r}H${-r * 0.4}V${r * 0.4}H${-r}V${-r * 0.4}H${-r * 0.4}Z`,
];

/** A marker of series i at pixel (x, y). */
export function marker(i, x, y, r = 4.5, attrs = {}) {
  return s("path", { d: SHAPES[i % SHAPES.length](r), transform: `translate(${x.toFixed(1)},${y.toFixed(1)})`, fill: `var(--s${i % 7})`, stroke: "var(--bg)", "stroke-width": 1.2, ...attrs });
}

/** Legend: items are { series, label, line, mark, dash }. */
export function legend(items) {
  return h("ul", { class: "lab-legend" }, items.map((item) => h("li", {}, swatch(item), item.label)));
}

function swatch({ series = 0, line = true, mark = true, dash = null, opacity = 1 }) {
  const stroke = { x1: 1, x2: 29, y1: 6, y2: 6, stroke: `var(--s${series % 7})`, "stroke-width": 2, "stroke-dasharray": dash ?? DASHES[series % 7], opacity };
  return s("svg", { viewBox: "0 0 30 12", "aria-hidden": "true" }, line ? s("line", stroke) : null, mark ? marker(series, 15, 6, 4, { opacity }) : null);
}

// ---- a picture with axes -----------------------------------------------------------------------------------------
/** Axes in SVG over a canvas. Call begin() each time, then draw in data coordinates. */
export class Plot {
  constructor(parent, { height = 160, margin = [8, 10, 34, 44], label = "", attrs = {} } = {}) {
    Object.assign(this, { height, margin });
    this.canvas = h("canvas", { "aria-hidden": "true" });
    this.svg = s("svg", { role: "img", "aria-label": label, ...attrs });
    this.box = h("div", { class: "lab-plot", style: `height:${height}px` }, this.canvas, this.svg);
    parent.append(this.box);
  }

  /** Clear, and set the ranges: x, y = { lo, hi, log, label, ticks, format, hide }. */
  begin(x, y) {
    this.width = Math.max(120, this.box.clientWidth);
    const [top, right, bottom, left] = this.margin;
    this.area = { x0: left, x1: this.width - right, y0: this.height - bottom, y1: top };
    this.x = scale(x, this.area.x0, this.area.x1);
    this.y = scale(y, this.area.y0, this.area.y1);
    this.svg.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`);
    this.svg.replaceChildren();
    this.axes(x, y);
    return this;
  }

  resize(height) {
    this.height = height;
    this.box.style.height = `${height}px`;
  }

  axes(x, y) {
    const { x0, x1, y0, y1 } = this.area, add = (...nodes) => this.svg.append(...nodes);
    const xs = x.ticks || (x.log ? logTicks : ticks)(x.lo, x.hi, Math.max(2, Math.floor((x1 - x0) / 70)));
    const ys = y.ticks || (y.log ? logTicks : ticks)(y.lo, y.hi, Math.max(2, Math.floor((y0 - y1) / 36)));
    const name = (axis, t) => (axis.format || fmt)(t);
    if (y.label) add(s("text", { x: 2, y: (y0 + y1) / 2 + 3.5 }, y.label));
    if (!y.hide) for (const t of ys) {
      const at = Math.round(this.y(t)) + 0.5;
      add(s("line", { class: "grid", x1: x0, x2: x1, y1: at, y2: at }), s("text", { x: x0 - 6, y: at + 3.5, "text-anchor": "end" }, name(y, t)));
    }
    if (!x.hide) {
      for (const t of xs) {
        const at = Math.round(this.x(t)) + 0.5;
        add(s("line", { class: "axis", x1: at, x2: at, y1: y0, y2: y0 + 4 }), s("text", { x: at, y: y0 + 15, "text-anchor": "middle" }, name(x, t)));
      }
      if (x.label) add(s("text", { x: (x0 + x1) / 2, y: y0 + 29, "text-anchor": "middle" }, x.label));
    }
    if (!x.bare) add(s("line", { class: "axis", x1: x0, x2: x1, y1: y0 + 0.5, y2: y0 + 0.5 }));
  }

  /** A line through (xs, ys); gaps where a value is missing. */
  line(xs, ys, { series = 0, dash = null, width = 1.8, opacity = 1, color = null } = {}) {
    const { x0, x1, y0, y1 } = this.area;
    let d = "", pen = false;
    for (let i = 0; i < xs.length; i++) {
      const x = this.x(xs[i]), y = this.y(ys[i]);
      if (!Number.isFinite(x) || !Number.isFinite(y)) { pen = false; continue; }
      d += `${pen ? "L" : "M"}${clamp(x, x0 - 20, x1 + 20).toFixed(1)},${clamp(y, y1 - 20, y0 + 20).toFixed(1)}`;
      pen = true;
    }
    const node = s("path", { d, fill: "none", stroke: color || `var(--s${series % 7})`, "stroke-width": width, "stroke-dasharray": dash ?? DASHES[series % 7], "stroke-linejoin": "round", opacity });
    this.svg.append(node);
    return node;
  }

  /** Marker of a series at a data point. */
  dot(x, y, series = 0, r = 4.5, attrs = {}) {
    const px = this.x(x), py = this.y(y);
    if (Number.isFinite(px) && Number.isFinite(py)) this.svg.append(marker(series, px, py, r, attrs));
  }

  /** A vertical guide. */
  vline(x, { color = "var(--edge)", dash = "3 3", width = 1 } = {}) {
    const at = this.x(x);
    this.svg.append(s("line", { x1: at, x2: at, y1: this.area.y1, y2: this.area.y0, stroke: color, "stroke-dasharray": dash, "stroke-width": width }));
  }

  /** Text at a pixel place. */
  text(x, y, words, attrs = {}) {
    this.svg.append(s("text", { x, y, ...attrs }, words));
  }

  /** Prepare the canvas for drawing in CSS pixels. */
  paint() {
    const ratio = window.devicePixelRatio || 1, w = Math.round(this.width * ratio), hgt = Math.round(this.height * ratio);
    if (this.canvas.width !== w || this.canvas.height !== hgt) Object.assign(this.canvas, { width: w, height: hgt });
    const pen = this.canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, this.width, this.height);
    return pen;
  }
}

export const clamp = (x, lo, hi) => Math.min(hi, Math.max(lo, x));

/** A function from data to pixels, with its inverse in .invert. */
export function scale({ lo, hi, log = false }, from, to) {
  const f = log ? Math.log10 : (v) => v, a = f(lo), b = f(hi), span = b - a || 1;
  const map = (v) => from + ((f(v) - a) / span) * (to - from);
  map.invert = (p) => { const v = a + ((p - from) / (to - from)) * span; return log ? 10 ** v : v; };
  return map;
}

// ---- controls ----------------------------------------------------------------------------------------------------
const ICONS = {
  play: "M1.5 0.5L10.5 5.5L1.5 10.5Z", pause: "M1 .5H4V10.5H1ZM7 .5H10V10.5H7Z", step: "M.5 .5L7 5.5L.5 10.5ZM8 .5H10.5V10.5H8Z",
  reset: "M5.5 1.2A4.3 4.3 0 1 1 1.6 3.7L2.9 4.4A2.8 2.8 0 1 0 5.5 2.7V4.6L2.3 1.9L5.5 -.6Z",
};
const icon = (name) => s("svg", { viewBox: "0 0 11 11", "aria-hidden": "true" }, s("path", { d: ICONS[name] }));

function sliderField(c, send) {
  let n, at, high = null;
  const value = (p) => (c.whole ? Math.round(at.invert(p)) : Number(at.invert(p).toPrecision(3)));
  const out = h("output", {});
  const input = h("input", { type: "range", min: 0, step: 1, "aria-label": c.label, "data-name": c.name });
  const say = (v) => { out.textContent = fmt(v, c.whole ? 9 : 3); input.setAttribute("aria-valuetext", out.textContent); };
  input.addEventListener("input", () => { const v = value(Number(input.value)); say(v); send(v); });
  const set = (v) => { input.value = clamp(at(v), 0, n); say(v); };
  const range = (top) => {
    if (top === high) return;
    high = top;
    n = c.whole ? Math.round(high - c.low) : c.step ? Math.round((high - c.low) / c.step) : 120;
    at = scale({ lo: c.low, hi: high, log: c.log }, 0, n);
    input.max = n;
  };
  range(c.high);
  return { node: h("label", { class: "lab-field" }, h("span", {}, c.label, out), input), input, set, range };
}

function choiceField(c, send) {
  const input = h("select", { "aria-label": c.label, "data-name": c.name }, c.options.map((o) => h("option", { value: o }, o)));
  input.addEventListener("change", () => send(input.value));
  return { node: h("label", { class: "lab-field" }, h("span", {}, c.label), input), input, set: (v) => { input.value = v; } };
}

/** Words; what an input method is still composing (pinyin, say) waits until it is finished. */
function textField(c, send) {
  const input = h("input", { type: "search", "aria-label": c.label, "data-name": c.name });
  input.addEventListener("input", (e) => { if (!e.isComposing) send(input.value); });
  input.addEventListener("compositionend", () => send(input.value));
  return { node: h("label", { class: "lab-field" }, h("span", {}, c.label), input), input, set: (v) => { if (input.value !== v) input.value = v; } };
}

function toggleField(c, send) {
  const input = h("input", { type: "checkbox", "aria-label": c.label, "data-name": c.name });
  input.addEventListener("change", () => send(input.checked));
  return { node: h("label", { class: "lab-switch" }, input, c.label), input, set: (v) => { input.checked = v; } };
}

const FIELDS = { slider: sliderField, choice: choiceField, text: textField, toggle: toggleField };

// ---- the talk with Python ----------------------------------------------------------------------------------------
/** One message in flight at a time; settings that wait are merged, so the last state is always right. */
export class Link {
  constructor(post) {
    Object.assign(this, { post, waiting: [], flying: 0, seq: 0, sentAt: 0 });
  }

  send(message) {
    const last = this.waiting[this.waiting.length - 1];
    if (last && last.set && message.set) Object.assign(last.set, message.set);
    else this.waiting.push(message);
    this.flush();
  }

  flush() {
    if (this.flying || !this.waiting.length) return;
    this.seq = Math.max(this.seq + 1, Date.now());
    this.flying = this.seq;
    this.sentAt = performance.now();
    this.inAir = this.waiting.shift();
    this.post({ ...this.inAir, seq: this.seq });
  }

  ack(seq) {
    if (!this.flying || seq < this.flying) return;
    this.flying = 0;
    this.inAir = null;
    this.flush();
  }

  /** True while this control's newest value has not come back. */
  pending(name) {
    return [this.inAir, ...this.waiting].some((m) => m && m.set && name in m.set);
  }
}

// ---- the widget --------------------------------------------------------------------------------------------------
/**
 * Put a widget on the page. `make(ctx)` builds its pictures in ctx.body and returns { draw, local, close }.
 * draw() runs at most once per animation frame; `local` holds buttons and controls that the browser handles by itself.
 */
export function lab({ model, el }, make) {
  const ctx = { model, fields: {}, buttons: {}, local: {}, facts: {}, state: {}, arrays: {}, backdrop: {}, still: matchMedia("(prefers-reduced-motion: reduce)") };
  const link = new Link((message) => model.send(message));
  const parts = skeleton(link);
  const { root } = parts;
  ctx.root = root; ctx.body = parts.body; ctx.link = link;
  ctx.send = (message) => link.send(message);
  el.append(root);

  let queued = 0, rev = 0, alive = true, view = null, hidden = 0;
  const paint = () => {
    queued = 0;
    if (!alive) return;
    if (!root.clientWidth) { if (++hidden < 20) setTimeout(ctx.redraw, 100); return; } // hidden for a moment, while a theme loads
    hidden = 0;
    if (view && !parts.body.hidden) view.draw();
    root.dataset.ack = ctx.meta.ack;
    root.dataset.fresh = link.flying || link.waiting.length ? "0" : "1"; // 1: Python has answered everything
    root.dataset.rev = ++rev;
    root.dataset.light = document.body.dataset.jpThemeLight ?? "";
    root.dataset.ready = "1";
  };
  ctx.redraw = () => { queued ||= requestAnimationFrame(paint); };

  const take = () => {
    const meta = model.get("_meta");
    if (!meta || !meta.layout) return;
    const state = { ...meta.state, ...keptState(ctx, meta.state) };
    Object.assign(ctx, { meta, state, facts: meta.facts, arrays: unpack(model.get("_buffer"), meta.layout) });
    if (ctx.backdropRev !== meta.backdrop[0]) { ctx.backdropRev = meta.backdrop[0]; ctx.backdrop = unpack(model.get("_backdrop"), meta.backdrop[1]); }
    link.ack(meta.ack);
    if (!view) { view = make(ctx); Object.assign(ctx.local, view.local); }
    controls(ctx, parts);
    fillWords(ctx, parts);
    root.dataset.pyrev = meta.rev;
    ctx.redraw();
  };

  model.on("change:_meta", take);
  take();
  const undo = [onResize(root, ctx.redraw), onTheme(ctx.redraw), onKeys(root, ctx), onWait(root, link, parts)];
  return () => {
    alive = false;
    cancelAnimationFrame(queued);
    model.off("change:_meta", take);
    undo.forEach((f) => f());
    if (view && view.close) view.close();
    model.send({ gone: true });
  };
}

function skeleton(link) {
  const p = {
    title: h("h3", {}), pill: h("span", { class: "lab-pill" }), gate: h("div", {}), verdict: h("p", { class: "lab-verdict", hidden: true }),
    buttons: h("div", { class: "lab-buttons", role: "group", "aria-label": "actions" }), fields: h("div", { class: "lab-fields" }), time: h("div", { class: "lab-time" }),
    error: h("p", { class: "lab-error", role: "alert", hidden: true }), body: h("div", {}), summary: h("p", { class: "lab-summary" }),
    spoken: h("p", { class: "lab-spoken", role: "status", "aria-live": "polite" }), code: h("pre", {}), keys: h("span", {}),
  };
  p.details = h("details", { ontoggle: () => p.details.open && link.send({ code: true }) }, h("summary", {}, "As Python"), p.code);
  p.foot = h("div", { class: "lab-foot" }, p.details, p.keys);
  p.tools = h("div", {}, p.buttons, p.fields, p.time);
  p.root = h("section", { class: "lab", tabindex: 0, role: "group" },
    h("header", { class: "lab-head" }, p.title, p.pill), p.gate, p.verdict, p.tools, p.error, p.body, p.summary, p.spoken, p.foot);
  const keep = (e) => { if (!e.ctrlKey && !e.metaKey && !(e.key === "Enter" && e.shiftKey)) e.stopPropagation(); };
  for (const type of ["keydown", "keyup", "keypress"]) p.root.addEventListener(type, keep); // else JupyterLab takes the arrow keys
  return p;
}

/** Values of the controls that the browser handles by itself; they stay unless Python has moved them too. */
function keptState(ctx, told) {
  const out = {};
  for (const name of ctx.localNames || []) {
    if (name in ctx.state && ctx.told[name] === told[name]) out[name] = ctx.state[name];
  }
  ctx.told = told;
  return out;
}

function controls(ctx, parts) {
  const specs = JSON.stringify(ctx.meta.controls.map(({ value, high, ...rest }) => rest));
  if (specs !== ctx.specs) { ctx.specs = specs; buildControls(ctx, parts); }
  for (const c of ctx.meta.controls) if (ctx.fields[c.name]?.range) ctx.fields[c.name].range(c.high);
  for (const [name, field] of Object.entries(ctx.fields)) if (!ctx.link.pending(name)) field.set(ctx.state[name]);
}

function buildControls(ctx, parts) {
  const held = document.activeElement, focus = parts.root.contains(held) ? held.dataset.name : null;
  ctx.fields = {}; ctx.buttons = {};
  for (const place of [parts.buttons, parts.fields, parts.time]) place.replaceChildren();
  for (const c of ctx.meta.controls) {
    if (c.kind === "button") parts.buttons.append(ctx.buttons[c.name] = actionButton(ctx, c));
    else if (FIELDS[c.kind]) {
      const field = FIELDS[c.kind](c, (value) => change(ctx, c.name, value));
      ctx.fields[c.name] = field;
      if (!c.group) parts.fields.append(field.node);
      if (c.group === "time") parts.time.append(field.node);
    }
  }
  parts.fields.dataset.columns = parts.fields.children.length % 4 ? 3 : 4;
  parts.keys.replaceChildren(...ctx.meta.controls.filter((c) => c.key).flatMap((c) => [h("kbd", {}, c.key), ` ${c.label.toLowerCase()}  `]));
  if (ctx.onControls) ctx.onControls();
  if (focus) parts.root.querySelector(`[data-name="${focus}"]`)?.focus();
}

/** A control moved: here if the browser handles it, else in Python. */
export function change(ctx, name, value) {
  ctx.state[name] = value;
  if (ctx.local[name]) { ctx.local[name](value); ctx.redraw(); } else ctx.send({ set: { [name]: value } });
}

function actionButton(ctx, c) {
  const main = c.name === "play";
  return h("button", {
    type: "button", class: main ? "lab-button main" : "lab-button", "data-name": c.name, "aria-keyshortcuts": c.key || null, title: c.key ? `${c.label} (${c.key})` : c.label,
    onclick: () => press(ctx, c.name),
  }, ICONS[c.name] ? icon(c.name) : null, c.label);
}

function press(ctx, name) {
  if (ctx.buttons[name]?.disabled) return;
  if (ctx.local[name]) { ctx.local[name](); ctx.redraw(); } else ctx.send({ act: name });
}

/** Show a button as Play or as Pause. */
export function playing(ctx, on) {
  const button = ctx.buttons.play;
  if (button && button.dataset.on !== String(on)) {
    button.dataset.on = String(on);
    button.replaceChildren(icon(on ? "pause" : "play"), on ? "Pause" : "Play");
  }
}

function fillWords(ctx, parts) {
  const { meta, facts } = ctx, text = (node, words) => { if (node.textContent !== words) node.textContent = words; };
  text(parts.title, meta.title);
  parts.root.setAttribute("aria-label", meta.title);
  ctx.pill = facts.status || "";
  text(parts.pill, ctx.pill);
  text(parts.error, meta.error);
  parts.error.hidden = !meta.error;
  text(parts.summary, meta.summary);
  speak(parts.spoken, meta.error || meta.summary);
  for (const node of [parts.body, parts.tools, parts.summary, parts.foot]) node.hidden = Boolean(meta.gate);
  gate(ctx, parts);
  text(parts.code, meta.code || "");
  const key = JSON.stringify(meta.state);
  if (parts.details.open && ctx.codeFor !== key && !meta.running) { ctx.codeFor = key; ctx.send({ code: true }); }
  if (!ctx.local.play) playing(ctx, meta.running);
}

/** The sentence for screen readers, at most every two seconds. */
function speak(node, words) {
  node.dataset.next = words;
  if (node.dataset.timer) return;
  node.dataset.timer = "1";
  setTimeout(() => { delete node.dataset.timer; if (node.textContent !== node.dataset.next) node.textContent = node.dataset.next; }, 2000);
}

function gate(ctx, parts) {
  const { gate: asked, last } = ctx.meta, key = JSON.stringify(asked);
  if (last) {
    const mark = last.right === null ? "" : last.right ? " Right." : " Not what you predicted.";
    const said = last.answer === null ? "You skipped the prediction." : `You predicted ${last.answer}.`;
    parts.verdict.textContent = `${said}${last.outcome === null ? "" : ` It was ${typeof last.outcome === "number" ? fmt(last.outcome) : last.outcome}.`}${mark}`;
  }
  parts.verdict.hidden = !last || Boolean(asked);
  if (key === parts.gate.dataset.key) return;
  parts.gate.dataset.key = key;
  parts.gate.replaceChildren();
  if (asked) parts.gate.append(question(ctx, asked));
}

function question(ctx, asked) {
  const entry = asked.choices.length
    ? asked.choices.map((c) => h("label", {}, h("input", { type: "radio", name: "predict", value: c }), c))
    : [h("input", { type: "number", step: "any", "aria-label": "your prediction" })];
  const form = h("form", { class: "lab-gate", "aria-label": "prediction" }, h("h4", {}, `Predict first: ${asked.question}`), h("div", { class: "options" }, entry),
    h("div", { class: "options", style: "margin:0" }, h("button", { type: "submit", class: "lab-button main" }, "Answer"), h("button", { type: "button", class: "lab-button", onclick: () => ctx.send({ predict: null }) }, "Skip")));
  form.addEventListener("submit", (e) => {
    e.preventDefault();
    const field = form.querySelector("input:checked, input[type=number]");
    if (field && field.value !== "") ctx.send({ predict: asked.choices.length ? field.value : Number(field.value) });
  });
  return form;
}

function onResize(root, redraw) {
  const watch = new ResizeObserver(redraw);
  watch.observe(root);
  return () => watch.disconnect();
}

function onTheme(redraw) {
  const dark = matchMedia("(prefers-color-scheme: dark)"), watch = new MutationObserver(redraw);
  watch.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-jp-theme-name"] });
  dark.addEventListener("change", redraw);
  return () => { watch.disconnect(); dark.removeEventListener("change", redraw); };
}

/** Keys work anywhere inside the widget, except where the focused control needs them itself. */
function onKeys(root, ctx) {
  const hear = (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const tag = e.target.tagName, key = e.key === " " ? "Space" : e.key.length === 1 ? (e.shiftKey && /[a-z]/i.test(e.key) ? "Shift+" : "") + e.key.toUpperCase() : e.key;
    if (/number|search/.test(e.target.type) || tag === "SELECT" || (key === "Space" && /BUTTON|INPUT|SUMMARY/.test(tag)) || ctx.meta.gate) return;
    const hit = ctx.meta.controls.find((c) => c.kind === "button" && c.key === key);
    if (hit) { e.preventDefault(); press(ctx, hit.name); }
  };
  root.addEventListener("keydown", hear);
  return () => root.removeEventListener("keydown", hear);
}

/** Say so when Python takes long. */
function onWait(root, link, parts) {
  const timer = setInterval(() => {
    const late = link.flying && performance.now() - link.sentAt > 400;
    root.toggleAttribute("data-waiting", Boolean(late));
    if (late) parts.pill.textContent = "waiting for Python";
  }, 250);
  return () => clearInterval(timer);
}
