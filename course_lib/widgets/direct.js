// What a hand drags is drawn at once, from the browser's own numbers; Python follows.
import { change } from "./shared.js";

/** Move a control by hand: drawn in the next frame, and sent. */
export function hold(ctx, name, value) {
  (ctx.held ||= {})[name] = value;
  change(ctx, name, value);
  ctx.redraw();
}

/** The value of a control: the hand's while Python has not answered it, else Python's. */
export function live(ctx, name) {
  if (ctx.held && name in ctx.held && ctx.link.pending(name)) return ctx.held[name];
  if (ctx.held) delete ctx.held[name];
  return ctx.state[name];
}

/** Let the sliders of these controls be drawn at once too: pass the result on as the widget's `local`. */
export function direct(ctx, ...names) {
  return Object.fromEntries(names.map((name) => [name, (value) => { (ctx.held ||= {})[name] = value; ctx.send({ set: { [name]: value } }); }]));
}

/** The pointer, pressed or dragged over a plot, in data coordinates: begin(x, y, event) may refuse with false. */
export function dragged(plot, begin, move = begin) {
  let on = false;
  const at = (e) => { const box = plot.svg.getBoundingClientRect(); return [plot.x.invert(e.clientX - box.left), plot.y.invert(e.clientY - box.top), e]; };
  plot.svg.classList.add("drag");
  plot.svg.style.touchAction = "none";
  plot.svg.addEventListener("pointerdown", (e) => { on = begin(...at(e)) !== false; if (on) plot.svg.setPointerCapture(e.pointerId); });
  plot.svg.addEventListener("pointermove", (e) => { if (on && e.buttons) move(...at(e)); });
  plot.svg.addEventListener("pointerup", () => { on = false; });
}

/** Arrow keys on a plot: step(dx, dy) with the sign of the arrow, ten times with Shift. */
export function arrows(plot, step) {
  plot.svg.addEventListener("keydown", (e) => {
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[e.key], times = e.shiftKey ? 5 : 1;
    if (!move) return;
    e.preventDefault();
    step(move[0] * times, move[1] * times);
  });
}
