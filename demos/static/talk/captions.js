// @ts-check
// A conversation as text and as subtitles of its recording. Pure.

/** @import { Story } from "./story.js" */
/** @import { Say, Turn } from "./types.js" */

import { heardAndNot } from "./heard.js";

const PACE = 15; // characters a second, where nobody spoke what stands there
const WIDE = 84; // characters that a subtitle has at most: two lines
const SHORTEST = 0.5; // seconds that one stays
/** @typedef {{ from: number, until: number, who: "user" | "vita", text: string }} Caption  Times in seconds of the recording. */

/** What was said, in order; of answers what was heard. @param {Story} story @returns {Caption[]} */
export function captions({ turns }) {
  const said = turns.filter((turn) => turn.role !== "remark" && textOf(turn));
  const timed = said.map((turn) => {
    const text = textOf(turn);
    const from = turn.from ?? turn.t;
    const until = turn.seconds === undefined ? (turn.until ?? from + text.length / PACE) : from + turn.seconds;
    return { from, until: Math.max(until, from + SHORTEST), who: /** @type {"user" | "vita"} */ (turn.role), text };
  });
  return timed.sort((one, other) => one.from - other.from);
}

/** The transcript, a line a turn with the time at which it began. @param {Story} story @param {Say} say */
export function transcriptText(story, say) {
  return captions(story).map(({ from, who, text }) => `[${clock(from).slice(0, 8)}] ${say(`lane.${who}`)}: ${text}\n`).join("");
}

/** The transcript as an SRT file, in step with the recording. @param {Story} story @param {Say} say */
export function subtitles(story, say) {
  const cues = captions(story).flatMap((caption) => pieces(caption));
  return cues.map(({ from, until, who, text }, n) => `${n + 1}\n${clock(from)} --> ${clock(until)}\n${say(`lane.${who}`)}: ${text}\n\n`).join("");
}

/** @param {Turn} turn */
const textOf = (turn) => (turn.role === "user" ? turn.text : heardAndNot(turn)[0]).trim().replace(/\s+/g, " ");

/** A caption as pieces that can be read, each as long as its share of the letters. @param {Caption} caption @returns {Caption[]} */
function pieces({ from, until, who, text }) {
  const parts = wrapped(text);
  const letters = parts.reduce((sum, part) => sum + part.length, 0);
  let at = from;
  return parts.map((part) => {
    const begin = at;
    at += ((until - from) * part.length) / letters;
    return { from: begin, until: at, who, text: part };
  });
}

/** Text in parts of at most WIDE characters, cut behind a sentence, else behind a word, else anywhere. @param {string} text */
function wrapped(text) {
  const parts = [];
  let rest = text;
  while (rest.length > WIDE) {
    const line = rest.slice(0, WIDE + 1);
    const sentence = Math.max(...[". ", "! ", "? ", "。", "！", "？"].map((end) => line.lastIndexOf(end, WIDE - 1) + 1));
    const cut = sentence > WIDE / 3 ? sentence : line.lastIndexOf(" ") > 0 ? line.lastIndexOf(" ") : WIDE;
    parts.push(rest.slice(0, cut).trim());
    rest = rest.slice(cut).trim();
  }
  return rest ? [...parts, rest] : parts;
}

/** hh:mm:ss,mmm @param {number} seconds */
function clock(seconds) {
  const ms = Math.round(1000 * Math.max(0, seconds));
  const two = (/** @type {number} */ value) => String(value).padStart(2, "0");
  return `${two(Math.floor(ms / 3_600_000))}:${two(Math.floor(ms / 60_000) % 60)}:${two(Math.floor(ms / 1000) % 60)},${String(ms % 1000).padStart(3, "0")}`;
}
