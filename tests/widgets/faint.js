// What of a widget can hardly be seen where the system chooses the colours: { found: words, lines: how many were looked at }.
() => {
  const root = document.querySelector('.lab'), pen = document.createElement('canvas').getContext('2d'), found = [];
  const light = (colour) => { pen.clearRect(0, 0, 1, 1); pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...pen.getImageData(0, 0, 1, 1).data].map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
  const page = getComputedStyle(root).backgroundColor, see = (what, colour, ground = page, least = 3) => { const r = ratio(colour, ground); if (r < least) found.push(`${what}: ${colour} on ${ground}, ${r.toFixed(2)}`); };
  let lines = 0;
  for (const node of root.querySelectorAll('.lab-plot svg :is(line, path, circle, rect):not(.grid), .lab-legend svg :is(line, path)')) {
    const css = getComputedStyle(node);
    if (node.closest('clipPath') || Number(css.opacity) < 0.5 || node.getAttribute('stroke') === 'var(--bg)' && css.fill === 'none') continue; // a halo
    const paints = [css.stroke, css.fill].filter((c) => c !== 'none');
    const best = paints.sort((a, b) => ratio(b, page) - ratio(a, page))[0];
    if (best) { lines += 1; see(node.outerHTML.slice(0, 90), best); }
  }
  for (const node of root.querySelectorAll('button, summary, h3, h4, output, text, select, .lab-summary, .lab-pill')) {
    if (!node.getClientRects().length) continue;
    const css = getComputedStyle(node), ground = node.matches('.main') ? css.backgroundColor : page;
    see(`${node.tagName} ${node.textContent.slice(0, 20)}`, node.tagName === 'text' ? css.fill : css.color, ground, 4.5);
    if (node.matches('.main') && css.forcedColorAdjust !== 'none') found.push('a plate lies behind the words of the main button');
    if (node.matches('[aria-pressed=true]')) see('chosen', css.borderBottomColor);
  }
  for (const node of root.querySelectorAll('[tabindex="0"], button, input, select, summary')) {
    if (node.disabled || !node.getClientRects().length) continue;
    node.focus({ focusVisible: true });
    const css = getComputedStyle(node);
    if (css.outlineStyle === 'none' || !parseFloat(css.outlineWidth)) found.push(`no ring: ${node.outerHTML.slice(0, 60)}`);
    else see('ring', css.outlineColor);
  }
  for (const node of root.querySelectorAll('[aria-current], .lab-bars .on')) if (getComputedStyle(node).outlineStyle === 'none') found.push(`chosen, not shown: ${node.outerHTML.slice(0, 60)}`);
  return { found, lines }; }
