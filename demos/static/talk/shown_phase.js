// @ts-check
// What goes on in a conversation, as the bar shows it. Pure.

/** @import { Story } from "./story.js" */
/** @import { Say } from "./types.js" */

const TALLY = 2; // s for which a state token stays beside the phase

/** @typedef {{ muted: boolean, push: boolean, held: boolean, records: boolean }} Listening  Whether the microphone is muted, waits
 *   for a button to be held, is being held open, and is recorded at all. */

/** The phase, its word, and the state token beside it.
 * @param {Say} say @param {Story} story @param {number} now seconds @param {Listening} listening
 * @returns {[phase: string, word: string, state: string | null]} */
export function shownPhase(say, story, now, { muted, push, held, records }) {
  if (story.away) return ["away", say(records ? "phase.away.records" : "phase.away"), null];
  if (story.queue) return ["queue", say("phase.queue", { position: story.queue }), null];
  const token = story.marks.findLast((mark) => !["cut", "warming", "seen"].includes(mark.kind));
  const state = token && now - token.t < TALLY && token.kind !== "none" ? token.kind : null;
  const phase = story.phase === "idle" ? "connecting" : story.phase;
  if (phase !== "listening") return [phase, say(`phase.${phase}`), state];
  if (held) return ["listening", say("phase.held"), state];
  if (push) return ["muted", say("phase.push"), state];
  if (muted) return ["muted", say("phase.muted"), state];
  return [phase, say(story.voice ? "phase.hearing" : "phase.listening"), state];
}
