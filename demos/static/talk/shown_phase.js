// @ts-check
// What goes on in a conversation, as the bar shows it. Pure.

/** @import { Story } from "./story.js" */
/** @import { Say } from "./types.js" */

const TALLY = 2; // s for which a state token stays beside the phase

/** The phase, its word, and the state token beside it.
 * @param {Say} say @param {Story} story @param {number} now seconds @param {boolean} muted
 * @returns {[phase: string, word: string, state: string | null]} */
export function shownPhase(say, story, now, muted) {
  if (story.queue) return ["queue", say("phase.queue", { position: story.queue }), null];
  const token = story.marks.findLast((mark) => mark.kind !== "cut" && mark.kind !== "warming");
  const state = token && now - token.t < TALLY && token.kind !== "none" ? token.kind : null;
  const phase = story.phase === "idle" ? "connecting" : story.phase;
  if (muted && phase === "listening") return ["muted", say("phase.muted"), state];
  const hearing = phase === "listening" && story.voice;
  return [phase, say(hearing ? "phase.hearing" : `phase.${phase}`), state];
}
