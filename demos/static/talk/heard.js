// @ts-check
// What of an answer was heard before it was cut. Pure.

/** @import { Turn } from "./types.js" */

/** An answer's text as what was heard and what was not.
 * @param {Pick<Turn, "text" | "heard">} turn @returns {[string, string]} */
export function heardAndNot(turn) {
  if (turn.heard === undefined || turn.heard === turn.text) return [turn.text, ""];
  const same = turn.text.startsWith(turn.heard) ? turn.heard.length : commonLength(turn.text, turn.heard);
  return [turn.text.slice(0, same), turn.text.slice(same)];
}

/** @param {string} one @param {string} other */
function commonLength(one, other) {
  let size = 0;
  while (size < one.length && one[size] === other[size]) size++;
  return size;
}
