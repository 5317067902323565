// Drawing: elements, numbers in words, colours, markers, and pictures with axes.

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

/** Put words into an element, if they are new. */
export function write(node, words) {
  if (node.textContent !== words) node.textContent = words;
}

/** Make a captioned panel for one picture; returns { box, cap(title, note) }. */
export function panel(parent, title, note = "") {
  const heading = h("h4", {}, title), small = h("span", {}, note);
  const box = h("div", { class: "lab-panel" }, h("div", { class: "lab-cap" }, heading, small));
  parent.append(box);
  return { box, cap: (text, more = "") => { write(heading, text); write(small, more); } };
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

const palettes = {};

/** The theme's colours as [r, g, b]: the page, the ends of the signed scale, and those of the ramp. */
export function palette(root) {
  const css = getComputedStyle(root), names = ["--s0", "--s1", "--ramp-lo", "--ramp-hi"], all = [css.backgroundColor, ...names.map((name) => css.getPropertyValue(name).trim())], key = all.join();
  return (palettes[key] ||= named(key, all));
}

function named(key, all) {
  const pen = document.createElement("canvas").getContext("2d");
  const [zero, plus, minus, lo, hi] = all.map((colour) => { pen.fillStyle = colour; return rgb(pen.fillStyle); });
  return { key, zero, plus, minus, ramp: [lo, hi] };
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
    this.box.plot = this;
    parent.append(this.box);
  }

  /** Clear, and set the ranges: x, y = { lo, hi, log, label, ticks, format, hide }. */
  begin(x, y) {
    this.width = this.room();
    const [top, right, bottom, left] = this.margin;
    this.area = { x0: left, x1: this.width - right, y0: this.height - bottom, y1: top };
    this.x = scale(x, this.area.x0, this.area.x1);
    this.y = scale(y, this.area.y0, this.area.y1);
    this.svg.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`);
    this.svg.replaceChildren();
    this.axes(x, y);
    return this;
  }

  /** The width there is, as measured before this picture; asking the page in the middle of it would cost a layout. */
  room() {
    return Math.max(120, this.wide || this.box.clientWidth);
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
