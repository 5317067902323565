// TokenLab: Python says which merge joins which bytes; the browser shows any step of it.
import { h, panel, clamp, Plot } from "./paper.js";
import { lab, playing } from "./shared.js";
import { piece } from "./chips.js";

const ROWS = 9, PAUSE = 350;
const SIGNS = { " ": "·", "\n": "↵", "\t": "⇥", "\r": "␍" };

function build(ctx) {
  const chips = panel(ctx.body, "Tokens"), list = h("ol", { class: "lab-chips", "aria-label": "tokens" });
  chips.box.append(list);
  const asked = h("div", { class: "lab-gate", role: "group", "aria-label": "guess the next merge", hidden: true });
  const wrap = h("div", { class: "lab-race" });
  ctx.body.append(asked, wrap);
  const merges = panel(wrap, "Merges in this text"), table = h("table", { class: "lab-rows lab-merges" });
  merges.box.append(table);
  const size = panel(wrap, "Bytes per token", "of this text"), plot = new Plot(size.box, { height: 210, margin: [8, 14, 36, 34], label: "bytes per token against vocabulary size" });
  let on = 0, moved = null;
  const stop = () => { clearInterval(on); on = 0; };
  const at = () => clamp(ctx.link.pending("t") ? moved : ctx.state.t, 0, ctx.facts.last);
  const show = (t) => { moved = clamp(t, 0, ctx.facts.last); ctx.fields.t?.set(moved); ctx.send({ set: { t: moved } }); ctx.redraw(); };
  const local = {
    play() {
      if (on) return stop();
      if (ctx.still.matches) return show(ctx.facts.last);
      if (at() >= ctx.facts.last) show(0);
      on = setInterval(() => { show(at() + 1); if (at() >= ctx.facts.last) stop(); }, PAUSE);
    },
    step() { stop(); show(at() + 1); },
    ten() { stop(); show(at() + 10); },
    t(value) { stop(); show(value); },
  };
  return {
    local, close: stop,
    draw() {
      playing(ctx, Boolean(on));
      const t = at(), tokens = cut(ctx, t), bytes = ctx.arrays.bytes.data.length;
      chips.cap(`${tokens.length} token${tokens.length === 1 ? "" : "s"}`, `${bytes} bytes, ${tokens.length ? (bytes / tokens.length).toFixed(2) : "0"} each; they ${ctx.facts.same ? "decode to the same text" : "do NOT decode to the same text"}`);
      drawChips(list, tokens, t);
      drawGuess(ctx, asked);
      merges.cap("Merges in this text", `${t} of ${ctx.facts.last} made`);
      drawMerges(ctx, table, t, show);
      drawCurve(ctx, plot, t);
    },
  };
}

/** The tokens after t merges: { text, id, made } with made the step (from 1) that made it, 0 for a byte. */
function cut(ctx, t) {
  const { bytes, first, gone, new: ids } = ctx.arrays, out = [];
  let start = 0, made = 0;
  for (let i = 1; i <= bytes.data.length; i++) {
    if (i < bytes.data.length && gone.data[i - 1] < t) { made = Math.max(made, gone.data[i - 1] + 1); continue; }
    out.push({ text: show(bytes.data.subarray(start, i)), id: made ? ids.data[made - 1] : first.data[start], made });
    start = i; made = 0;
  }
  return out;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Bytes as text with visible spaces, or as hexadecimal numbers if they are no whole characters. */
function show(data) {
  try {
    const text = utf8.decode(Uint8Array.from(data)).replace(/[ \n\t\r]/g, (c) => SIGNS[c]);
    if (!/^[\p{C}\p{Z}]+$/u.test(text)) return text;
  } catch { /* half a character */ }
  return Array.from(data, (b) => b.toString(16).toUpperCase().padStart(2, "0")).join(" ");
}

function drawChips(list, tokens, t) {
  list.replaceChildren(...tokens.map(({ text, id, made }) => h("li", { class: made && made === t ? "new" : null, title: `token ${id}` }, piece(text), h("small", {}, String(id)))));
}

/** "Which pair is next?" as buttons; the one that had the focus keeps its place. */
function drawGuess(ctx, box) {
  const names = ctx.facts.candidates, key = JSON.stringify([names, ctx.facts.last, ctx.state.t]);
  box.hidden = !names.length;
  if (box.dataset.key === key) return;
  const held = [...box.querySelectorAll("button")].indexOf(document.activeElement);
  box.dataset.key = key;
  box.replaceChildren(h("h4", {}, "Guess: which pair is merged next?"), h("div", { class: "options", style: "margin:0" },
    names.map((name, i) => h("button", { type: "button", class: "lab-button", onclick: () => ctx.send({ act: `guess ${i}` }) }, piece(name)))));
  if (held >= 0) box.querySelectorAll("button")[Math.min(held, names.length - 1)]?.focus();
}

/** A window of the merges around the step shown; those to come stay hidden while guessing. */
function drawMerges(ctx, table, t, show) {
  const { rank, times, tokens } = ctx.arrays, n = ctx.facts.last, from = clamp(t - Math.ceil(ROWS / 2), 0, Math.max(0, n - ROWS)), rows = [];
  for (let i = from; i < Math.min(n, from + ROWS); i++) {
    const hidden = ctx.state.ask && i >= t, [left, right, made] = ctx.facts.names[i];
    const cells = hidden ? ["?", "?", "", ""] : [[piece(left), " + ", piece(right)], piece(made), `×${times.data[i]}`, String(tokens.data[i])];
    rows.push(h("tr", { class: i < t ? "done" : null, "aria-current": i === t - 1 ? "step" : null, onclick: hidden ? null : () => show(i + 1) },
      h("th", { scope: "row" }, hidden ? "?" : String(rank.data[i] + 1)), cells.map((cell) => h("td", {}, cell))));
  }
  table.replaceChildren(h("thead", {}, h("tr", {}, ["rank", "pair", "token", "here", "left"].map((name) => h("th", { scope: "col" }, name)))), h("tbody", {}, rows));
  if (!n) table.append(h("caption", {}, "No learned pair occurs in this text."));
}

function drawCurve(ctx, plot, t) {
  const { rank, tokens, bytes, first } = ctx.arrays, { base, merges } = ctx.facts, total = bytes.data.length || 1, xs = [base], ys = [total / Math.max(1, first.data.length)];
  for (let i = 0; i < rank.data.length; i++) { const x = base + rank.data[i] + 1; xs.push(x, x); ys.push(ys[ys.length - 1], total / tokens.data[i]); }
  xs.push(base + Math.max(1, merges)); ys.push(ys[ys.length - 1]);
  plot.begin({ lo: base, hi: base + Math.max(1, merges), label: "vocabulary size" }, { lo: 0, hi: Math.max(...ys) * 1.1 });
  plot.line(xs, ys, { series: 0, width: 2 });
  plot.vline(ctx.state.vocab, { color: "var(--ink)", dash: "5 4" });
  const here = t ? base + rank.data[t - 1] + 1 : base;
  plot.dot(here, total / (t ? tokens.data[t - 1] : Math.max(1, first.data.length)), 1, 5.5);
}

export default { render: (view) => lab(view, build) };
