// @ts-check
// Conversations in the browser's IndexedDB: their heads, their exchanges, and their media as blobs.

/** @import { KeptConversation, KeptExchange, KeptMedium, WholeConversation } from "./kept_types.js" */

import { requestResult, transactionEnd } from "./indexed_db.js";

const DATABASE = "vita-conversations";
const VERSION = 1;
const KEYS = { conversations: "id", exchanges: "id", media: "key" };

/** The store; an error where this browser has none, as in some private windows. */
export async function openStore() {
  const opening = indexedDB.open(DATABASE, VERSION);
  opening.onupgradeneeded = () => {
    for (const [name, keyPath] of Object.entries(KEYS)) opening.result.createObjectStore(name, { keyPath });
  };
  const database = await requestResult(opening);
  database.onversionchange = () => database.close(); // a newer page must not wait for this one
  return new KeptStore(database);
}

export class KeptStore {
  /** @param {IDBDatabase} database */
  constructor(database) {
    this._database = database;
  }

  /** Every conversation that is not deleted, the one changed last first. @returns {Promise<KeptConversation[]>} */
  async conversations() {
    const all = await this._all();
    return all.filter(({ deleted }) => !deleted).sort((one, other) => other.changed - one.changed);
  }

  /** @param {string} id @returns {Promise<KeptConversation | undefined>} */
  conversation(id) {
    return requestResult(this._reading("conversations").get(id));
  }

  /** With its exchanges and media; undefined where it is not here. @param {string} id @returns {Promise<WholeConversation | undefined>} */
  async whole(id) {
    const conversation = await this.conversation(id);
    if (!conversation) return undefined;
    const exchanges = await this.exchanges(conversation);
    const keys = [...new Set(exchanges.flatMap(({ files }) => files))];
    const media = await Promise.all(keys.map((key) => this.medium(key)));
    return { conversation, exchanges, media: new Map(media.flatMap((medium) => (medium ? [[medium.key, medium]] : []))) };
  }

  /** @param {KeptConversation} conversation @returns {Promise<KeptExchange[]>} */
  async exchanges(conversation) {
    const exchanges = this._reading("exchanges");
    const found = await Promise.all(conversation.exchanges.map((id) => requestResult(exchanges.get(id))));
    return found.filter((exchange) => exchange !== undefined);
  }

  /** @param {string} key @returns {Promise<KeptMedium | undefined>} */
  medium(key) {
    return requestResult(this._reading("media").get(key));
  }

  /**
   * Change a conversation, whatever other pages do at the same time.
   * @template {KeptConversation | undefined} Changed undefined leaves it as it is
   * @param {string} id @param {(stored: KeptConversation | undefined) => Changed} change
   * @param {readonly KeptExchange[]} [exchanges] to be kept with it
   * @returns {Promise<Changed>} as it is kept now
   */
  async change(id, change, exchanges = []) {
    const writing = this._database.transaction(["conversations", "exchanges"], "readwrite");
    const conversations = writing.objectStore("conversations");
    const changed = change(await requestResult(conversations.get(id)));
    if (changed) conversations.put(changed);
    for (const exchange of exchanges) writing.objectStore("exchanges").put(exchange);
    await transactionEnd(writing);
    return changed;
  }

  /** @param {KeptMedium} medium */
  async addMedium(medium) {
    const writing = this._database.transaction("media", "readwrite");
    writing.objectStore("media").put(medium);
    await transactionEnd(writing);
  }

  /** Forget media; questions about them stay. @param {readonly string[]} keys */
  async dropMedia(keys) {
    const writing = this._database.transaction("media", "readwrite");
    for (const key of keys) writing.objectStore("media").delete(key);
    await transactionEnd(writing);
  }

  /** Every medium, the oldest first. @returns {Promise<KeptMedium[]>} */
  async media() {
    const all = await requestResult(this._reading("media").getAll());
    return all.sort((one, other) => one.added - other.added);
  }

  /** Take away what was deleted before `time`, and what belongs to no conversation and is older. @param {number} time */
  async sweep(time) {
    const all = await this._all();
    const left = all.filter(({ deleted }) => !deleted || deleted >= time);
    const kept = new Set(left.flatMap(({ exchanges }) => exchanges));
    const exchanges = await requestResult(this._reading("exchanges").getAll());
    const keys = new Set(exchanges.filter(({ id }) => kept.has(id)).flatMap(({ files }) => files));
    const media = (await this.media()).filter(({ key, added }) => !keys.has(key) && added < time);
    const writing = this._database.transaction(Object.keys(KEYS), "readwrite");
    for (const { id, deleted } of all) if (deleted && deleted < time) writing.objectStore("conversations").delete(id);
    for (const { id, saved } of exchanges) if (!kept.has(id) && !(saved >= time)) writing.objectStore("exchanges").delete(id);
    for (const { key } of media) writing.objectStore("media").delete(key);
    await transactionEnd(writing);
  }

  /** @returns {Promise<KeptConversation[]>} */
  _all() {
    return requestResult(this._reading("conversations").getAll());
  }

  /** @param {keyof typeof KEYS} name */
  _reading(name) {
    return this._database.transaction(name).objectStore(name);
  }
}
