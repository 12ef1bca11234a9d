// @ts-check
// What is played: a jitter buffer that can be ducked, and emptied at once. Pure; runs in the worklet and in tests.
// Samples are floats at 24 kHz; items are the server's names for answers.

/** @import { PlayerReport, ReportKind } from "./types.js" */

export const RATE = 24000;
const FIRST = 0.06 * RATE; // so much must have come before an answer begins to play
const AGAIN = 0.16 * RATE; // and so much after it has run dry
const PATIENCE = 0.25 * RATE; // what is there is played after so much waiting, however little it is
const FADE = 0.006 * RATE; // a cut fades out over so much, for a jump would click
const DUCKED = 0.12;
const REPORT = 0.1 * RATE;
const DOWN = 1 / (0.02 * RATE); // how fast the gain falls and rises, per sample
const UP = 1 / (0.2 * RATE);

export class Player {
  /** @param {(report: PlayerReport) => void} tell hears of began, played, dry, flowing (again) and ended */
  constructor(tell) {
    this.tell = tell;
    /** @type {{ item: string, samples: Float32Array, at: number }[]} */
    this.queue = [];
    this.queued = 0;
    /** @type {string | null} */
    this.item = null; // being played
    this.played = 0; // samples of it
    this.reported = 0;
    /** @type {Set<string>} */
    this.complete = new Set(); // items of which nothing more will come
    /** @type {Set<string>} */
    this.dropped = new Set(); // items that were cut
    this.playing = false; // false while the buffer fills
    this.waited = 0;
    this.gain = 1;
    this.target = 1;
    this.tail = new Float32Array(0); // fading out
  }

  /** Sound of an item arrived. @param {string} item @param {Float32Array} samples */
  push(item, samples) {
    if (this.dropped.has(item) || !samples.length) return;
    this.queue.push({ item, samples, at: 0 });
    this.queued += samples.length;
  }

  /** Nothing more comes of this item. @param {string} item */
  end(item) {
    this.complete.add(item);
  }

  /** Play quietly, or at full volume again. @param {boolean} on */
  duck(on) {
    this.target = on ? DUCKED : 1;
  }

  /** Stop an item now and for good; null stops whatever there is. @param {string | null} item */
  cut(item) {
    const mine = (/** @type {string | null} */ name) => item === null || name === item;
    if (mine(this.item)) this._fade();
    const waiting = item !== null && this.queue.some((piece) => piece.item === item);
    for (const piece of this.queue) if (mine(piece.item)) this.dropped.add(piece.item);
    if (item) this.dropped.add(item);
    this.queue = this.queue.filter((piece) => !mine(piece.item));
    this.queued = this.queue.reduce((sum, piece) => sum + piece.samples.length - piece.at, 0);
    if (this.item !== null && mine(this.item)) this._finish();
    else if (waiting) this.tell({ kind: "ended", item, samples: 0 });
    this.target = 1;
  }

  /** Another conversation begins: its items may have the names of those before. */
  reset() {
    this.cut(null);
    this.complete.clear();
    this.dropped.clear();
  }

  /** The next `count` samples, silence where there are none. @param {number} count */
  pull(count) {
    const out = new Float32Array(count);
    if (this._ready(count)) this._play(out);
    const faded = Math.min(count, this.tail.length);
    for (let n = 0; n < faded; n++) out[n] += this.tail[n];
    this.tail = this.tail.slice(faded);
    return out;
  }

  /** @param {number} count */
  _ready(count) {
    if (this.playing) return true;
    if (!this.queued) {
      this.waited = 0;
      if (this.item !== null && this.complete.has(this.item)) this._finish();
      return false;
    }
    this.waited += count;
    const enough = this.item === null ? FIRST : AGAIN;
    const last = this.complete.has(this.queue[this.queue.length - 1].item);
    this.playing = this.queued >= enough || last || this.waited >= PATIENCE;
    if (this.playing && this.item === this.queue[0].item) this._report("flowing");
    return this.playing;
  }

  /** @param {Float32Array} out */
  _play(out) {
    for (let n = 0; n < out.length; n++) {
      if (!this.queue.length) {
        this._dry();
        return;
      }
      const piece = this.queue[0];
      if (piece.item !== this.item) this._begin(piece.item);
      this.gain += Math.max(-DOWN, Math.min(UP, this.target - this.gain));
      out[n] = piece.samples[piece.at++] * this.gain;
      this.queued--;
      this.played++;
      if (piece.at >= piece.samples.length) this.queue.shift();
    }
    if (this.played - this.reported >= REPORT) this._report("played");
  }

  /** @param {string} item */
  _begin(item) {
    if (this.item !== null) this._finish();
    this.playing = true;
    this.item = item;
    this.played = this.reported = 0;
    this.tell({ kind: "began", item, samples: 0 });
  }

  _dry() {
    this.playing = false;
    this.waited = 0;
    if (this.item !== null && this.complete.has(this.item)) this._finish();
    else this._report("dry");
  }

  _finish() {
    this._report("ended");
    this.item = null;
    this.playing = false;
    this.waited = 0;
  }

  /** @param {ReportKind} kind */
  _report(kind) {
    this.reported = this.played;
    if (this.item === null) return;
    this.tell({ kind, item: this.item, samples: this.played });
  }

  _fade() {
    const piece = this.queue[0];
    if (!piece || piece.item !== this.item) return;
    const size = Math.min(FADE, piece.samples.length - piece.at);
    this.tail = new Float32Array(size);
    for (let n = 0; n < size; n++) this.tail[n] = piece.samples[piece.at + n] * this.gain * (1 - n / size);
  }
}
