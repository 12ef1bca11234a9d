// @ts-check
// Types of what is kept of conversations, for the type checker alone: nothing here runs.

/** @typedef {"image" | "video" | "audio"} AbilityName */
/** @typedef {{ text: string, state: number | null, phase: string, finish: string | null, engine: string, [fact: string]: unknown }} KeptAnswer */
/** @typedef {{ id: string, text: string, files: string[], kinds: string[], frames: number, answer: KeptAnswer, seen: unknown[],
 *   heard?: string, saved?: number }} KeptExchange
 *   A question and what came back, as the server spells it; files are keys: paths on the server, or `example:NAME`. */
/** @typedef {{ tab: AbilityName, conversation: string | null, before: string[], exchange: KeptExchange | null, done: boolean,
 *   settings: Record<string, unknown> | null, refused?: string, dropped?: string }} KeptUpdate  What the server tells to keep. */
/**
 * A conversation without its exchanges.
 * @typedef {object} KeptConversation
 * @property {string} id  32 hexadecimal digits
 * @property {AbilityName} tab
 * @property {string} name
 * @property {boolean} named  by the visitor
 * @property {number} created  ms since 1970
 * @property {number} changed
 * @property {string[]} exchanges  ids, in order
 * @property {Record<string, unknown> | null} settings  of its next question
 * @property {Record<string, number>} sizes  bytes of its media, by key
 * @property {number} [deleted]  when; it goes for good later
 */
/** @typedef {{ key: string, name: string, blob: Blob, added: number }} KeptMedium */
/** @typedef {{ conversation: KeptConversation, exchanges: KeptExchange[], media: Map<string, KeptMedium> }} WholeConversation */

export {};
