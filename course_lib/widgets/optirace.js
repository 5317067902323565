// OptiRace: Python computed the race, the browser replays it: contour with trails, losses, and a card per racer.
import { h, s, panel, legend, fmt, extent, clamp, Plot } from "./paper.js";
import { lab, change, playing } from "./shared.js";
import { clip, contour } from "./contour.js";

const FLOOR = 1e-12;

function build(ctx) {
  ctx.localNames = ["t"];
  const wrap = h("div", { class: "lab-race" }), cards = h("div", { class: "lab-cards" });
  ctx.body.append(wrap, cards);
  const ground = panel(wrap, "Landscape"), map = new Plot(ground.box, { height: 320, margin: [8, 8, 36, 34], label: "start point: arrow keys move it", attrs: { class: "drag", tabindex: 0, role: "application" } });
  const fall = panel(wrap, "Loss", "log scale"), loss = new Plot(fall.box, { height: 320, margin: [8, 12, 36, 44], label: "loss of each racer against step" });
  drag(ctx, map);
  let frame = 0, from = 0, on = false, ground0 = null, image = null;
  const stop = () => { on = false; cancelAnimationFrame(frame); };
  const last = () => ctx.facts.steps;
  const show = (t) => { ctx.state.t = clamp(t, 0, last()); ctx.fields.t?.set(ctx.state.t); ctx.redraw(); };
  const tick = (now) => {
    if (!on) return;
    const t = Math.floor((now - from) / 40);
    show(t);
    if (t >= last()) { stop(); ctx.redraw(); } else frame = requestAnimationFrame(tick);
  };
  const local = {
    play() {
      if (on) return stop();
      if (ctx.still.matches) return show(last());
      on = true;
      from = performance.now() - (ctx.state.t < last() ? ctx.state.t : 0) * 40;
      frame = requestAnimationFrame(tick);
    },
    step() { stop(); show(ctx.state.t + 1); },
    ten() { stop(); show(ctx.state.t + 10); },
    t(value) { stop(); show(value); },
  };

  const makeCards = () => {
    cards.style.setProperty("--card", ctx.facts.racers.length > 4 ? "260px" : "200px"); // 4 in a row, or 3 and the rest
    cards.replaceChildren(...ctx.facts.racers.map((racer) => card(ctx, racer)));
  };
  ctx.onControls = makeCards;

  return {
    local, close: stop,
    draw() {
      playing(ctx, on);
      const t = ctx.state.t ??= last(), racers = ctx.facts.racers.map((racer, i) => ({ ...racer, get: (name) => ctx.arrays[`${name}${i}`]?.data || [] }));
      ground.cap("Landscape", `f = ${ctx.facts.formula}; drag the start`);
      const key = `${ctx.backdropRev} ${map.wide} ${ctx.colours.key}`;
      if (key !== ground0) { ground0 = key; image = null; }
      image = drawMap(map, ctx, racers, t, image);
      drawLoss(loss, racers, t);
      racers.forEach((racer, i) => fillCard(cards.children[i], racer, t));
    },
  };
}

function drawMap(plot, ctx, racers, t, image) {
  const [x0, x1, y0, y1] = ctx.facts.bounds;
  plot.begin({ lo: x0, hi: x1, label: "x" }, { lo: y0, hi: y1, label: "y" });
  plot.svg.querySelectorAll(".grid").forEach((line) => line.remove());
  if (!image) { image = contour(plot, ctx.backdrop.grid, ctx.colours.ramp); const pen = plot.paint(); pen.drawImage(image, plot.area.x0, plot.area.y1, plot.area.x1 - plot.area.x0, plot.area.y0 - plot.area.y1); }
  clip(plot);
  for (const [mx, my] of ctx.facts.minima) plot.text(plot.x(mx), plot.y(my) + 5, "✕", { "text-anchor": "middle", class: "strong" });
  for (const racer of racers) {
    const path = racer.get("path"), xs = [], ys = [];
    for (let k = 0; k <= t; k++) { xs.push(path[2 * k]); ys.push(path[2 * k + 1]); }
    plot.line(xs, ys, { series: racer.series, width: 2 }).setAttribute("clip-path", `url(#${plot.clip})`);
  }
  for (const racer of racers) {
    const path = racer.get("path"), [x, y] = [path[2 * t], path[2 * t + 1]];
    if (x >= x0 && x <= x1 && y >= y0 && y <= y1) plot.dot(x, y, racer.series, 6);
  }
  const [sx, sy] = ctx.state.start;
  plot.svg.append(s("circle", { cx: plot.x(sx), cy: plot.y(sy), r: 8, fill: "none", stroke: "var(--bg)", "stroke-width": 4 }), s("circle", { cx: plot.x(sx), cy: plot.y(sy), r: 8, fill: "none", stroke: "var(--ink)", "stroke-width": 2, "data-start": "" }));
  plot.svg.setAttribute("aria-label", `start point (${fmt(sx)}, ${fmt(sy)}): arrow keys move it`);
  return image;
}

