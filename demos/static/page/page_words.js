// @ts-check
// The sentences of the page's modules in its language, and a place to say one.

import { h, speaker } from "../talk/dom.js";

/** @import { Say } from "../talk/types.js" */
/** @typedef {{ language: string, say: Say }} PageWords */

/** @type {Promise<PageWords> | undefined} */
let asked;

/** Asked for once. @returns {Promise<PageWords>} */
export function pageWords() {
  asked ??= fetch(new URL("page/words.json", document.baseURI))
    .then((answer) => answer.json())
    .then(({ language, words }) => ({ language, say: speaker(words) }));
  return asked;
}

/** Where elements get the page's own style. @returns {Element} */
export const pagePlace = () => document.querySelector(".gradio-container") ?? document.body;

const LASTS = 12_000; // ms that a remark without a choice stays

/**
 * Say something at the foot of the page; the remark before it goes.
 * @param {string} sentence @param {{ label: string, act: () => void }} [choice] a button beside it
 */
export function remark(sentence, choice) {
  const close = () => line.remove();
  const button = choice && h("button", { type: "button", onclick: () => { close(); choice.act(); } }, choice.label);
  const line = h("div", { class: "page-remark", role: "status" }, h("span", {}, sentence), button,
    h("button", { type: "button", class: "close", "aria-label": "×", onclick: close }, "×"));
  document.querySelector(".page-remark")?.remove();
  pagePlace().append(line);
  if (!choice) setTimeout(close, LASTS);
  return close;
}
