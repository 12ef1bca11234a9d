// @ts-check
// Reads a conversation that was saved as JSON. It gets ids and keys of its own, so that nothing that is kept is overwritten;
// what the server shows of it, the server checks again.

/** @import { AbilityName, KeptExchange, KeptMedium, WholeConversation } from "./kept_types.js" */
/** @import { Say } from "../talk/types.js" */

import { FILE_FORMAT } from "./conversation_files.js";
import { isExample } from "./kept_files.js";
import { bytesText, fileName } from "./kept_history.js";
import { randomId } from "./random_id.js";

export const MOST_BYTES = 400_000_000; // what browsers can hold as one text
const NAME = 200; // characters
const TABS = ["image", "video", "audio"];

/**
 * @param {File} file @param {Say} say
 * @returns {Promise<WholeConversation>} An error with one sentence for the visitor where it cannot be read.
 */
export async function readConversationFile(file, say) {
  if (file.size > MOST_BYTES) throw new Error(say("kept.import.large", { size: bytesText(file.size), most: bytesText(MOST_BYTES) }));
  const whole = savedConversation(await file.text(), Date.now());
  if (!whole) throw new Error(say("kept.import.unread"));
  return whole;
}

/** The conversation that a text holds; null where it holds none. @param {string} text @param {number} now @returns {WholeConversation | null} */
export function savedConversation(text, now) {
  try {
    const saved = JSON.parse(text);
    if (saved.vita !== "conversation" || saved.format !== FILE_FORMAT || !TABS.includes(saved.tab)) return null;
    const keys = new Map(saved.media.map((/** @type {{ key: string }} */ { key }) => [key, `saved:${randomId()}/${fileName(key)}`]));
    const exchanges = saved.exchanges.map((/** @type {KeptExchange} */ exchange) => renewed(exchange, keys));
    const media = saved.media.map((/** @type {{ key: string, uri: string }} */ { key, uri }) => medium(keys.get(key), uri, now));
    /** @type {Record<string, number>} */
    const sizes = Object.fromEntries(media.map((/** @type {KeptMedium} */ { key, blob }) => [key, blob.size]));
    const conversation = { id: randomId(), tab: /** @type {AbilityName} */ (saved.tab), name: String(saved.name).slice(0, NAME), named: true, created: now,
      changed: now, exchanges: exchanges.map((/** @type {KeptExchange} */ { id }) => id), settings: saved.settings ?? null, sizes };
    return { conversation, exchanges, media: new Map(media.map((/** @type {KeptMedium} */ one) => [one.key, one])) };
  } catch {
    return null;
  }
}

/** @param {KeptExchange} exchange @param {Map<string, string>} keys @returns {KeptExchange} */
function renewed({ text, files, kinds, frames, answer, seen, heard = "" }, keys) {
  if (typeof text !== "string" || typeof answer.text !== "string") throw new TypeError("no exchange");
  const named = files.map((key) => keys.get(key) ?? (isExample(key) ? key : `lost:${fileName(key)}`));
  return { id: randomId(), text, files: named, kinds, frames, answer, seen, heard };
}

/** @param {string} key @param {string} uri @param {number} now @returns {KeptMedium} */
function medium(key, uri, now) {
  const [, type, data] = /^data:([\w.+/-]*)[^,]*;base64,([A-Za-z0-9+/=]*)$/.exec(uri) ?? [];
  if (data === undefined) throw new TypeError("no medium");
  const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));
  return { key, name: fileName(key), blob: new Blob([bytes], { type }), added: now };
}
