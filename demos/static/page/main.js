// @ts-check
// What the page does beside Gradio: it follows its address and its own links, shows the tools in its
// head, and describes charts to screen readers.

import { address } from "./address.js";
import { describeCharts } from "./charts.js";
import { showTools } from "./header_tools.js";
import { hearOfTabs } from "./tabs.js";

const MOVED = ".address-moved"; // hidden buttons that tell Gradio's listeners to read the address again
const LINK = "a[data-address]"; // names parameters of this page's address; the others stay as they are

/** Begin to follow. */
export function start() {
  address.listen(readAgain);
  document.addEventListener("click", followLink);
  hearOfTabs();
  describeCharts();
  showTools().catch(console.error);
}

function readAgain() {
  for (const button of document.querySelectorAll(MOVED)) if (button instanceof HTMLElement) button.click();
}

/** Show what a link names without loading the page again; a click that opens another tab or window is left alone.
 * @param {MouseEvent} event */
function followLink(event) {
  const link = event.target instanceof Element ? event.target.closest(LINK) : null;
  if (!(link instanceof HTMLAnchorElement) || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const named = new URL(link.href).searchParams;
  address.write(Object.fromEntries([...named.keys()].map((name) => [name, named.getAll(name)])), "push");
  readAgain();
}