function drawLoss(plot, racers, t) {
  const logs = racers.map((racer) => Array.from(racer.get("loss"), (v) => (Number.isNaN(v) ? NaN : Math.max(v, FLOOR))));
  const [lo, hi] = extent(...logs), last = Math.max(1, (logs[0]?.length || 2) - 1);
  plot.begin({ lo: 0, hi: last, label: "step" }, { lo: Math.max(FLOOR, lo) / 1.5, hi: Math.min(hi, 1e6) * 1.5, log: true });
  const steps = Array.from({ length: last + 1 }, (_, i) => i);
  racers.forEach((racer, i) => {
    plot.line(steps, logs[i], { series: racer.series, width: 1.2, opacity: 0.35 });
    plot.line(steps.slice(0, t + 1), logs[i].slice(0, t + 1), { series: racer.series, width: 2 });
    plot.dot(t, clamp(logs[i][t], 0, 1e6), racer.series, 4.5);
  });
  plot.vline(t, { color: "var(--ink)", dash: "", width: 1 });
}

const ROWS = [["gradient", "grad"], ["m", "m"], ["m̂", "mhat"], ["v", "v"], ["step", "move"]];

function card(ctx, racer) {
  const rows = ROWS.map(([label, name]) => h("tr", { "data-row": name }, h("th", { scope: "row" }, label), h("td", {}), h("td", {})));
  const field = ctx.fields[`lr_${racer.key}`];
  const name = field.node.querySelector("span");
  name.firstChild.textContent = "lr";
  return h("article", { class: "lab-card", style: `--hue:var(--s${racer.series % 7})`, "aria-label": racer.name }, legend([{ series: racer.series, label: racer.name }]), field.node,
    h("table", {}, h("thead", {}, h("tr", {}, h("th", {}, h("span", { class: "lab-spoken" }, "quantity")), h("th", { scope: "col" }, "x"), h("th", { scope: "col" }, "y"))), h("tbody", {}, rows)));
}

/** Numbers of the step that led to the position shown. */
function fillCard(node, racer, t) {
  if (!node) return;
  for (const row of node.querySelectorAll("[data-row]")) {
    const values = racer.get(row.dataset.row), k = t - 1;
    [...row.querySelectorAll("td")].forEach((cell, c) => { const v = k < 0 ? NaN : values[2 * k + c]; cell.textContent = Number.isNaN(v) || v === undefined ? "–" : fmt(v); });
  }
}

/** The start: dragged, clicked, or moved by the arrow keys. */
function drag(ctx, plot) {
  const place = (e) => {
    const box = plot.svg.getBoundingClientRect(), [x0, x1, y0, y1] = ctx.facts.bounds;
    change(ctx, "start", [clamp(plot.x.invert(e.clientX - box.left), x0, x1), clamp(plot.y.invert(e.clientY - box.top), y0, y1)]);
    ctx.redraw();
  };
  plot.svg.addEventListener("pointerdown", (e) => { plot.svg.setPointerCapture(e.pointerId); place(e); });
  plot.svg.addEventListener("pointermove", (e) => { if (e.buttons) place(e); });
  plot.svg.addEventListener("keydown", (e) => {
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[e.key];
    if (!move) return;
    e.preventDefault();
    const [x0, x1, y0, y1] = ctx.facts.bounds, by = e.shiftKey ? 0.1 : 0.02, [x, y] = ctx.state.start;
    change(ctx, "start", [clamp(x + move[0] * by * (x1 - x0), x0, x1), clamp(y + move[1] * by * (y1 - y0), y0, y1)]);
    ctx.redraw();
  });
}

export default { render: (view) => lab(view, build) };
