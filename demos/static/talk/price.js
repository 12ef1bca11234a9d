// @ts-check
// What the camera's pictures cost: tokens of the prompt that they went with.

/** @import { EventData, PictureCost, Say, Turn } from "./types.js" */

/** The question that an answer answered, and its cost if pictures went with it and were counted.
 * @param {Turn[]} turns @param {Turn | undefined} answer @param {EventData | undefined} usage
 * @returns {{ asked?: Turn, cost?: PictureCost }} */
export function picturePrice(turns, answer, usage) {
  const tokens = usage?.input_token_details?.image_tokens;
  const asked = turns.slice(0, answer ? turns.indexOf(answer) : -1).findLast((turn) => turn.role === "user");
  return usage && tokens && asked?.frames.length ? { asked, cost: { tokens, prompt: usage.input_tokens } } : {};
}

/** A price in words. @param {Say} say @param {PictureCost} cost */
export function priceWords(say, { tokens, prompt }) {
  return say("camera.cost", { tokens: tokens.toLocaleString(), prompt: prompt.toLocaleString() });
}
