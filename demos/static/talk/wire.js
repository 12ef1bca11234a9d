// @ts-check
// The connection: events and sound out, events in, and its return when it is lost. Knows no page.
// A ping a second tells whether anybody is there: a network that is gone closes no connection for minutes.

/** @import { TalkEvent } from "./types.js" */

import { toBase64 } from "./pcm.js";
import { UnconfirmedEvents } from "./unconfirmed_events.js";

/** @typedef {"connecting" | "open" | "silent" | "heard" | "lost" | "busy" | "moved"} WireState  "silent" while pings are not
 *   answered, "heard" when they are again. */
/** @typedef {{ attempt?: number, again?: boolean, resumed?: boolean, code?: number, wait?: number,
 *   samples?: number }} WireDetail  `wait` in seconds; `samples` of sound that wait to be sent. */

const WAITS = [0.5, 1, 2, 4, 8]; // seconds before each further attempt; the last one for ever
const TRY_LATER = 1013;
const TAKEN_OVER = 4001;
const GONE = 1006; // what a browser calls a connection that was lost
const CONGESTED = 1 << 20; // bytes waiting to leave, beyond which sound is dropped rather than delayed
const BEAT = 1000; // ms between two pings
const SILENT = 3; // pings without an answer after which nobody seems to be there
const DEAD = 8; // and after which another connection is tried

export class Wire {
  /**
   * @param {URL} address
   * @param {{ event: (event: TalkEvent) => void, state: (name: WireState, detail: WireDetail) => void }} tell hears the server
   *   and what becomes of the connection
   * @param {string | null} session the server's name of a conversation that shall go on
   */
  constructor(address, tell, session = null) {
    this.address = address;
    this.tell = tell;
    this.session = session;
    this.attempts = 0;
    this.open = false; // the session takes events
    this.unanswered = 0; // pings
    this.kept = new UnconfirmedEvents();
    /** @type {WebSocket | null} */
    this.socket = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.pulse = undefined;
  }

  connect() {
    clearTimeout(this.timer);
    const address = new URL(this.address);
    address.searchParams.set("vita_events", "1");
    if (this.session) address.searchParams.set("resume", this.session);
    this._rest();
    this.socket?.close();
    this.tell.state("connecting", { attempt: this.attempts });
    const socket = new WebSocket(address);
    this.socket = socket;
    socket.onmessage = ({ data }) => socket === this.socket && this._heard(JSON.parse(data));
    socket.onclose = ({ code }) => socket === this.socket && this._lost(code);
    this.pulse = setInterval(() => this._beat(), BEAT);
  }

  /** Try at once, where the next attempt is waited for: the network is back. */
  retry() {
    if (this.timer && !this.socket) this.connect();
  }

  /** Send an event; false where nobody would get it now. @param {TalkEvent} event */
  send(event) {
    if (!this.open) return false;
    this.post(event);
    return true;
  }

  /** Send an event now, or as soon as there is somebody to get it. @param {TalkEvent} event */
  post(event) {
    this.kept.add(event);
    this._flush();
  }

  /** Send 24 kHz sound, now or later. @param {Int16Array} pcm */
  hear(pcm) {
    this.kept.hear(pcm);
    this._flush();
  }

  close() {
    clearTimeout(this.timer);
    this._rest();
    const socket = this.socket;
    this.socket = this.session = null;
    socket?.close(1000);
  }

  _flush() {
    const { socket, kept } = this;
    if (!this.open || socket?.readyState !== WebSocket.OPEN) return;
    if (socket.bufferedAmount > CONGESTED) kept.skipSound();
    for (const { event, pcm } of kept.take()) {
      socket.send(JSON.stringify(pcm ? { type: "input_audio_buffer.append", audio: toBase64(pcm) } : event));
    }
  }

  /** @param {TalkEvent} event */
  _heard(event) {
    if (this.unanswered >= SILENT) this.tell.state("heard", {});
    this.unanswered = 0;
    if (event.type === "session.created") return this._greeted(event);
    if (event.type === "vita.received") this._confirmed(event.data?.events);
    else if (event.type === "vita.queue") this.kept.skipSound(); // nobody answers what is said while waiting
    this.tell.event(event);
  }

  /** What another session has not confirmed is sent behind what the page begins this one with. @param {TalkEvent} event */
  _greeted(event) {
    const again = this.session !== null;
    const resumed = this.session === event.session.id;
    this.session = event.session.id;
    this.attempts = 0;
    this.open = !resumed; // else once it is known what has arrived
    const { samples } = this.kept;
    const waiting = resumed ? [] : this.kept.restart();
    this.tell.state("open", { again, resumed, samples });
    this.tell.event(event);
    this.kept.put(waiting);
    this._flush();
  }

  /** @param {number} count events that the session has handled */
  _confirmed(count) {
    if (this.open) this.kept.confirm(count);
    else this.kept.resume(count);
    this.open = true;
    this._flush();
  }

  _beat() {
    if (this.socket?.readyState === WebSocket.OPEN && !this.open) return; // in the queue, or being greeted
    this.unanswered++;
    if (this.unanswered === SILENT) this.tell.state("silent", {});
    if (this.unanswered < DEAD) {
      this.send({ type: "vita.ping" });
      return;
    }
    this.socket?.close();
    this._lost(GONE);
  }

  /** No connection, and no pings. */
  _rest() {
    clearInterval(this.pulse);
    this.pulse = undefined;
    this.open = false;
    this.unanswered = 0;
  }

  /** @param {number} code of the connection's end */
  _lost(code) {
    this._rest();
    this.socket = null; // it may still have something to tell
    if (code === TAKEN_OVER) {
      this.session = null;
      this.tell.state("moved", {});
      return;
    }
    const wait = WAITS[Math.min(this.attempts++, WAITS.length - 1)];
    this.tell.state(code === TRY_LATER ? "busy" : "lost", { code, wait });
    this.timer = setTimeout(() => this.connect(), 1000 * wait);
  }
}
