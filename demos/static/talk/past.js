// @ts-check
// What was said in a conversation, as messages for a session that does not know it. Pure.

/** @import { TalkEvent, Turn } from "./types.js" */

import { heardAndNot } from "./heard.js";

export const PAST = "past_"; // how the items are named that tell a session what was said before it
const MOST = 40; // turns
const LONGEST = 8000; // characters of all of them

/** Events that add the turns to a session's history, as text: what was asked, and what of the answers was heard.
 * @param {Turn[]} turns @returns {TalkEvent[]} */
export function pastEvents(turns) {
  /** @type {TalkEvent[]} */
  const events = [];
  let room = LONGEST;
  for (const turn of turns.slice(-MOST).reverse()) {
    const text = saidIn(turn).trim();
    if (!text) continue;
    room -= text.length;
    if (room < 0) break;
    const [role, type] = turn.role === "user" ? ["user", "input_text"] : ["assistant", "output_text"];
    events.unshift({ type: "conversation.item.create", item: { id: `${PAST}${turns.indexOf(turn)}`, type: "message", role, content: [{ type, text }] } });
  }
  return events;
}

/** @param {Turn} turn */
const saidIn = (turn) => (turn.role === "remark" ? "" : turn.role === "user" ? turn.text : heardAndNot(turn)[0]);
