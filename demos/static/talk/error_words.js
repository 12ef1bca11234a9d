// @ts-check
// What the server could not do, in the page's words where it has some. Pure.

/** @import { Say } from "./types.js" */

const PLACES = ["error", "watch.refused"]; // of the words for an error's code

/** @param {Say} say @param {{ code?: string, message: string }} error */
export function errorWords(say, { code, message }) {
  const key = PLACES.map((place) => `${place}.${code}`).find((one) => say(one) !== one);
  return key ? say(key) : message;
}
