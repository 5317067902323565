// SampleLab: every stage from logits to probabilities, computed here while a slider moves; Python draws.
import { h, panel, fmt } from "./paper.js";
import { lab } from "./shared.js";
import { piece, barCell, percent } from "./chips.js";

const SLIDERS = ["T", "k", "p", "penalty"];
const STAGES = [["token", "token"], ["logit", "logit"], ["÷ T", "distance from the best, divided by T"], ["soft\u00ADmax", "probability before the cut"], ["kept", "after top-k and top-p, renormalised"], ["drawn", "share of the draws; tick: probability, shade: ± 3 σ"]];

function build(ctx) {
  const taken = panel(ctx.body, "Reply so far"), chips = h("ol", { class: "lab-chips", "aria-label": "tokens taken" });
  taken.box.append(chips);
  const main = panel(ctx.body, "From logits to a draw"), table = h("table", { class: "lab-rows lab-stages" });
  main.box.append(table);
  const moved = {}, local = {};
  for (const name of SLIDERS) local[name] = (value) => { moved[name] = value; ctx.send({ set: { [name]: value } }); };
  const set = (name) => (ctx.link.pending(name) ? moved[name] : ctx.state[name]);
  return {
    local,
    draw() {
      const now = Object.fromEntries(SLIDERS.map((name) => [name, set(name)])), mine = stages(ctx.backdrop, now);
      const told = !SLIDERS.some((name) => ctx.link.pending(name)) && ctx.arrays.p;
      taken.cap("Reply so far", ctx.facts.taken.length ? "" : "empty: Step draws a token, a click on one takes it");
      chips.replaceChildren(...ctx.facts.taken.map((name) => h("li", {}, piece(name))));
      const rows = fold(mine, ctx, told);
      main.cap("From logits to a draw", `${rows.kept} of ${ctx.facts.size} tokens can be drawn${ctx.facts.drawn && told ? `; ${ctx.facts.drawn} draws, within ${fmt(ctx.facts.sigma, 2)} σ` : ""}`);
      refill(ctx, table, rows, now);
      if (told) ctx.root.dataset.agree = ctx.facts.own ? "" : String(agree(rows)); // this file's numbers against Python's
    },
  };
}

/** The distribution of `course_lib.chatbot.sampling`, stage by stage: { x, scaled, plain, p }, each one number per token. */
export function stages({ logits, seen }, { T, k, p: share, penalty }) {
  const n = logits.data.length, x = Float64Array.from(logits.data);
  if (penalty !== 1) for (let i = 0; i < n; i++) if (seen.data[i]) x[i] = x[i] > 0 ? x[i] / penalty : x[i] * penalty;
  let best = 0;
  for (let i = 1; i < n; i++) if (x[i] > x[best]) best = i;
  const top = x[best], scaled = new Float64Array(n), plain = new Float64Array(n);
  if (!Number.isFinite(top) || x.some(Number.isNaN)) return { x, scaled, plain, p: plain };
  if (T === 0) { scaled.fill(-Infinity); scaled[best] = 0; plain[best] = 1; return { x, scaled, plain, p: plain }; }
  let sum = 0;
  for (let i = 0; i < n; i++) { scaled[i] = (x[i] - top) / T; sum += plain[i] = Math.exp(scaled[i]); }
  for (let i = 0; i < n; i++) plain[i] /= sum;
  const p = plain.slice();
  if (k >= n && share >= 1) return { x, scaled, plain, p };
  const order = settle(sorted(logits, penalty, x), p);
  const kept = k < n ? order.slice(0, k) : order;
  let all = 0, before = 0, stay = kept.length;
  for (const i of kept) all += p[i];
  if (share < 1) for (stay = 0; stay < kept.length && (stay === 0 || before < share); stay++) before += p[kept[stay]] / all;
  p.fill(0);
  all = 0;
  for (const i of kept.slice(0, stay)) all += plain[i];
  for (const i of kept.slice(0, stay)) p[i] = plain[i] / all;
  return { x, scaled, plain, p };
}

/** Ids by falling x, of equals the lower first; sorted once for the same logits. */
function sorted(logits, penalty, x) {
  if (logits.penalty !== penalty || !logits.order) Object.assign(logits, { penalty, order: Array.from(x.keys()).sort((a, b) => x[b] - x[a] || a - b) });
  return logits.order;
}

