// @ts-check
// Conversations in the browser's own database, piece by piece as they grow. Knows no page and no protocol.

/** @import { LogLine } from "./types.js" */

import { joined } from "./pcm.js";

const NAME = "vita-talk";
const KEPT = 20; // conversations; with another one the oldest goes
/** @typedef {{ id: string, begun: number, changed: number, title: string }} ArchiveEntry  Times in ms since 1970. */
/** @typedef {{ lines: LogLine[], mic: Int16Array, out: Int16Array, pictures: [id: string, url: string][] }} ArchivePiece  What was
 *   added since the piece before: log, both sides' sound at 24 kHz, the camera's pictures. */

/** What a request gives. @template Value @param {IDBRequest<Value>} request @returns {Promise<Value>} */
const result = (request) =>
  new Promise((done, fail) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });

/** @param {IDBTransaction} transaction @returns {Promise<void>} */
const completed = (transaction) =>
  new Promise((done, fail) => {
    transaction.oncomplete = () => done();
    transaction.onabort = transaction.onerror = () => fail(transaction.error);
  });

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
        asked.result.createObjectStore("pieces", { autoIncrement: true }).createIndex("conversation", "conversation");
      };
      return new Archive(await result(asked));
    } catch {
      return null;
    }
  }

  /** All conversations, the last changed one first. @returns {Promise<ArchiveEntry[]>} */
  async list() {
    const entries = await result(this.database.transaction("conversations").objectStore("conversations").getAll());
    return entries.sort((one, other) => other.changed - one.changed);
  }

  /** All of a conversation as one piece. @param {string} id @returns {Promise<ArchivePiece>} */
  async load(id) {
    const store = this.database.transaction("pieces").objectStore("pieces");
    /** @type {ArchivePiece[]} */
    const pieces = await result(store.index("conversation").getAll(id));
    return {
      lines: pieces.flatMap((piece) => piece.lines),
      mic: joined(pieces.map((piece) => piece.mic)),
      out: joined(pieces.map((piece) => piece.out)),
      pictures: pieces.flatMap((piece) => piece.pictures),
    };
  }

  /** Add to a conversation. Rejects with QuotaExceededError where there is no room. @param {ArchiveEntry} entry @param {ArchivePiece} piece */
  async add(entry, piece) {
    const transaction = this.database.transaction(["conversations", "pieces"], "readwrite");
    transaction.objectStore("conversations").put(entry);
    transaction.objectStore("pieces").add({ conversation: entry.id, ...piece });
    await completed(transaction);
  }

  /** @param {string} id */
  async forget(id) {
    const transaction = this.database.transaction(["conversations", "pieces"], "readwrite");
    transaction.objectStore("conversations").delete(id);
    const pieces = transaction.objectStore("pieces");
    for (const key of await result(pieces.index("conversation").getAllKeys(id))) pieces.delete(key);
    await completed(transaction);
  }

  /** Forget the oldest conversations beyond so many, but none of these. @param {string} current */
  async prune(current) {
    const old = (await this.list()).slice(KEPT).filter(({ id }) => id !== current);
    for (const { id } of old) await this.forget(id);
  }
}
