// @ts-check
// Conversations in the browser's own database, piece by piece as they grow. Knows no page and no protocol.

/** @import { LogLine } from "./types.js" */

import { requestResult, transactionEnd } from "../page/indexed_db.js";

const NAME = "vita-talk-archive";
const KEPT = 20; // conversations; with another one the oldest goes
/** @typedef {{ id: string, begun: number, changed: number, title: string }} ArchiveEntry  Times in ms since 1970. */
/** @typedef {{ mic: Int16Array, out: Int16Array }} SoundPiece  Both sides' sound at 24 kHz, of the same length. */
/** @typedef {{ lines: LogLine[], pictures: [id: string, url: string][], samples: number }} KeptPiece  Log, the camera's pictures, and how
 *   much sound there is to them. */

const PARTS = ["pieces", "sounds"]; // apart, for what is shown needs no sound

export class Archive {
  /** @param {IDBDatabase} database */
  constructor(database) {
    this.database = database;
  }

  /** The browser's archive; null where it keeps nothing, as in some private windows. */
  static async open() {
    try {
      const asked = indexedDB.open(NAME, 1);
      asked.onupgradeneeded = () => {
        asked.result.createObjectStore("conversations", { keyPath: "id" });
        for (const name of PARTS) asked.result.createObjectStore(name, { autoIncrement: true }).createIndex("conversation", "conversation");
      };
      const database = await requestResult(asked);
      database.onversionchange = () => database.close(); // a newer page in another tab waits for that
      return new Archive(database);
    } catch {
      return null;
    }
  }

  /** All conversations, the last changed one first. @returns {Promise<ArchiveEntry[]>} */
  async list() {
    const entries = await requestResult(this.database.transaction("conversations").objectStore("conversations").getAll());
    return entries.sort((one, other) => other.changed - one.changed);
  }

  /** All of a conversation but its sound. @param {string} id @returns {Promise<KeptPiece>} */
  async load(id) {
    /** @type {KeptPiece[]} */
    const pieces = await this._all("pieces", id);
    return {
      lines: pieces.flatMap((piece) => piece.lines),
      pictures: pieces.flatMap((piece) => piece.pictures),
      samples: pieces.reduce((sum, piece) => sum + piece.samples, 0),
    };
  }

  /** A conversation's sound, from its beginning to so many samples. @param {string} id @param {number} samples */
  async loadSound(id, samples) {
    /** @type {SoundPiece[]} */
    const pieces = await this._all("sounds", id);
    let at = 0;
    return pieces.filter(({ mic }) => (at += mic.length) <= samples);
  }

  /** Add to a conversation. Rejects with QuotaExceededError where there is no room.
   * @param {ArchiveEntry} entry @param {KeptPiece} piece @param {SoundPiece} sound */
  async add(entry, piece, sound) {
    const transaction = this.database.transaction(["conversations", ...PARTS], "readwrite");
    transaction.objectStore("conversations").put(entry);
    transaction.objectStore("pieces").add({ conversation: entry.id, ...piece });
    if (piece.samples) transaction.objectStore("sounds").add({ conversation: entry.id, ...sound });
    await transactionEnd(transaction);
  }

  /** @param {string} id */
  async forget(id) {
    const transaction = this.database.transaction(["conversations", ...PARTS], "readwrite");
    const gone = transactionEnd(transaction);
    transaction.objectStore("conversations").delete(id);
    for (const name of PARTS) {
      const store = transaction.objectStore(name);
      for (const key of await requestResult(store.index("conversation").getAllKeys(id))) store.delete(key);
    }
    await gone;
  }

  /** @param {string} name of the store @param {string} id */
  _all(name, id) {
    return requestResult(this.database.transaction(name).objectStore(name).index("conversation").getAll(id));
  }

  /** Forget the oldest conversations beyond so many, but none of these.
   * @param {string} current @param {(id: string) => Promise<unknown>} forget forgets one, unless it is still needed */
  async prune(current, forget) {
    const old = (await this.list()).slice(KEPT).filter(({ id }) => id !== current);
    for (const { id } of old) await forget(id);
  }
}
