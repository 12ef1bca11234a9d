// @ts-check
// What becomes of a kept conversation when the server tells of a change. Pure: no store, no clock, no page.

/** @import { KeptConversation, KeptExchange, KeptUpdate } from "./kept_types.js" */

const NAME = 80; // characters of a question that name a conversation

/** @param {readonly string[]} one @param {readonly string[]} other */
const same = (one, other) => one.length === other.length && one.every((id, place) => id === other[place]);

/** What a conversation is called by its first question. @param {KeptExchange | null} first */
export function nameOf(first) {
  const words = [...(first?.text.trim() || first?.heard || "").trim().replace(/\s+/g, " ")];
  if (words.length) return words.length > NAME ? `${words.slice(0, NAME - 1).join("")}…` : words.join("");
  return (first?.files ?? []).map((key) => fileName(key)).join(", ");
}

/** A file's name, by its key. @param {string} key */
export const fileName = (key) => key.replace(/^(example|lost):/, "").split(/[\\/]/).at(-1) ?? key;

/**
 * The conversation with a change in it. Where another page has changed it meanwhile, the change is put into a copy with
 * an id of its own: both stay. What was deleted stays so while an answer that it has already is written on.
 * @param {KeptConversation | undefined} stored as it is kept now
 * @param {readonly string[] | undefined} known the exchanges that this page last saw in it
 * @param {KeptUpdate & { conversation: string, exchange: KeptExchange }} update
 * @param {number} now @param {string} copy the id of a copy
 * @returns {KeptConversation}
 */
export function changedConversation(stored, known, update, now, copy) {
  const exchanges = [...update.before, update.exchange.id];
  const begun = { named: false, created: now, sizes: {}, settings: null, name: nameOf(update.exchange) };
  const changed = { tab: update.tab, exchanges, changed: now };
  if (!stored) return { ...begun, ...changed, id: update.conversation, settings: update.settings };
  const settings = update.settings ?? stored.settings;
  const deleted = stored.exchanges.includes(update.exchange.id) ? stored.deleted : undefined;
  if (known === undefined || same(stored.exchanges, known) || same(stored.exchanges, exchanges)) {
    const name = exchanges.length === 1 && !stored.named ? nameOf(update.exchange) : stored.name;
    return { ...stored, ...changed, deleted, settings, name };
  }
  return { ...stored, ...changed, deleted, settings, id: copy, created: now };
}

/**
 * Whether everything that is looked for stands in a conversation.
 * @param {string} sought words @param {KeptConversation} conversation @param {readonly KeptExchange[]} exchanges
 */
export function isFound(sought, conversation, exchanges) {
  const texts = exchanges.flatMap(({ text, heard, answer, files }) => [text, heard ?? "", answer.text, ...files.map(fileName)]);
  const all = [conversation.name, ...texts].join("\n").toLowerCase();
  return sought.toLowerCase().split(/\s+/).every((word) => all.includes(word));
}

/** Bytes of its media. @param {KeptConversation} conversation */
export const mediaBytes = ({ sizes }) => Object.values(sizes).reduce((sum, bytes) => sum + bytes, 0);

/** A number of bytes for people. @param {number} bytes */
export function bytesText(bytes) {
  const unit = ["B", "kB", "MB", "GB"].map((name, power) => ({ name, size: 1000 ** power })).findLast(({ size }) => bytes >= size);
  if (!unit) return "0 B";
  const value = bytes / unit.size;
  return `${value < 10 && unit.size > 1 ? value.toFixed(1) : Math.round(value)} ${unit.name}`;
}

/** The media to forget first: the oldest that make up half of all bytes. @param {readonly { key: string, bytes: number }[]} media oldest first */
export function oldestHalf(media) {
  let left = media.reduce((sum, { bytes }) => sum + bytes, 0) / 2;
  return media.filter(({ bytes }) => {
    const goes = left > 0;
    left -= bytes;
    return goes;
  });
}

/** @param {Record<string, number>} sizes by key @param {readonly string[]} keys */
export const withoutKeys = (sizes, keys) => Object.fromEntries(Object.entries(sizes).filter(([key]) => !keys.includes(key)));
