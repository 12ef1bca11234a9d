// @ts-check
// What was sent and may not have arrived, and what waits for the connection: kept in order until the server has confirmed
// it, so that an outage loses nothing and repeats nothing. Pure.

/** @import { TalkEvent } from "./types.js" */

import { RATE } from "./player.js";

const KEPT = 30 * RATE; // samples of sound, as much as falls into the time for which a server keeps a conversation
const DISPOSABLE = new Set(["vita.ping", "vita.played"]); // not worth telling late

/** @typedef {{ event: TalkEvent | null, pcm: Int16Array | null, number: number | null }} KeptEvent  An event or a frame of
 *   sound; `number` counts what was given to the session, null for what waits. */

export class UnconfirmedEvents {
  constructor() {
    /** @type {KeptEvent[]} */
    this.queue = [];
    this.given = 0; // events given to the session, over all its connections
    this.samples = 0; // of the sound that is kept
  }

  /** An event that waits to be sent. @param {TalkEvent} event */
  add(event) {
    this.queue.push({ event, pcm: null, number: null });
  }

  /** 24 kHz sound that waits to be sent; where there is too much, the oldest is given up. @param {Int16Array} pcm */
  hear(pcm) {
    this.queue.push({ event: null, pcm, number: null });
    this.samples += pcm.length;
    while (this.samples > KEPT) this._drop(this.queue.findIndex((kept) => kept.pcm));
  }

  /** Sound that waits is given up: it would come too late. */
  skipSound() {
    this.queue = this.queue.filter((kept) => kept.number !== null || !kept.pcm);
    this._count();
  }

  /** What waits, in order; it counts as given from now on. */
  take() {
    const waiting = this.queue.filter((kept) => kept.number === null);
    for (const kept of waiting) kept.number = ++this.given;
    return waiting;
  }

  /** The server has handled so many events of the session. @param {number} count */
  confirm(count) {
    this.queue = this.queue.filter(({ number }) => number === null || number > count);
    this._count();
  }

  /** The session goes on over another connection: what it has not handled waits again. @param {number} count */
  resume(count) {
    this.confirm(count);
    this._again(count);
  }

  /** Another session begins, which has been given nothing. What the one before has not confirmed is handed over. */
  restart() {
    this._again(0);
    this.samples = 0;
    return this.queue.splice(0);
  }

  /** Put back what `restart` has handed over, at the end. @param {KeptEvent[]} waiting */
  put(waiting) {
    this.queue.push(...waiting);
    this._count();
  }

  /** @param {number} count */
  _again(count) {
    this.given = count;
    this.queue = this.queue.filter(({ event }) => !event || !DISPOSABLE.has(event.type));
    for (const kept of this.queue) kept.number = null;
  }

  /** @param {number} place */
  _drop(place) {
    this.samples -= this.queue[place].pcm?.length ?? 0;
    this.queue.splice(place, 1);
  }

  _count() {
    this.samples = this.queue.reduce((sum, { pcm }) => sum + (pcm?.length ?? 0), 0);
  }
}
