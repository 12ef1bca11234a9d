// @ts-check
// Tabs and the parameter of the address that names the open one: a link opens its tab, choosing one makes a step.
//
// A tab's id is its parameter, a dot and its name, such as "tab.talk". Tabs are opened and heard of by their buttons: what
// Gradio tells its listeners of tabs comes late, and at the beginning too, when nobody has chosen any.

import { address } from "./address.js";

const PATIENCE = 600; // frames that tabs may take to be drawn
const SETTLED = 4; // frames until a tab that was chosen in the menu stands among the others
const BUTTON = "[role=tab][data-tab-id]";
const OPEN = `${BUTTON}[aria-selected=true]`;

/** Name every tab that somebody opens in the address, and those that were opened before this script was here. */
export function hearOfTabs() {
  for (const list of document.querySelectorAll(".tab-wrapper")) {
    const id = tabId(list.querySelector(OPEN));
    if (address.read(id.split(".")[0]) === null) nameTab(list, id);
  }
  document.addEventListener("click", ({ target }) => {
    const pressed = target instanceof Element ? target.closest("button") : null;
    const list = pressed?.closest(".tab-wrapper");
    if (!list) return;
    if (pressed?.matches(BUTTON)) nameTab(list, tabId(pressed));
    else if (pressed?.closest(".overflow-dropdown")) afterFrames(SETTLED, () => nameTab(list, tabId(list.querySelector(OPEN))));
  });
}

/** @param {Element} list the first of whose buttons never leaves it @param {string} id */
function nameTab(list, id) {
  const [parameter, tab] = id.split(".");
  const shown = address.read(parameter) ?? tabId(list.querySelector(BUTTON)).split(".")[1];
  if (tab && tab !== shown) address.write({ [parameter]: tab }, "push");
}

/** @param {Element | null} button */
const tabId = (button) => button?.getAttribute("data-tab-id") ?? "";

/** @param {number} count @param {() => void} done */
function afterFrames(count, done) {
  requestAnimationFrame(() => (count > 1 ? afterFrames(count - 1, done) : done()));
}

/** A page has opened: open the tab that its address names, if any. @param {string} parameter @param {string[]} tabs */
export function openLinkedTab(parameter, tabs) {
  if (address.read(parameter) !== null) openAddressedTab(parameter, tabs);
}

/** Open the tab that the address names, or the first, as soon as the tabs are drawn.
 * @param {string} parameter @param {string[]} tabs their names, in order */
export function openAddressedTab(parameter, tabs, patience = PATIENCE) {
  const list = document.querySelector(`[role=tab][data-tab-id="${parameter}.${tabs[0]}"]`)?.closest(".tab-wrapper");
  const place = Math.max(0, tabs.indexOf(address.read(parameter) ?? ""));
  if (list) tabButton(list, place, `${parameter}.${tabs[place]}`)?.click();
  else if (patience) requestAnimationFrame(() => openAddressedTab(parameter, tabs, patience - 1));
}

/** A tab's button; null where it is the open one. Where the page is too narrow it is in a menu, where it has no id but its
 * label, which the list's hidden copy has in the tabs' order.
 * @param {Element} list @param {number} place @param {string} id @returns {HTMLElement | null} */
function tabButton(list, place, id) {
  const button = /** @type {HTMLElement | null} */ (list.querySelector(`[role=tab][data-tab-id="${id}"]`));
  if (button) return button.getAttribute("aria-selected") === "true" ? null : button;
  const label = list.querySelectorAll(".visually-hidden button")[place]?.textContent;
  const inMenu = /** @type {HTMLElement[]} */ ([...list.querySelectorAll(".overflow-dropdown button")]);
  return inMenu.find((each) => each.textContent === label) ?? null;
}
