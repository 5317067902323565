// The widget on the page: controls, keys, words, the prediction, errors; what all widgets share.
import { fmt, h, palette, unpack, write } from "./paper.js";
import { FIELDS, ICONS, Link, icon } from "./fields.js";

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
  ctx.send = (message) => { root.dataset.fresh = "0"; link.send(message); };
  el.append(root);

  let queued = 0, rev = 0, alive = true, view = null, hidden = 0;
  const paint = () => {
    queued = 0;
    if (!alive) return;
    ctx.width = root.clientWidth;
    if (!ctx.width) { if (++hidden < 20) setTimeout(ctx.redraw, 100); return; } // hidden for a moment, while a theme loads
    hidden = 0;
    const from = performance.now();
    for (const box of root.querySelectorAll(".lab-plot")) box.plot.wide = box.clientWidth; // before the first change
    ctx.colours = palette(root);
    if (view && !parts.body.hidden) view.draw();
    root.dataset.drawn = (performance.now() - from).toFixed(2); // milliseconds
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
  const { meta, facts } = ctx;
  write(parts.title, meta.title);
  parts.root.setAttribute("aria-label", meta.title);
  ctx.pill = facts.status || "";
  write(parts.pill, ctx.pill);
  write(parts.error, meta.error);
  parts.error.hidden = !meta.error;
  write(parts.summary, meta.summary);
  speak(parts.spoken, meta.error || meta.summary);
  for (const node of [parts.body, parts.tools, parts.summary, parts.foot]) node.hidden = Boolean(meta.gate);
  gate(ctx, parts);
  write(parts.code, meta.code || "");
  const key = JSON.stringify(meta.state);
  if (parts.details.open && ctx.codeFor !== key && !meta.running) { ctx.codeFor = key; ctx.send({ code: true }); }
  if (!ctx.local.play) playing(ctx, meta.running);
}

/** The sentence for screen readers, at most every two seconds. */
function speak(node, words) {
  node.dataset.next = words;
  if (node.dataset.timer) return;
  node.dataset.timer = "1";
  setTimeout(() => { delete node.dataset.timer; write(node, node.dataset.next); }, 2000);
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
