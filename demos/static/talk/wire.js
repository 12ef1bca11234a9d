// @ts-check
// The connection: events out and in, and its return when it is lost. Knows no audio and no page.

/** @import { TalkEvent } from "./types.js" */

/** @typedef {"connecting" | "open" | "lost" | "busy" | "moved"} WireState */
/** @typedef {{ attempt?: number, again?: boolean, resumed?: boolean, code?: number, wait?: number }} WireDetail  `wait` in seconds. */

const WAITS = [0.5, 1, 2, 4, 8]; // seconds before each further attempt; the last one for ever
const TRY_LATER = 1013;
const TAKEN_OVER = 4001;
const CONGESTED = 1 << 20; // bytes waiting to leave, beyond which sound is dropped rather than delayed

export class Wire {
  /**
   * @param {URL} address
   * @param {{ event: (event: TalkEvent) => void, state: (name: WireState, detail: WireDetail) => void }} tell hears the server
   *   and what becomes of the connection
   */
  constructor(address, tell) {
    this.address = address;
    this.tell = tell;
    /** @type {string | null} */
    this.session = null;
    this.attempts = 0;
    /** @type {WebSocket | null} */
    this.socket = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  connect() {
    clearTimeout(this.timer);
    const address = new URL(this.address);
    address.searchParams.set("vita_events", "1");
    if (this.session) address.searchParams.set("resume", this.session);
    this.tell.state("connecting", { attempt: this.attempts });
    const socket = new WebSocket(address);
    this.socket = socket;
    socket.onmessage = ({ data }) => socket === this.socket && this._heard(JSON.parse(data));
    socket.onclose = (event) => socket === this.socket && this._lost(event);
  }

  /** Send an event; false where nobody would get it. @param {TalkEvent} event */
  send(event) {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    if (event.type === "input_audio_buffer.append" && this.socket.bufferedAmount > CONGESTED) return false;
    this.socket.send(JSON.stringify(event));
    return true;
  }

  close() {
    clearTimeout(this.timer);
    const socket = this.socket;
    this.socket = this.session = null;
    socket?.close(1000);
  }

  /** @param {TalkEvent} event */
  _heard(event) {
    if (event.type === "session.created") {
      const again = this.session !== null;
      const resumed = this.session === event.session.id;
      this.session = event.session.id;
      this.attempts = 0;
      this.tell.state("open", { again, resumed });
    }
    this.tell.event(event);
  }

  /** @param {CloseEvent} event */
  _lost(event) {
    if (event.code === TAKEN_OVER) {
      this.session = null;
      this.tell.state("moved", {});
      return;
    }
    const wait = WAITS[Math.min(this.attempts++, WAITS.length - 1)];
    this.tell.state(event.code === TRY_LATER ? "busy" : "lost", { code: event.code, wait });
    this.timer = setTimeout(() => this.connect(), 1000 * wait);
  }
}
