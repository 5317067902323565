// Measures inside the page: from an input event to the first frame drawn with Python's answer to it.
(() => {
  const root = () => document.querySelector(".lab");
  if (window.probe?.root === root()) return;
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const probe = (window.probe = { root: root(), start: 0, end: 0 });
  const begin = () => { if (!probe.start) { probe.start = performance.now(); probe.ack = Number(root().dataset.ack); } };
  for (const type of ["input", "change", "pointerdown", "keydown", "click"]) document.addEventListener(type, (e) => { if (probe.armed && root().contains(e.target)) begin(); }, true);
  const watch = async () => {
    if (!probe.armed || !probe.start || probe.end || probe.waiting) return;
    if (root().dataset.fresh !== "1" || Number(root().dataset.ack) === probe.ack) return;
    probe.waiting = true;
    await frame(); // the picture is on the screen after the next frame
    probe.end = performance.now();
  };
  new MutationObserver(watch).observe(root(), { attributes: true, attributeFilter: ["data-rev"] });
  probe.arm = () => Object.assign(probe, { armed: true, start: 0, end: 0, waiting: false });
  probe.fired = async () => {
    for (let i = 0; i < 600 && !probe.end; i++) await frame();
    probe.armed = false;
    return probe.end ? probe.end - probe.start : -1;
  };
  probe.settled = async () => {
    let still = 0, rev = null;
    for (let i = 0; i < 1200 && still < 4; i++) {
      await frame();
      const now = `${root().dataset.rev} ${root().dataset.ack}`;
      still = now === rev && root().dataset.fresh === "1" ? still + 1 : 0;
      rev = now;
    }
  };
  probe.clipped = () => {
    const box = root().getBoundingClientRect(), out = [];
    if (root().scrollWidth > root().clientWidth + 1) out.push("the widget scrolls sideways");
    const apart = (b, c) => b.left >= c.right - 1 || c.left >= b.right - 1 || b.top >= c.bottom - 2 || c.top >= b.bottom - 2;
    for (const svg of root().querySelectorAll(".lab-plot svg")) {
      const texts = [...svg.querySelectorAll("text")].map((t) => [t.textContent, t.getBoundingClientRect()]).filter(([, b]) => b.width);
      texts.forEach(([words, b], i) => {
        if (b.left < box.left - 1 || b.right > box.right + 1) out.push(`"${words}" leaves the widget`);
        for (const [other, c] of texts.slice(i + 1)) if (!apart(b, c)) out.push(`"${words}" lies on "${other}"`);
      });
    }
    for (const node of root().querySelectorAll("button, h3, h4, td, th, .lab-field > span"))
      if (node.clientWidth && node.scrollWidth > node.clientWidth + 1) out.push(`"${node.textContent}" is cut off`);
    return out;
  };
  // Contrast of texts and series colours against the widget's background (WCAG 2, relative luminance).
  const channels = (colour) => {
    const pen = document.createElement("canvas").getContext("2d");
    pen.fillStyle = colour;
    return [1, 3, 5].map((i) => parseInt(pen.fillStyle.slice(i, i + 2), 16) / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  };
  const luminance = (colour) => { const [r, g, b] = channels(colour); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ratio = (a, b) => { const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
  probe.contrast = () => {
    const css = getComputedStyle(root()), get = (name) => css.getPropertyValue(name).trim(), out = { "--on-accent": ratio(get("--on-accent"), get("--accent")) };
    for (const name of ["--ink", "--muted", "--bad", "--s0", "--s1", "--s2", "--s3", "--s4", "--s5", "--s6"]) out[name] = ratio(get(name), css.backgroundColor);
    return out;
  };
})();
