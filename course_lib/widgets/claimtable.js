// ClaimTable: one page of rows as a table; a row's button asks Python to run its experiment.
import { h } from "./paper.js";
import { lab } from "./shared.js";

const COLUMNS = [["claim", "Claim"], ["chapter", "Chapter"], ["verdict", "Verdict"], ["", "The article says"], ["", "Correction"], ["", "Experiment"]];

function build(ctx) {
  const caption = h("caption", {}), head = h("tr", {}), rows = h("tbody", {});
  ctx.body.append(h("table", { class: "lab-claims" }, caption, h("thead", {}, head), rows));
  let shown = "";
  return {
    draw() {
      caption.textContent = ctx.facts.caption;
      head.replaceChildren(...COLUMNS.map(([name, label]) => h("th", { scope: "col", "aria-sort": name && name === ctx.facts.sort ? "ascending" : null }, label)));
      const key = JSON.stringify(ctx.facts.rows);
      if (key !== shown) { shown = key; refill(ctx, rows); }
      const { page, pages } = ctx.facts;
      turn(ctx, ctx.buttons.previous, page === 0);
      turn(ctx, ctx.buttons.next, page >= pages - 1);
    },
  };
}

/** A button that leads nowhere keeps the focus: it is marked, not disabled. */
function turn(ctx, button, ended) {
  if (button) button.setAttribute("aria-disabled", String(ended));
}

/** New rows; the button that had the focus has it again. */
function refill(ctx, rows) {
  const held = rows.contains(document.activeElement) ? document.activeElement.dataset.run : null;
  rows.replaceChildren(...ctx.facts.rows.flatMap((row) => line(ctx, row)));
  if (held) [...rows.querySelectorAll("button")].find((b) => b.dataset.run === held)?.focus();
}

function line(ctx, row) {
  const button = h("button", { type: "button", class: "lab-button", "data-run": row.id, "aria-label": `Run ${row.id}`, onclick: () => ctx.send({ act: `run ${row.id}` }) }, "Run");
  const cells = [["Chapter", row.chapter], ["Verdict", h("b", { class: `v-${row.verdict}` }, row.verdict)], ["The article says", row.says], ["Correction", row.correction], ["Experiment", row.source || button]];
  const found = row.result ? [h("tr", { class: "found" }, h("td", { colspan: COLUMNS.length }, `Measured just now: ${row.result}`))] : [];
  return [h("tr", { "data-row": row.id }, h("th", { scope: "row" }, row.id), cells.map(([name, value]) => h("td", { "data-label": name }, value))), ...found];
}

export default { render: (view) => lab(view, build) };
