// @ts-check
// Gradio's event streams as it would get them of fetch, carried by the relay.

/** @import { RelayFrame } from "./relay_socket.js" */

/**
 * @typedef {object} StreamOfTab
 * @property {string} path
 * @property {ReadableStreamDefaultController<Uint8Array>} body
 * @property {(response: Response) => void} begin
 * @property {(error: unknown) => void} refuse
 * @property {Response} response
 * @property {boolean} begun
 */

const ANSWERS = "/queue/data";
const TEXT = new TextEncoder();

export class RelayedStreams {
  /**
   * @param {(streams: Record<number, string>) => void} want
   * @param {import("./lost_answers.js").LostAnswers} answers
   */
  constructor(want, answers) {
    this.want = want;
    this.answers = answers;
    this.ids = 0;
    /** @type {Map<number, StreamOfTab>} */
    this.streams = new Map();
  }

  /** As fetch of this path. @param {string} path @param {AbortSignal} signal @returns {Promise<Response>} */
  open(path, signal) {
    const id = ++this.ids;
    return new Promise((begin, refuse) => {
      /** @type {ReadableStream<Uint8Array>} */
      const body = new ReadableStream({
        start: (controller) => void this.streams.set(id, { path, body: controller, begin, refuse, begun: false, response: new Response() }),
        cancel: () => this._forget(id),
      });
      const stream = /** @type {StreamOfTab} */ (this.streams.get(id));
      stream.response = new Response(body, { headers: { "Content-Type": "text/event-stream" } });
      signal.addEventListener("abort", () => {
        refuse(new DOMException("The stream was closed.", "AbortError"));
        this._end(id);
      });
      this._tell();
    });
  }

  /** @param {RelayFrame} frame */
  take({ stream: id, status, text, end }) {
    const stream = this.streams.get(id);
    if (!stream) return;
    if (status !== undefined) this._begin(stream, status);
    if (text !== undefined) this._give(stream, text);
    if (end) this._end(id);
  }

  /** The server has these streams no more: answers are lost, the rest goes on anew. @param {string} why */
  renew(why) {
    for (const [id, stream] of this.streams) {
      if (!stream.path.includes(ANSWERS)) continue;
      this._begin(stream, 200);
      stream.body.enqueue(TEXT.encode(this.answers.failures(why)));
      this._end(id);
    }
  }

  /** @param {StreamOfTab} stream @param {number} status */
  _begin(stream, status) {
    if (stream.begun) return;
    stream.begun = true;
    stream.begin(status === 200 ? stream.response : new Response(null, { status }));
  }

  /** @param {StreamOfTab} stream @param {string} text */
  _give(stream, text) {
    const passed = stream.path.includes(ANSWERS) ? this.answers.watch(text) : text;
    stream.body.enqueue(TEXT.encode(passed));
  }

  /** @param {number} id */
  _end(id) {
    const stream = this.streams.get(id);
    if (!stream) return;
    stream.body.close();
    this._forget(id);
  }

  /** @param {number} id */
  _forget(id) {
    this.streams.delete(id);
    this._tell();
  }

  _tell() {
    this.want(Object.fromEntries([...this.streams].map(([id, { path }]) => [id, path])));
  }
}
