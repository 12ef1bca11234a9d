// @ts-check
// What the page sends to Gradio's server, once and no more: without a connection it waits, and it is sent again when its
// answer was lost. The server knows it again by its name (demos/stream_relay/repeated_posts.py).

/** @import { RelaySocket } from "./relay_socket.js" */

import { randomId } from "../page/random_id.js";

const MOST = 32; // that wait at a time
const TRIES = 4; // while the relay has its connection
const PAUSE = 500; // ms between them
const ASKED = /\/(queue\/join|upload)$/; // what a visitor waits for; the rest is the page's own

export class WaitingPosts {
  /**
   * @param {typeof fetch} send the browser's own
   * @param {RelaySocket} relay
   * @param {{ unsent: string }} words
   * @param {() => void} changed called when what waits is another
   */
  constructor(send, relay, words, changed) {
    this.send = send;
    this.relay = relay;
    this.words = words;
    this.changed = changed;
    /** @type {Map<() => void, URL>} */
    this.held = new Map();
    /** @type {Set<URL>} */
    this.unsent = new Set(); // what a browser without a network tries again and again
    /** @type {Set<AbortController>} */
    this.cuttable = new Set();
    /** @type {string | null} */
    this.refused = null;
  }

  /** Whether something waits that a visitor has sent. */
  get waiting() {
    return [...this.held.values(), ...this.unsent].some(({ pathname }) => ASKED.test(pathname));
  }

  /** As fetch. @param {URL} address @param {RequestInit} init @returns {Promise<Response>} */
  async post(address, init) {
    const headers = new Headers(init.headers);
    headers.set("X-Vita-Post", randomId());
    for (let tries = 0; tries < TRIES; tries++) {
      if (this.relay.state === "away") {
        tries = 0;
        if (this.held.size >= MOST) break;
        await this._turn(address);
      }
      if (this.refused) return refusal(this.refused);
      try {
        const answer = await this._sent(address, { ...init, headers });
        if (this.unsent.delete(address)) this.changed();
        return answer;
      } catch (error) {
        if (init.signal?.aborted || this.relay.state === "none" || this.relay.state === "left") throw error;
        if (!navigator.onLine) {
          tries = -1; // for as long as the browser says that there is no network
          if (!this.unsent.has(address)) {
            this.unsent.add(address);
            this.changed();
          }
        }
        this.relay.probe();
        await new Promise((resolve) => setTimeout(resolve, PAUSE));
      }
    }
    this.unsent.delete(address);
    return refusal(this.words.unsent);
  }

  /** The connection is lost: what has no answer yet is asked for again when it is back. */
  cut() {
    for (const one of this.cuttable) one.abort();
  }

  /** The connection is back. */
  release() {
    const held = [...this.held.keys()];
    this.held.clear();
    for (const go of held) go();
    this.changed();
  }

  /** Nothing is sent any more. @param {string} why */
  refuse(why) {
    this.refused = why;
    this.release();
  }

  /** @param {URL} address */
  _turn(address) {
    return new Promise((/** @type {(value?: undefined) => void} */ resolve) => {
      this.held.set(resolve, address);
      this.changed();
    });
  }

  /** The whole answer, so that nothing can be lost after it. @param {URL} address @param {RequestInit} init */
  async _sent(address, init) {
    const cut = new AbortController();
    if (!address.pathname.endsWith("/upload")) this.cuttable.add(cut); // a long one goes on while the relay alone is away
    try {
      const signal = init.signal ? AbortSignal.any([init.signal, cut.signal]) : cut.signal;
      const answer = await this.send(address, { ...init, signal });
      const body = await answer.arrayBuffer();
      const { status, statusText, headers } = answer;
      return new Response(body.byteLength ? body : null, { status, statusText, headers });
    } finally {
      this.cuttable.delete(cut);
    }
  }
}

/** An answer that Gradio shows as it is; of 503 it has words of its own. @param {string} why */
function refusal(why) {
  return Response.json({ error: why, detail: why }, { status: 400 });
}
