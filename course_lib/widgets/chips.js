// Tokens as chips, and bars in table cells: what TokenLab, SampleLab and AttnMap share.
import { h, fmt } from "./paper.js";

/** A token's text as itself, in its own direction: Arabic reads from right to left, the row of chips does not. */
export const piece = (text, attrs = {}) => h("bdi", { ...attrs, class: "lab-piece" }, text);

/** A cell with a number and a bar under it; `share` in 0..1, `mark` draws a tick at another share, `band` around it. */
export function barCell(share, words, { series = 0, mark = null, band = null, cut = false } = {}) {
  const at = (x) => `${(100 * Math.min(1, Math.max(0, x))).toFixed(2)}%`;
  const bar = h("span", { class: "lab-bar", "aria-hidden": "true" },
    h("i", { style: `width:${at(share)};background:var(--s${series})` }),
    band ? h("u", { style: `left:${at(band[0])};width:calc(${at(band[1])} - ${at(band[0])})` }) : null,
    mark === null ? null : h("b", { style: `left:${at(mark)}` }));
  return h("td", { class: cut ? "cut" : null }, h("span", {}, words), bar);
}

/** A probability in words: per cent, with more digits where it is small. */
export const percent = (p) => (p === 0 ? "0" : p >= 0.0995 ? `${(100 * p).toFixed(0)} %` : p >= 0.00095 ? `${(100 * p).toFixed(1)} %` : `${fmt(100 * p, 2)} %`);
