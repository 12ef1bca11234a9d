// @ts-check
// Charts are pictures to a screen reader: each gets the description that came with its figure as its name.

const CHART = ".js-plotly-plot";
const DRAWING = ".main-svg"; // of several that lie on each other; the toolbar beside them keeps its own names

/** Describe every chart as soon as it is drawn. */
export function describeCharts() {
  const describeAll = () => document.querySelectorAll(CHART).forEach(describe);
  new MutationObserver(describeAll).observe(document.body, { childList: true, subtree: true });
}

/** @param {Element & { layout?: { meta?: { description?: string } } }} chart plotly keeps the layout in its element */
function describe(chart) {
  const description = chart.layout?.meta?.description;
  const [first, ...others] = chart.querySelectorAll(DRAWING);
  if (!description || !first || first.getAttribute("aria-label") === description) return;
  first.setAttribute("role", "img");
  first.setAttribute("aria-label", description);
  for (const other of others) other.setAttribute("aria-hidden", "true");
}