/** The same by falling p > 0: where rounding makes equals of neighbours, the lower id comes first. */
function settle(order, p) {
  const out = order.filter((i) => p[i] > 0);
  for (let i = 1; i < out.length; i++) {
    const id = out[i];
    let j = i;
    for (; j > 0 && (p[out[j - 1]] < p[id] || (p[out[j - 1]] === p[id] && out[j - 1] > id)); j--) out[j] = out[j - 1];
    out[j] = id;
  }
  return out;
}

/** The rows of the table: the tokens that Python named, then all others; Python's probabilities if they are up to date. */
function fold(mine, ctx, told) {
  const ids = Array.from(ctx.arrays.ids.data), last = ids.length, add = (values) => { const rows = ids.map((i) => values[i]); let all = 0; for (const v of values) all += v; return [...rows, Math.max(0, all - rows.reduce((a, b) => a + b, 0))]; };
  const flags = mine.p.map((v) => (v > 0 ? 1 : 0)), own = { plain: add(mine.plain), p: add(mine.p), kept: add(flags) };
  const out = told ? { plain: [...ctx.arrays.plain.data], p: [...ctx.arrays.p.data], kept: [...ctx.arrays.kept.data] } : own;
  return { ids, last, own, x: ids.map((i) => mine.x[i]), scaled: ids.map((i) => mine.scaled[i]), plain: out.plain, p: out.p, flags: out.kept, kept: Math.round(out.kept.reduce((a, b) => a + b, 0)), counts: told ? [...ctx.arrays.counts.data] : null };
}

/** True if this file and Python say the same. */
function agree({ own, plain, p, flags }) {
  const near = (a, b) => a.every((v, i) => Math.abs(v - b[i]) < 1e-5);
  return near(own.plain, plain) && near(own.p, p) && near(own.kept, flags);
}

/** All cells anew; the token that had the focus has it again. */
function refill(ctx, table, rows, { T }) {
  const held = table.contains(document.activeElement) ? document.activeElement.dataset.token : null;
  const finite = rows.x.filter(Number.isFinite), top = Math.max(...finite), gap = (top - Math.min(...finite)) * 1.15 || 1, n = ctx.facts.drawn, most = 1.05 * Math.max(...rows.plain, ...rows.p, ...(n && rows.counts ? rows.counts.map((c) => c / n) : []), 1e-9);
  const share = (v) => v / most, body = [];
  for (let i = 0; i <= rows.last; i++) {
    const other = i === rows.last, cut = !rows.flags[i], p = rows.p[i];
    if (other && ctx.facts.size === rows.last) break;
    const words = other ? `${ctx.facts.size - rows.last} others` : ctx.facts.names[i];
    const name = other ? words : h("button", { type: "button", class: "lab-token", "data-token": String(rows.ids[i]), "aria-label": `take ${words}`, onclick: () => ctx.send({ act: `take ${rows.ids[i]}` }) }, piece(words));
    const spread = n ? 3 * Math.sqrt((p * (1 - p)) / n) : 0, count = rows.counts && n ? rows.counts[i] / n : null;
    body.push(h("tr", { class: cut ? "cut" : "done" }, h("th", { scope: "row" }, name),
      other ? h("td", {}) : barCell(1 - (top - rows.x[i]) / gap, fmt(rows.x[i]), { series: 6 }),
      other ? h("td", {}) : barCell(1 + rows.scaled[i] / gap, T ? fmt(rows.scaled[i], 2) : i ? "−∞" : "0", { series: 6 }),
      barCell(share(rows.plain[i]), percent(rows.plain[i]), { series: 4 }),
      barCell(share(p), cut ? "cut" : percent(p), { series: 0 }),
      barCell(count === null ? 0 : share(count), count === null ? "–" : percent(count), { series: 2, mark: share(p), band: n ? [share(p - spread), share(p + spread)] : null })));
  }
  const head = h("thead", {}, h("tr", {}, STAGES.map(([words, title]) => h("th", { scope: "col", title }, words))));
  table.replaceChildren(head, h("tbody", {}, body));
  if (held) [...table.querySelectorAll("button")].find((b) => b.dataset.token === held)?.focus();
}

export default { render: (view) => lab(view, build) };
