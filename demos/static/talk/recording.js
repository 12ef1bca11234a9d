// @ts-check
// What a conversation leaves behind: both sides' sound and the log of its events. Stays in the browser.

/** @import { SoundPiece } from "./archive.js" */
/** @import { EventSource, LogLine, TalkEvent } from "./types.js" */

import { save } from "./dom.js";
import { withoutMedia } from "./log.js";
import { toWav } from "./pcm.js";
import { RATE } from "./player.js";

export const MINUTES = 30; // of sound that are kept: 170 MB
const LINES = 50_000;
const FULL = MINUTES * 60 * RATE; // samples
const SILENCE = new Int16Array(RATE); // a pause is many views of it, however long it is

export class Recording {
  constructor(clock = () => performance.now()) {
    this.clock = clock;
    this.began = clock();
    /** @type {Int16Array[]} */
    this.mic = [];
    /** @type {Int16Array[]} */
    this.out = [];
    this.samples = 0;
    /** @type {() => Promise<SoundPiece[]>} */
    this.earlier = () => Promise.resolve([]); // the sound before `mic` and `out`
    /** @type {LogLine[]} */
    this.lines = [];
  }

  /** Seconds since the beginning. */
  get now() {
    return (this.clock() - this.began) / 1000;
  }

  /** Seconds that are recorded. */
  get end() {
    return Math.max(this.lines.at(-1)?.t ?? 0, this.samples / RATE);
  }

  /** Take what was recorded before, in another page.
   * @param {{ lines: LogLine[], samples: number }} kept @param {() => Promise<SoundPiece[]>} earlier reads its sound */
  load({ lines, samples }, earlier) {
    this.lines = [...lines];
    this.samples = samples;
    this.earlier = earlier;
    this.resume();
  }

  /** Go on where the recording ends, as if no time had passed. */
  resume() {
    this.began = this.clock() - 1000 * this.end;
  }

  get full() {
    return this.samples >= FULL;
  }

  /** A frame of both sides; where frames are missing (a paused page), silence takes their place: so many samples of it.
   * @param {Int16Array} mic @param {Int16Array} out */
  hear(mic, out) {
    if (this.full) return 0;
    const late = Math.floor(this.now * RATE) - this.samples - mic.length;
    const paused = late > RATE / 2 ? late : 0;
    this._pause(paused);
    if (!this.full) this._keep(mic, out);
    return paused;
  }

  /** @param {number} samples */
  _pause(samples) {
    const end = Math.min(FULL, this.samples + samples);
    while (this.samples < end) {
      const silence = SILENCE.subarray(0, end - this.samples);
      this._keep(silence, silence);
    }
  }

  /** @param {Int16Array} mic @param {Int16Array} out */
  _keep(mic, out) {
    this.mic.push(mic);
    this.out.push(out);
    this.samples += mic.length;
  }

  /** Note an event; returns its line. @param {EventSource} from @param {TalkEvent} event @returns {LogLine} */
  note(from, event) {
    const line = { t: Math.round(this.now * 1e4) / 1e4, from, event: withoutMedia(event) };
    if (this.lines.length < LINES) this.lines.push(line);
    return line;
  }

  /** All of the sound as a file. */
  async wav() {
    const earlier = await this.earlier();
    return toWav([...earlier.map(({ mic }) => mic), ...this.mic], [...earlier.map(({ out }) => out), ...this.out], RATE);
  }

  async saveSound() {
    save(`${this._name()}.wav`, [await this.wav()], "audio/wav");
  }

  /** @param {string} text @param {"txt" | "srt"} kind */
  saveText(text, kind) {
    save(`${this._name()}.${kind}`, [text], kind === "srt" ? "application/x-subrip" : "text/plain");
  }

  saveLog() {
    save(`${this._name()}.jsonl`, this.lines.map((line) => `${JSON.stringify(line)}\n`), "application/jsonl");
  }

  _name() {
    const now = new Date();
    const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
    const date = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
    return `vita-${date}-${two(now.getHours())}${two(now.getMinutes())}`;
  }
}
