// The controls on the page, and the talk with Python.
import { clamp, fmt, h, s, scale } from "./paper.js";

// ---- controls ----------------------------------------------------------------------------------------------------
export const ICONS = {
  play: "M1.5 0.5L10.5 5.5L1.5 10.5Z", pause: "M1 .5H4V10.5H1ZM7 .5H10V10.5H7Z", step: "M.5 .5L7 5.5L.5 10.5ZM8 .5H10.5V10.5H8Z",
  reset: "M5.5 1.2A4.3 4.3 0 1 1 1.6 3.7L2.9 4.4A2.8 2.8 0 1 0 5.5 2.7V4.6L2.3 1.9L5.5 -.6Z",
};
export const icon = (name) => s("svg", { viewBox: "0 0 11 11", "aria-hidden": "true" }, s("path", { d: ICONS[name] }));

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

export const FIELDS = { slider: sliderField, choice: choiceField, text: textField, toggle: toggleField };

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
