// Matrices as coloured cells, zero pinned to the page's colour: blue above, orange below; and settings that are shown
// at once while Python is still being told.
import { s, fmt, clamp, Plot } from "./paper.js";
import { change } from "./shared.js";

const SIZE = 30, NUMBERS = 25; // largest cell; smallest one that holds its number

/** Colour of v between -top and top, as [r, g, b]. */
export function signed(colours, v, top) {
  const f = Math.min(1, Math.abs(v) / (top || 1)), end = v < 0 ? colours.minus : colours.plus;
  return colours.zero.map((z, i) => Math.round(z + f * (end[i] - z)));
}

const dark = ([r, g, b]) => 0.299 * r + 0.587 * g + 0.114 * b < 140;

/** Largest size of a finite number. */
export function top(values) {
  let most = 0;
  for (const v of values) if (Math.abs(v) > most && Number.isFinite(v)) most = Math.abs(v);
  return most || 1;
}

/** A matrix of cells; outlines lie over them. With `label` it takes the focus and arrow keys, through onmove(row, column). */
export class Cells extends Plot {
  constructor(parent, { label = "", onmove = null, most = SIZE } = {}) {
    super(parent, { height: 60, margin: [1, 1, 1, 1], label, attrs: onmove ? { tabindex: 0, role: "application", class: "lab-cells" } : { "aria-hidden": label ? null : "true" } });
    Object.assign(this, { most, onmove, rows: 1, columns: 1 });
    if (onmove) this.listen();
  }

  listen() {
    const to = (e) => {
      const box = this.svg.getBoundingClientRect(), c = Math.floor((e.clientX - box.left) / this.size), r = Math.floor((e.clientY - box.top) / this.size);
      if (r >= 0 && r < this.rows && c >= 0 && c < this.columns) this.onmove(r, c);
    };
    this.svg.addEventListener("pointermove", to);
    this.svg.addEventListener("pointerdown", to);
    this.svg.addEventListener("keydown", (e) => {
      const by = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[e.key];
      if (!by || !this.at) return;
      e.preventDefault();
      // Kept at once, because the next key may come before the next picture.
      this.at = [clamp(this.at[0] + by[0], 0, this.rows - 1), clamp(this.at[1] + by[1], 0, this.columns - 1)];
      this.onmove(...this.at);
    });
  }

  /** Take the shape, at most `room` pixels wide, and clear. */
  fit(rows, columns, room = columns * this.most + 2) {
    Object.assign(this, { rows, columns, size: clamp(Math.floor((room - 2) / columns), 2, this.most) });
    this.width = columns * this.size + 1;
    this.resize(rows * this.size + 1);
    this.box.style.width = `${this.width}px`;
    this.svg.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`);
    this.svg.replaceChildren();
    this.pen = this.paint();
    return this;
  }

  /** Colour the cells; numbers where they fit; nothing where a value is missing. */
  fill(values, colours, most = top(values)) {
    const { pen, size } = this;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.font = "11px system-ui, sans-serif";
    for (let i = 0; i < this.rows * this.columns; i++) {
      const x = (i % this.columns) * size, y = Math.floor(i / this.columns) * size, v = values[i];
      if (v === undefined || Number.isNaN(v)) continue;
      const colour = signed(colours, v, most);
      pen.fillStyle = `rgb(${colour})`;
      pen.fillRect(x, y, size, size);
      pen.strokeStyle = "rgba(128,128,128,.35)";
      if (size > 6) pen.strokeRect(x + 0.5, y + 0.5, size, size);
      if (size < NUMBERS) continue;
      pen.fillStyle = dark(colour) ? "#fff" : "#111";
      pen.fillText(short(v), x + size / 2, y + size / 2 + 1);
    }
    return this;
  }

  /** Put a frame round a cell, or round several. */
  frame(r, c, high = 1, wide = 1, { width = 2, dash = "", color = "var(--ink)" } = {}) {
    const { size } = this, at = { x: c * size + 1, y: r * size + 1, width: wide * size - 1, height: high * size - 1, fill: "none" };
    this.svg.append(s("rect", { ...at, stroke: "var(--bg)", "stroke-width": width + 2 }), s("rect", { ...at, stroke: color, "stroke-width": width, "stroke-dasharray": dash }));
  }

  say(words) {
    if (this.svg.getAttribute("aria-label") !== words) this.svg.setAttribute("aria-label", words);
  }
}

/** A number in a cell: two decimals below 1, else two digits. */
function short(v) {
  return (Math.abs(v) < 1 ? String(Number(v.toFixed(2))) : fmt(v, 2)).replace("0.", ".").replace("-", "−");
}

/** Controls that the picture follows at once: { local } for lab(), and now(name), the newest value. */
export function direct(ctx, names) {
  const kept = {};
  const local = Object.fromEntries(names.map((name) => [name, (value) => { kept[name] = value; ctx.send({ set: { [name]: value } }); }]));
  return { local, now: (name) => (name in kept && ctx.link.pending(name) ? kept[name] : ctx.state[name]) };
}

/** Play, Step and +10 through the values of one control; with reduced motion Play jumps to the end. */
export function player(ctx, now, name, last, ms) {
  let timer = 0;
  const stop = () => { clearInterval(timer); timer = 0; };
  const goTo = (t) => { change(ctx, name, clamp(t, 0, Math.max(0, last()))); ctx.fields[name]?.set(now(name)); };
  const by = (n) => () => { stop(); goTo(now(name) + n); };
  const play = () => {
    if (timer) return stop();
    if (ctx.still.matches) return goTo(last());
    if (now(name) >= last()) goTo(0);
    timer = setInterval(() => { if (now(name) >= last()) { stop(); ctx.redraw(); } else goTo(now(name) + 1); }, ms);
  };
  return { stop, goTo, on: () => Boolean(timer), local: { play, step: by(1), ten: by(10) } };
}
