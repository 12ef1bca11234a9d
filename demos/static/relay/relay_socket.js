// @ts-check
// One WebSocket for all event streams of this tab, and its return when it is lost. Knows nothing of what streams carry.
// The other end is demos/stream_relay; what is said is in its relay_protocol.py.

/**
 * @typedef {{ frame: number, stream: number, status?: number, text?: string, end?: boolean }} RelayFrame
 * @typedef {{ known: boolean, restarted: boolean, outdated: boolean }} RelayReturn  whether the server still had this tab's
 *   streams, is another one than before, and has another page
 * @typedef {"new" | "up" | "away" | "none" | "left"} RelayState  "none": there is no relay to be had
 */

import { randomId } from "../page/random_id.js";

const WAITS = [0.2, 0.5, 1, 2, 4]; // seconds before each further attempt; the last one for ever
const SILENCE = 12_000; // ms without a sign of life, of which there is one every 5 s
const PROBED = 2500; // ms that the answer to a probe may take
const WELCOMED = 5000; // ms that a connection may take
const TRIES = 2; // attempts at a first connection before the relay is given up
const SEEN = { frames: 32, after: 500 }; // how soon the server is told what has come; ms
const LEFT = 4000; // close code

export class RelaySocket {
  /**
   * @param {URL} address
   * @param {{ frame: (frame: RelayFrame) => void, up: (how: RelayReturn) => void, away: () => void, none: () => void }} tell
   */
  constructor(address, tell) {
    this.address = address;
    this.tell = tell;
    /** @type {RelayState} */
    this.state = "new";
    /** @type {Record<number, string>} */
    this.wanted = {};
    this.tab = randomId();
    this.last = this.told = this.attempts = 0;
    this.server = this.page = "";
    /** @type {WebSocket | null} */
    this.socket = null;
    /** @type {Record<string, ReturnType<typeof setTimeout> | undefined>} */
    this.timers = {};
  }

  connect() {
    clearTimeout(this.timers.retry);
    if (this.socket || this.state === "none") return;
    if (this.state === "left") this.state = "away";
    const socket = (this.socket = new WebSocket(this.address));
    socket.onopen = () => socket.send(JSON.stringify({ tab: this.tab, last: this.last }));
    socket.onmessage = ({ data }) => socket === this.socket && this._heard(JSON.parse(data));
    socket.onclose = () => socket === this.socket && this._lost();
    this._expect(WELCOMED);
  }

  /** The streams to have from now on, by id; an id is new or as it was. @param {Record<number, string>} streams */
  want(streams) {
    this.wanted = streams;
    if (this.state === "up") this._send({ streams });
  }

  /** Something hints that the connection may be gone, or back. */
  probe() {
    if (this.state === "up") {
      this._send({ probe: true });
      this._expect(PROBED);
    } else if (!this.socket && this.state !== "left") this.connect();
  }

  /** The tab is closed: the server ends its streams at once. */
  leave() {
    for (const timer of Object.values(this.timers)) clearTimeout(timer);
    const socket = this.socket;
    this.socket = null;
    if (this.state !== "none") this.state = "left";
    socket?.close(LEFT);
  }

  /** @param {object} message */
  _send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  /** @param {RelayFrame | { beat: true } | { server: string, page: string, known: boolean }} message */
  _heard(message) {
    this._expect(SILENCE);
    if ("server" in message) this._welcomed(message);
    else if ("frame" in message && message.frame > this.last) {
      this.last = message.frame;
      this._acknowledge();
      this.tell.frame(message);
    }
  }

  /** @param {{ server: string, page: string, known: boolean }} welcome */
  _welcomed({ server, page, known }) {
    const first = this.server === "";
    const how = { known: known || first, restarted: !first && server !== this.server, outdated: !first && page !== this.page };
    this.server = server;
    if (first) this.page = page;
    if (!known) this.last = this.told = 0;
    this.attempts = 0;
    this.state = "up";
    this.tell.up(how); // may want other streams
    this._send({ streams: this.wanted });
  }

  _acknowledge() {
    const tell = () => {
      this.timers.seen = undefined;
      this.told = this.last;
      this._send({ seen: this.last });
    };
    if (this.last - this.told >= SEEN.frames) tell();
    else this.timers.seen ??= setTimeout(tell, SEEN.after);
  }

  /** Without a sign of life within that time the connection is lost. @param {number} within ms */
  _expect(within) {
    clearTimeout(this.timers.silence);
    this.timers.silence = setTimeout(() => this._lost(), within);
  }

  _lost() {
    const socket = this.socket;
    this.socket = null;
    socket?.close();
    clearTimeout(this.timers.silence);
    clearTimeout(this.timers.seen);
    this.timers.seen = undefined;
    const wait = WAITS[Math.min(this.attempts++, WAITS.length - 1)];
    if (this.state === "new" && this.attempts >= TRIES) {
      this.state = "none";
      this.tell.none();
      return;
    }
    if (this.state === "up") {
      this.state = "away";
      this.tell.away();
    }
    this.timers.retry = setTimeout(() => this.connect(), 1000 * wait);
  }
}
