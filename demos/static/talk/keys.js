// @ts-check
// The keys of the tab while a conversation runs: Esc ends the answer, M mutes. Push to talk has its own.

/** @import { Talk } from "./talk.js" */

const WRITING = "input, textarea, select, [contenteditable]";

/** @param {Talk} talk */
export function bindKeys(talk) {
  document.addEventListener("keydown", (event) => {
    const writing = event.target instanceof Element && event.target.closest(WRITING);
    if (!talk.wire || !talk.view.element.offsetParent) return;
    if (event.key === "Escape") talk.hush();
    else if (event.key.toLowerCase() === "m" && !writing && !event.ctrlKey && !event.metaKey) talk.desk.mute(!talk.desk.muted);
  });
}
