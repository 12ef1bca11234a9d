// @ts-check
// Runs before Gradio's own scripts. Gives Gradio a fetch whose event streams come through the relay's one WebSocket and
// whose POSTs survive a lost connection, so that Gradio never notices one, and never reloads the page.
//
// When the server is another one than before, or has dropped what it held of this tab, `vita:server-restarted` is
// sent to window. Its `detail.until(promise)` makes what waits to be sent wait for that promise too, so that a conversation
// is restored before the question that goes on with it.

import { ConnectionLine } from "./connection_line.js";
import { LostAnswers } from "./lost_answers.js";
import { RelayedStreams } from "./relayed_streams.js";
import { RelaySocket } from "./relay_socket.js";
import { WaitingPosts } from "./waiting_posts.js";

const API = "/gradio_api/";
const STREAM = /^\/gradio_api\/(heartbeat\/|queue\/data\?)/;

const words = JSON.parse(document.getElementById("script-words")?.textContent ?? "{}").connection;
const native = window.fetch.bind(window);
const line = new ConnectionLine(words);
const answers = new LostAnswers(words);
const address = new URL("relay/streams", document.baseURI);
address.protocol = address.protocol.replace("http", "ws");

/** @type {(() => void)[]} */
let undecided = []; // streams that were asked for before it is known whether there is a relay
const relay = new RelaySocket(address, {
  frame: (frame) => streams.take(frame),
  up: async ({ known, restarted, outdated }) => {
    decide();
    if (!known) streams.renew(restarted ? words.restarted : words.expired);
    if (outdated) {
      posts.refuse(words.outdated); // their numbers mean something else by now
      line.outdated();
      return;
    }
    /** @type {Promise<unknown>[]} */
    const awaited = [];
    const until = (/** @type {Promise<unknown>} */ promise) => void awaited.push(promise);
    if (restarted || !known) window.dispatchEvent(new CustomEvent("vita:server-restarted", { detail: { until } }));
    await Promise.allSettled(awaited);
    if (relay.state !== "up") return;
    posts.release();
    line.back();
  },
  away: () => {
    posts.cut();
    line.away(posts.waiting);
  },
  none: () => decide(),
});
const streams = new RelayedStreams((wanted) => relay.want(wanted), answers);
const posts = new WaitingPosts(native, relay, words, () => {
  if (relay.state === "away" || posts.unsent.size) line.away(posts.waiting);
  else line.back();
});

function decide() {
  const ready = undecided;
  undecided = [];
  for (const go of ready) go();
}

/** @param {string} path @param {Request} request @returns {Promise<Response>} */
async function stream(path, request) {
  if (relay.state === "new") await new Promise((resolve) => undecided.push(() => resolve(undefined)));
  return relay.state === "none" ? native(request) : streams.open(path, request.signal);
}

/** @param {URL} to @param {RequestInit} init */
async function post(to, init) {
  const answer = await posts.post(to, init);
  if (answer.ok && to.pathname.endsWith("/queue/join")) answers.expect((await answer.clone().json()).event_id);
  return answer;
}

window.fetch = (input, init) => {
  const to = new URL(input instanceof Request ? input.url : input, document.baseURI);
  const begin = to.pathname.indexOf(API);
  if (to.origin !== location.origin || begin < 0 || relay.state === "none") return native(input, init);
  const path = to.pathname.slice(begin) + to.search;
  if (STREAM.test(path) && (!init || !init.method)) return stream(path, new Request(input, init));
  if (init?.method === "POST" && !(input instanceof Request)) return post(to, init);
  return native(input, init);
};

relay.connect();
window.addEventListener("pagehide", () => relay.leave());
window.addEventListener("pageshow", ({ persisted }) => persisted && relay.connect());
for (const hint of ["online", "offline"]) window.addEventListener(hint, () => relay.probe());
document.addEventListener("visibilitychange", () => document.hidden || relay.probe());
