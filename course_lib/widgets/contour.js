// A landscape seen from above: bands with thin lines between them, and a clip path that keeps drawings inside.
import { h, s, extent, ramp } from "./paper.js";

const BANDS = 14;
let clips = 0;

/** Make `plot.clip` the id of a clip path that is the plot's area; call it after begin(). */
export function clip(plot) {
  plot.clip ||= `lab-clip-${++clips}-${Math.floor(performance.now())}`;
  const { x0, x1, y0, y1 } = plot.area;
  plot.svg.prepend(s("clipPath", { id: plot.clip }, s("rect", { x: x0, y: y1, width: x1 - x0, height: y0 - y1 })));
}

/** The landscape `grid` in flat bands between two colours, low ones in the page's colour, with thin lines between them. */
export function contour(plot, grid, colours) {
  const { data, shape: [rows, columns] } = grid, [lo, hi] = extent(data);
  const wide = Math.round(plot.area.x1 - plot.area.x0), high = Math.round(plot.area.y0 - plot.area.y1), ratio = Math.min(2, window.devicePixelRatio || 1);
  const canvas = h("canvas", { width: wide * ratio, height: high * ratio }), pen = canvas.getContext("2d"), image = pen.createImageData(canvas.width, canvas.height);
  const level = (px, py) => {
    const gx = (px / (canvas.width - 1)) * (columns - 1), gy = (1 - py / (canvas.height - 1)) * (rows - 1), i = Math.min(columns - 2, gx | 0), j = Math.min(rows - 2, gy | 0), fx = gx - i, fy = gy - j, k = j * columns + i;
    const v = (data[k] * (1 - fx) + data[k + 1] * fx) * (1 - fy) + (data[k + columns] * (1 - fx) + data[k + columns + 1] * fx) * fy;
    return Math.min(BANDS - 1, Math.floor(((v - lo) / (hi - lo || 1)) * BANDS));
  };
  const palette = Array.from({ length: BANDS }, (_, b) => ramp(colours, b / (BANDS - 1)));
  const above = new Int8Array(canvas.width);
  for (let py = 0; py < canvas.height; py++) {
    let left = -1;
    for (let px = 0; px < canvas.width; px++) {
      const b = level(px, py), edge = (left >= 0 && left !== b) || (py && above[px] !== b), c = palette[b] || colours[1], shade = edge ? 0.86 : 1, at = 4 * (py * canvas.width + px);
      image.data[at] = c[0] * shade; image.data[at + 1] = c[1] * shade; image.data[at + 2] = c[2] * shade; image.data[at + 3] = 255;
      above[px] = left = b;
    }
  }
  pen.putImageData(image, 0, 0);
  return canvas;
}
