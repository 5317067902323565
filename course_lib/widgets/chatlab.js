// ChatLab: the conversation on the left, tinted by surprise; on the right what the model offered at one step.
import { h, panel, fmt, cividis } from "./paper.js";
import { lab } from "./shared.js";

const [ID, TEXT, P, , ENTROPY, TOP, REST, BY, MS] = [0, 1, 2, 3, 4, 5, 6, 7, 8]; // a token's record
const ENDS = { stopped: "stopped", length: "cut at the greatest length", error: "ended by an error" };
const MOST_BITS = 10, DWELL = 150, SENTENCE = /[.!?]["”’)]*(?=\s|$)|[。！？][”」]?|\n/g;
const bits = (p) => (p > 0 ? Math.min(64, -Math.log2(p)) : 64);
const percent = (p) => (p > 0 && p < 0.0005 ? "<0.1 %" : `${(100 * p).toFixed(p && p < 0.0995 ? 1 : 0)} %`);
const name = (token) => token[TOP].find((row) => row[0] === token[ID])[1];
const plain = (label) => label.replaceAll("␣", " ").trim() || "space";
const cell = (words = "", attrs = {}) => h("span", attrs, words);
const note = (words = "") => h("p", { class: "lab-note" }, words);
const button = (attrs, ...kids) => h("button", { type: "button", ...attrs }, ...kids);

function build(ctx) {
  const at = { turns: new Map(), rev: null, asked: "", sent: null, hover: null, pin: null, look: null, lookFor: "", timer: 0 };
  const wide = h("div", { class: "lab-talk" }), left = panel(wide, "Conversation", "tint and underline: surprise"), right = panel(wide, "Next token");
  const list = h("div", { class: "lab-turns", role: "group", "aria-label": "conversation", tabindex: 0 }), form = h("form", { class: "lab-say" });
  const box = h("textarea", { rows: 2, "aria-label": "your message", placeholder: "Enter sends it", dir: "auto" });
  const spoken = h("div", { class: "lab-spoken", role: "log", "aria-live": "polite", "aria-label": "replies" });
  const bars = h("ol", { class: "lab-bars", "aria-label": "likeliest tokens" }), numbers = note(), guess = guessForm(ctx), past = h("div", { class: "lab-past" });
  const prompt = panel(ctx.body, "The prompt", "as the model reads it; framed: control tokens"), chips = h("p", { class: "lab-prompt" });
  prompt.box.append(chips);
  left.box.append(key(), list, form, spoken);
  right.box.append(guess, bars, numbers, past);
  prompt.box.before(wide);
  const view = { list, spoken, bars, numbers, past, right, chips };

  const send = () => {
    if (ctx.buttons.send.disabled) return;
    if (box.value.trim()) ctx.send({ say: (at.sent = box.value) }); else ctx.send({ act: "send" });
  };
  form.addEventListener("submit", (e) => e.preventDefault());
  box.addEventListener("keydown", (e) => {
    if (!e.ctrlKey && !e.metaKey) e.stopPropagation(); // letters are letters here, no shortcuts
    if (e.key === "Escape") ctx.send({ act: "stop" });
    if (e.key !== "Enter" || e.shiftKey || e.isComposing) return; // an input method ends with Enter too
    e.preventDefault();
    send();
  });
  ctx.onControls = () => { ctx.buttons.send.classList.add("main"); form.replaceChildren(box, ctx.buttons.send); };
  const hear = (message) => { take(ctx, at, message, view); ctx.redraw(); };
  ctx.model.on("msg:custom", hear);
  pointing(ctx, at, list);

  return {
    local: { send, step: () => (box.value.trim() && !ctx.meta.running ? ctx.send({ one: (at.sent = box.value) }) : ctx.send({ act: "step" })) },
    close() { clearTimeout(at.timer); ctx.model.off("msg:custom", hear); },
    draw() {
      sync(ctx, at);
      if (at.sent !== null && !ctx.link.flying && !ctx.link.waiting.length) { if (!ctx.meta.error && box.value === at.sent) box.value = ""; at.sent = null; }
      ctx.buttons.send.disabled = ctx.meta.running;
      drawTurns(ctx, at, view);
      guess.hidden = !(ctx.state.guess && ctx.facts.waits);
      drawStep(ctx, at, view);
      prompt.box.hidden = !ctx.facts.prompt;
      if (ctx.facts.prompt) chips.replaceChildren(...ctx.facts.prompt.map(([text, special]) => h("span", { class: special ? "special" : null }, text)));
    },
  };
}

// ---- what Python sends --------------------------------------------------------------------------------------------
function take(ctx, at, m, view) {
  if ("turn" in m) {
    const old = at.turns.get(m.turn), silent = old ? 0 : ctx.meta.running ? 0 : Infinity;
    at.turns.set(m.turn, { ...m, key: m.turn, tokens: m.records, version: (old?.version || 0) + 1, said: old?.reply === m.reply ? old.said : m.records.length ? silent : 0 });
    if (old && old.reply !== m.reply) at.pin = at.hover = null;
  } else if ("tokens" in m) {
    const turn = at.turns.get(m.tokens);
    if (!turn || turn.reply !== m.reply || turn.tokens.length < m.from) return ctx.send({ fetch: [m.tokens] });
    turn.tokens.splice(m.from, Infinity, ...m.records);
    announce(view.spoken, turn, false);
    ctx.pill = m.status;
    ctx.root.querySelector(".lab-pill").textContent = m.status;
  } else if ("attention" in m) at.look = m;
}

/** After every answer: drop what is gone, ask for what is missing (a page that was opened again has nothing). */
function sync(ctx, at) {
  if (at.rev === ctx.meta.rev) return;
  at.rev = ctx.meta.rev;
  const rows = ctx.facts.turns, known = new Map(rows.map((row) => [row[0], row]));
  for (const turn of at.turns.keys()) if (!known.has(turn)) at.turns.delete(turn);
  const lacking = rows.filter(([turn, reply, n]) => at.turns.get(turn)?.reply !== reply || at.turns.get(turn).tokens.length < n).map((row) => row[0]);
  if (lacking.length && at.asked !== String(rows)) { at.asked = String(rows); ctx.send({ fetch: lacking }); }
}

/** Whole sentences go to the screen reader, once each. */
function announce(log, turn, all) {
  const text = turn.tokens.map((t) => t[TEXT]).join("");
  let end = turn.said;
  for (const found of text.matchAll(SENTENCE)) end = Math.max(end, found.index + found[0].length);
  if (all) end = Math.max(end, text.length);
  const words = end > turn.said ? text.slice(turn.said, end).trim() : "";
  turn.said = end;
  if (words) log.append(h("p", {}, words));
  while (log.children.length > 20) log.firstChild.remove();
}

// ---- the conversation ---------------------------------------------------------------------------------------------
function drawTurns(ctx, at, { list, spoken }) {
  const below = list.scrollHeight - list.scrollTop - list.clientHeight < 40, rows = new Map(ctx.facts.turns.map((row) => [row[0], row]));
  const keys = [...at.turns.keys()].sort((a, b) => a - b), last = keys.at(-1);
  for (const node of [...list.children]) if (!at.turns.has(Number(node.dataset.key))) node.remove();
  keys.forEach((turnKey, i) => {
    const turn = at.turns.get(turnKey), row = rows.get(turnKey);
    let node = list.children[i];
    if (node?.dataset.key !== String(turnKey)) node = list.insertBefore(h("article", { "data-key": turnKey }), node || null);
    if (node.dataset.version !== String(turn.version)) refill(node, turn);
    const bot = node.children[1];
    for (let k = bot.children.length - 1; k < turn.tokens.length; k++) bot.append(word(turn.tokens[k], k));
    if (row && row[3] && !ctx.meta.running) announce(spoken, turn, true);
    foot(ctx, node.children[2], turn, row, turnKey === last);
  });
  const shown = at.hover || at.pin, tab = shown ? find(list, shown) : [...list.querySelectorAll(".tok")].at(-1);
  for (const node of list.querySelectorAll(".tok[tabindex='0'], .tok.on")) { node.tabIndex = -1; node.classList.remove("on"); }
  if (tab) { tab.tabIndex = 0; if (shown) tab.classList.add("on"); }
  if (below) list.scrollTop = list.scrollHeight;
}

const find = (list, { key: turn, place }) => list.querySelector(`[data-key="${turn}"] [data-place="${place}"]`);

function refill(node, turn) {
  node.dataset.version = turn.version;
  node.replaceChildren(h("p", { "data-line": "you", dir: "auto" }, h("b", {}, "you: "), turn.text), h("p", { "data-line": "bot", dir: "auto" }, h("b", {}, "bot: "), turn.plain), note());
}

function word(token, place) {
  const surprise = Math.min(1, bits(token[P]) / MOST_BITS), text = token[TEXT], label = name(token);
  return h("span", {
    class: token[BY] === "you" ? "tok mine" : "tok", role: "button", tabindex: -1, "data-place": place, "data-label": text ? null : label,
    "aria-label": `${plain(label)}, ${bits(token[P]).toFixed(1)} bits`, style: `--tint:${cividis(surprise).join(" ")};--much:${surprise.toFixed(3)}`,
  }, text);
}

/** Under a reply: how it ended, what the model no longer sees, and the other ways it has gone. */
function foot(ctx, node, turn, row, newest) {
  const words = [row && ENDS[row[3]], turn.dropped].filter(Boolean).join(" · "), ways = newest && row && row[5] > 1 ? `${row[4] + 1} of ${row[5]}` : "";
  if (node.dataset.words === words + ways) return;
  node.dataset.words = words + ways;
  const turnTo = (step, label, sign) => button({ class: "lab-button", "aria-label": label, onclick: () => ctx.send({ branch: step }) }, sign);
  node.replaceChildren(words, ...(ways ? [turnTo(-1, "the reply before", "‹"), ` reply ${ways} `, turnTo(1, "the next reply", "›")] : []));
}

/** Hover or focus shows a token's step, a click keeps it, arrows walk from token to token. */
function pointing(ctx, at, list) {
  const where = (e) => { const node = e.target.closest(".tok"); return node && { key: Number(node.closest("article").dataset.key), place: Number(node.dataset.place) }; };
  const show = (e) => { const found = where(e); if (found) { at.hover = found; ctx.redraw(); } };
  const hide = () => { at.hover = null; ctx.redraw(); };
  const keep = (e) => { const found = where(e); if (!found) return; at.pin = at.pin && at.pin.key === found.key && at.pin.place === found.place ? null : found; ctx.redraw(); };
  list.addEventListener("pointerover", show);
  list.addEventListener("focusin", show);
  list.addEventListener("pointerleave", hide);
  list.addEventListener("focusout", hide);
  list.addEventListener("click", keep);
  list.addEventListener("keydown", (e) => {
    const nodes = [...list.querySelectorAll(".tok")], i = nodes.indexOf(e.target);
    if (i < 0) return;
    const to = { ArrowLeft: i - 1, ArrowRight: i + 1, Home: 0, End: nodes.length - 1 }[e.key];
    if (to !== undefined) { e.preventDefault(); nodes[to]?.focus(); }
    if (e.key === "Enter" || e.key === " ") { e.preventDefault(); e.stopPropagation(); keep(e); }
  });
}

// ---- one step -----------------------------------------------------------------------------------------------------
function drawStep(ctx, at, view) {
  const { facts } = ctx, last = [...at.turns.values()].sort((a, b) => a.key - b.key).at(-1), pointed = at.hover || at.pin;
  const turn = pointed ? at.turns.get(pointed.key) : last, open = !pointed && facts.waits && !ctx.meta.running;
  const place = pointed ? pointed.place : open ? last.tokens.length : (last?.tokens.length || 0) - 1, token = open ? null : turn?.tokens[place];
  if (open ? !facts.offer : !token) {
    view.right.cap("Next token", ctx.state.guess && facts.waits ? "hidden until you have guessed" : "");
    view.bars.replaceChildren();
    view.past.replaceChildren();
    view.numbers.textContent = said(ctx);
    return;
  }
  const step = token ? { top: token[TOP], rest: token[REST], entropy: token[ENTROPY] } : facts.offer;
  view.right.cap(token ? `Token ${place + 1}: ${name(token)}` : "Next token: choose it", token ? "click another to go that way" : "");
  const go = (id) => { at.pin = at.hover = null; ctx.send(token ? { fork: [turn.key, place, id] } : { pick: id }); };
  drawBars(view.bars, step, token, go);
  const surprise = token ? `, surprise ${bits(token[P]).toFixed(1)}` : "", how = token ? ` · ${token[BY] === "you" ? "chosen by you" : `${fmt(token[MS], 2)} ms`}` : "";
  view.numbers.textContent = `bits: entropy ${step.entropy.toFixed(1)}${surprise}${how}${said(ctx)}`;
  drawLook(ctx, at, view.past, turn, place, token);
}

/** The score of the guesses so far. */
function said(ctx) {
  const [n, sum] = ctx.facts.guessed, last = ctx.facts.guesses.at(-1);
  return last ? ` Your guess ${last.token}: ${last.bits.toFixed(1)} bits; the likeliest, ${last.best}: ${last.best_bits.toFixed(1)}. Mean of ${n}: ${(sum / n).toFixed(1)} bits.` : "";
}

function drawBars(list, { top, rest }, token, go) {
  const held = list.contains(document.activeElement) ? document.activeElement.dataset.id : null;
  list.replaceChildren(
    line({ class: "head" }, cell("token"), cell(), cell("model"), cell("T, k, p")),
    ...top.map(([id, label, p, q]) => line({}, button({ class: token && id === token[ID] ? "on" : q ? null : "cut", "data-id": id, onclick: () => go(id), "aria-label": `${plain(label)}: ${percent(p)}, after the settings ${left(q)}` }, cell(label), ...amounts(p, q)))),
    line({ class: "rest" }, cell("all others"), ...amounts(...rest)));
  if (held) [...list.querySelectorAll("button")].find((b) => b.dataset.id === held)?.focus();
}

const line = (attrs, ...kids) => h("li", attrs, ...kids);
const left = (q) => (q > 1e-9 ? percent(q) : "–");
const amounts = (p, q) => [bar(p, q), cell(percent(p), { "data-p": p }), cell(left(q), { "data-q": q })];
const bar = (p, q) => h("i", { "aria-hidden": "true", style: `--p:${(100 * p).toFixed(2)}%;--q:${(100 * q).toFixed(2)}%` });

/** Attention to earlier tokens; Python is asked when the pointer has rested for a moment. */
function drawLook(ctx, at, box, turn, place, token) {
  const want = `${turn.key}/${turn.reply}/${place}`, look = at.look && `${at.look.attention[0]}/${at.look.reply ?? turn.reply}/${at.look.attention[1]}` === want ? at.look : null;
  if (!look && at.lookFor !== want) {
    at.lookFor = want;
    clearTimeout(at.timer);
    box.replaceChildren();
    if (!ctx.meta.running) at.timer = setTimeout(() => ctx.send({ attend: [turn.key, place] }), DWELL); else at.lookFor = "";
  }
  if (!look || box.dataset.drawn === want + JSON.stringify(look.rows) && box.children.length) return;
  box.dataset.drawn = want + JSON.stringify(look.rows);
  if (look.failed) return box.replaceChildren(note(`No attention: ${look.failed}`));
  const most = Math.max(...look.rows.map((row) => row[2])), change = (d) => (d === null ? (token ? "…" : "") : (Math.abs(d) < 0.005 ? "0" : (d > 0 ? "+" : "−") + Math.abs(d).toFixed(2)));
  box.replaceChildren(h("h4", {}, "Where it looked"), h("ol", { class: "lab-bars", "aria-label": "attention" },
    line({ class: "head" }, cell("earlier"), cell(), cell("weight"), cell(token ? "Δ log p" : "")),
    look.rows.map(([, label, weight, delta]) => line({}, cell(label), bar(weight / most, weight / most), cell(percent(weight), { "data-weight": weight }), cell(change(delta)))),
    line({ class: "rest" }, cell("all others"), bar(0, 0), cell(percent(look.rest), { "data-weight": look.rest }), cell())),
  note(`Mean of all heads and layers.${token ? " Δ: what hiding the token does to the chosen one." : ""}`));
}

function guessForm(ctx) {
  const input = h("input", { type: "search", "aria-label": "your guess of the next token" });
  const form = h("form", { class: "lab-say", hidden: true }, input, button({ type: "submit", class: "lab-button" }, "Guess"));
  form.addEventListener("submit", (e) => { e.preventDefault(); ctx.send({ guess: input.value }); input.value = ""; });
  return form;
}

/** The tint's key. */
function key() {
  return h("p", { class: "lab-key" }, "0 bits ", [0, 0.25, 0.5, 0.75, 1].map((t) => h("span", { class: "tok", style: `--tint:${cividis(t).join(" ")};--much:${t}` }, "\u00a0".repeat(5))), ` ${MOST_BITS} bits or more`);
}

export default { render: (view) => lab(view, build) };
