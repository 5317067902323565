// ActLab: f, its slope and the histogram of a layer's pre-activations, on one axis; z is dragged.
import { h, s, panel, legend, fmt, extent, clamp, Plot } from "./paper.js";
import { lab } from "./shared.js";
import { hold, live, direct, dragged } from "./direct.js";

function build(ctx) {
  const top = panel(ctx.body, "f"), f = new Plot(top.box, { height: 170, margin: [8, 12, 8, 52], label: "the activation f" });
  const middle = panel(ctx.body, "f′"), slope = new Plot(middle.box, { height: 120, margin: [8, 12, 8, 52], label: "the slope of f" });
  const bottom = panel(ctx.body, "Pre-activations"), bars = new Plot(bottom.box, { height: 170, margin: [8, 12, 36, 52], label: "histogram of the layer's pre-activations" });
  bottom.box.insertBefore(key(), bars.box);
  for (const plot of [f, slope, bars]) dragged(plot, (x) => hold(ctx, "z", clamp(Math.round(x * 100) / 100, -6, 6)));

  let drawn = null;

  return {
    local: { ...direct(ctx, "z"), step: () => nudge(ctx, 0.1), ten: () => nudge(ctx, 1) },
    draw() {
      ctx.body.hidden = Boolean(ctx.facts.empty);
      if (ctx.facts.empty) return;
      const { facts, arrays } = ctx, z = live(ctx, "z"), at = here(arrays, z, facts.reach);
      ctx.fields.z?.set(z);
      top.cap(`f = ${facts.name}`, `f(${fmt(z)}) = ${fmt(at.f)}; dashed: the tangent; shaded: |f′| < ${facts.limit}`);
      middle.cap("Slope f′", `f′(${fmt(z)}) = ${fmt(at.slope)}`);
      bottom.cap(`Pre-activations of layer ${ctx.state.layer} of ${facts.layers}`, `${facts.shape} · ${fmt(100 * facts.saturated)} % |f′| < ${facts.limit} · ${fmt(100 * facts.dead)} % of the units dead`);
      const { z: moved, ...rest } = ctx.state, key = JSON.stringify([facts, rest, ctx.width, ctx.colours.key]);
      if (key !== drawn) { // all but z
        drawn = key;
        curve(f, arrays, "f", facts);
        curve(slope, arrays, "slope", facts);
        histogram(bars, arrays, facts);
      }
      mark(f, z, at.f, facts.reach / 4, at.slope);
      mark(slope, z, at.slope);
      mark(bars, z);
    },
  };
}

const nudge = (ctx, by) => hold(ctx, "z", clamp(Number((live(ctx, "z") + by).toFixed(4)), -6, 6));

function key() {
  const list = legend([{ series: 2, label: "z", line: false }]);
  for (const [fill, opacity, words] of [["var(--s1)", 1, "|f′| small: saturated"], ["var(--s0)", 0.4, "the rest"]])
    list.append(h("li", {}, s("svg", { viewBox: "0 0 30 12", "aria-hidden": "true" }, s("rect", { x: 8, y: 1, width: 14, height: 10, fill, opacity, stroke: "var(--ink)", "stroke-width": 0.6 })), words));
  return list;
}

/** f and f′ at z, between the points of the grid. */
function here({ grid, f, slope }, z, reach) {
  const n = grid.data.length - 1, at = clamp(((z + reach) / (2 * reach)) * n, 0, n), i = Math.min(n - 1, Math.floor(at)), t = at - i;
  const mix = (a) => a.data[i] * (1 - t) + a.data[i + 1] * t;
  return { f: mix(f), slope: mix(slope) };
}

/** Put z, the point on the curve and its tangent over what is drawn. */
function mark(plot, z, y = null, wide = 0, tangent = 0) {
  while (plot.svg.childNodes.length > plot.below) plot.svg.lastChild.remove();
  if (wide) plot.line([z - wide, z + wide], [y - wide * tangent, y + wide * tangent], { series: 2, width: 1.6, dash: "6 4" });
  plot.vline(z, { color: "var(--s2)", dash: "2 3", width: 1.4 });
  if (y !== null) plot.dot(z, y, 2, 6);
}

function curve(plot, arrays, name, facts) {
  const values = arrays[name].data, [lo, hi] = extent(values), pad = 0.08 * (hi - lo || 1), r = facts.reach;
  plot.begin({ lo: -r, hi: r, hide: true }, { lo: lo - pad, hi: hi + pad });
  shade(plot, arrays, facts);
  plot.line(arrays.grid.data, values, { series: 0, width: 2.2, dash: "" });
  plot.below = plot.svg.childNodes.length;
}

/** Bands where |f′| is small. */
function shade(plot, { grid, slope }, { limit }) {
  let from = null;
  const { y0, y1 } = plot.area, n = grid.data.length;
  for (let i = 0; i <= n; i++) {
    const flat = i < n && Math.abs(slope.data[i]) < limit;
    if (flat && from === null) from = plot.x(grid.data[i]);
    if (!flat && from !== null) {
      plot.svg.append(s("rect", { x: from, y: y1, width: Math.max(1, plot.x(grid.data[i - 1]) - from), height: y0 - y1, fill: "var(--s1)", opacity: 0.13 }));
      from = null;
    }
  }
}

function histogram(plot, { free, flat }, facts) {
  const n = free.data.length, r = facts.reach, top = Math.max(1e-9, ...Array.from(free.data, (v, i) => v + flat.data[i]));
  plot.begin({ lo: -r, hi: r, label: "pre-activation z" }, { lo: 0, hi: 100 * top * 1.06, format: (v) => `${fmt(v)} %` });
  const wide = (plot.area.x1 - plot.area.x0) / n;
  const bar = (i, from, share, fill, opacity) => {
    if (share <= 0) return;
    const y = plot.y(100 * (from + share));
    plot.svg.append(s("rect", { x: plot.area.x0 + i * wide + 0.5, y, width: Math.max(1, wide - 1), height: Math.max(0.5, plot.y(100 * from) - y), fill, opacity, stroke: "var(--ink)", "stroke-width": 0.4 }));
  };
  for (let i = 0; i < n; i++) { bar(i, 0, flat.data[i], "var(--s1)", 1); bar(i, flat.data[i], free.data[i], "var(--s0)", 0.4); }
  plot.below = plot.svg.childNodes.length;
}

export default { render: (view) => lab(view, build) };
