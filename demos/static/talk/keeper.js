// @ts-check
// Keeps the conversation of this browser tab while it grows, and finds it again after a reload.

/** @import { Archive, ArchiveEntry, KeptPiece } from "./archive.js" */
/** @import { Recording } from "./recording.js" */
/** @import { Story } from "./story.js" */

import { randomId } from "../page/random_id.js";
import { joined } from "./pcm.js";

const EVERY = 1000; // ms between two looks at what is new
const MINE = "vita-talk-conversation"; // in the tab's own storage: which conversation it shows
const TITLE = 60; // characters
const PATIENCE = 1000; // ms until another tab is believed to hold a conversation, which a reload holds a little longer

/** The lock of the tab that has a conversation. @param {string} id */
const lockOf = (id) => `${MINE} ${id}`;

export class Keeper {
  /** @param {Archive | null} archive @param {(why: "full" | "none") => void} failed hears that nothing more is kept */
  constructor(archive, failed) {
    this.archive = archive;
    this.failed = failed;
    /** @type {ArchiveEntry | null} */
    this.entry = null;
    /** @type {{ recording: Recording, story: Story, pictures: Map<string, string> } | null} */
    this.watched = null;
    this.lines = this.frames = 0; // that are kept
    this.seen = new Set(); // names of pictures that are kept
    this.busy = Promise.resolve();
    /** @type {() => void} */
    this.release = () => {};
    setInterval(() => this.keep(), EVERY);
    document.addEventListener("visibilitychange", () => this.keep());
    window.addEventListener("pagehide", () => this.keep());
  }

  /** The conversation that this tab had, else the newest that no other tab has; null where there is none. */
  async find() {
    if (!this.archive) {
      this.failed("none");
      return null;
    }
    const mine = sessionStorage.getItem(MINE);
    const entries = await this.archive.list();
    for (const entry of entries.sort((one, other) => Number(other.id === mine) - Number(one.id === mine))) {
      const piece = (await this._claim(entry.id, entry.id === mine)) ? await this.archive.load(entry.id) : null;
      if (piece) return this._found(entry, piece);
    }
    return null;
  }

  /** The sound that was kept of this conversation before it was shown again. @param {number} samples */
  earlierSound(samples) {
    const { archive, entry } = this;
    return () => (archive && entry ? archive.loadSound(entry.id, samples) : Promise.resolve([]));
  }

  /** The other conversations of this browser, the last changed one first. */
  async others() {
    const entries = (await this.archive?.list()) ?? [];
    return entries.filter(({ id }) => id !== this.entry?.id);
  }

  /** Take another conversation in place of this one; null where another tab has it.
   * @param {ArchiveEntry} entry @param {() => void} end ends this one, whose last lines are still kept as its own */
  async take(entry, end) {
    if (!this.archive || !(await this._claim(entry.id, false))) return null;
    const piece = await this.archive.load(entry.id);
    end();
    await this.keep();
    return this._found(entry, piece);
  }

  /** Delete a conversation; false where a tab has it. @param {string} id @returns {Promise<boolean>} */
  async forget(id) {
    const drop = async (/** @type {Lock | null} */ lock) => {
      if (lock) await this.archive?.forget(id);
      return lock !== null;
    };
    if (navigator.locks) return navigator.locks.request(lockOf(id), { ifAvailable: true }, drop);
    await this.archive?.forget(id); // on an insecure page nobody can tell
    return true;
  }

  /** @param {ArchiveEntry} entry @param {KeptPiece} piece */
  _found(entry, piece) {
    this.entry = entry;
    sessionStorage.setItem(MINE, entry.id);
    return piece;
  }

  /** Keep what is added to this conversation from now on; what it has already is kept where it was found here. What is left
   * of the one before is kept first.
   * @param {Recording} recording @param {Story} story @param {Map<string, string>} pictures @param {boolean} found */
  watch(recording, story, pictures, found) {
    const kept = found ? { lines: recording.lines.length, frames: recording.mic.length, seen: [...pictures.keys()] } : null;
    const turn = () => {
      this.watched = { recording, story, pictures };
      this.lines = kept?.lines ?? 0;
      this.frames = kept?.frames ?? 0;
      this.seen = new Set(kept?.seen);
      if (kept) return;
      this.entry = null;
      this.release(); // what this tab had before can be opened and deleted
    };
    const before = found ? this.busy : this.busy.then(() => this._keep());
    this.busy = before.then(turn).catch((error) => this._stop(error));
  }

  /** Keep what is new. */
  keep() {
    this.busy = this.busy.then(() => this._keep()).catch((error) => this._stop(error));
    return this.busy;
  }

  async _keep() {
    if (!this.archive || !this.watched?.recording.lines.length) return;
    const { recording, story, pictures } = this.watched;
    const { lines, mic, out } = recording;
    if (this.lines >= lines.length && this.frames >= mic.length) return;
    const entry = this.entry ?? (await this._begin());
    entry.changed = Date.now();
    entry.title ||= (story.turns.find((turn) => turn.text)?.text ?? "").slice(0, TITLE);
    const fresh = [...pictures].filter(([id]) => !this.seen.has(id));
    const sound = { mic: joined(mic.slice(this.frames)), out: joined(out.slice(this.frames)) };
    const piece = { lines: lines.slice(this.lines), pictures: fresh, samples: sound.mic.length };
    [this.lines, this.frames] = [lines.length, mic.length];
    for (const [id] of fresh) this.seen.add(id);
    await this.archive.add(entry, piece, sound);
  }

  /** A new entry, which this tab holds. */
  async _begin() {
    const now = Date.now();
    this.entry = { id: randomId(), begun: now, changed: now, title: "" };
    sessionStorage.setItem(MINE, this.entry.id);
    await this._claim(this.entry.id, false);
    await this.archive?.prune(this.entry.id, (id) => this.forget(id));
    return this.entry;
  }

  /** Hold a conversation, and no longer the one before, so that no other tab goes on with it; false where one does.
   * @param {string} id @param {boolean} patient wait a little for a page of this tab that is going away */
  _claim(id, patient) {
    if (!navigator.locks) return Promise.resolve(true); // on an insecure page nobody can tell
    return new Promise((done) => {
      const held = (/** @type {Lock | null} */ lock) => {
        done(lock !== null);
        if (!lock) return null;
        this.release();
        return new Promise((free) => (this.release = () => free(null)));
      };
      const options = patient ? { signal: AbortSignal.timeout(PATIENCE) } : { ifAvailable: true };
      navigator.locks.request(lockOf(id), options, held).catch(() => done(false));
    });
  }

  /** @param {unknown} error */
  _stop(error) {
    console.error(error);
    this.archive = null;
    this.failed(error instanceof DOMException && error.name === "QuotaExceededError" ? "full" : "none");
  }
}
