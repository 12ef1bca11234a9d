// @ts-check
// Elements in few words: h("button", {class: "x", onclick}, "text", child).

/** @import { Say } from "./types.js" */

import { lineIcon } from "../page/line_icon.js";

/** @typedef {Node | string | null | undefined} Child */
/** @typedef {{ [name: string]: string | number | boolean | null | undefined | ((event: any) => void) }} Attributes */

/**
 * An element; attributes that begin with "on" listen to the event of the rest of their name.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag @param {Attributes} attributes @param {(Child | Child[])[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (typeof value === "boolean") element.toggleAttribute(name, value);
    else if (value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

const SHAPES = {
  mic: "M12 3a3 3 0 0 0-3 3v6a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM6 11v1a6 6 0 0 0 12 0v-1M12 18v3",
  muted: "M12 3a3 3 0 0 0-3 3v6a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM6 11v1a6 6 0 0 0 12 0v-1M12 18v3M4 4l16 16",
  camera: "M4 7h3l2-2h6l2 2h3v12H4zM12 9.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7z",
  end: "M6 6l12 12M18 6L6 18",
  stop: "M7 7h10v10H7z",
  volume: "M4 10v4h4l5 4V6L8 10zM16.5 9a4 4 0 0 1 0 6",
  send: "M5 12h13M12 6l6 6-6 6",
  down: "M12 4v11M7 11l5 5 5-5M5 20h14",
};

/** @param {keyof typeof SHAPES} name */
export const icon = (name) => lineIcon(SHAPES[name]);

/** Give the visitor a file. @param {string} name @param {BlobPart[]} parts @param {string} type of media */
export function save(name, parts, type) {
  const link = h("a", { href: URL.createObjectURL(new Blob(parts, { type })), download: name });
  document.body.append(link); // Firefox follows no link that is nowhere
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** `say(key, {name: value})` over a table of sentences.
 * @param {Record<string, string>} words @returns {Say} */
export const speaker = (words) => (key, values = {}) =>
  (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
