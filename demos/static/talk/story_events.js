// @ts-check
// What each event changes in a story: one table, by the event's type. Pure.

/** @import { Story } from "./story.js" */
/** @import { EventData } from "./types.js" */

import { PAST } from "./past.js";
import { picturePrice } from "./price.js";
import { WATCH_EVENTS } from "./watch_story.js";

/** @typedef {(story: Story, data: EventData, t: number) => void} StoryHandler  `t` in seconds. */

/** The page's own. @type {Record<string, StoryHandler>} */
const PAGE = {
  "page.began": (story, { item }, t) => {
    story.openSpan("vita", "voice", t);
    story.changeTurn(item, { playing: true, from: t });
  },
  "page.flowing": (story, { item }, t) => {
    story.openSpan("vita", "voice", t);
    story.stutters.set(item, (story.stutters.get(item) ?? 0) + 1);
  },
  "page.dry": (story, _, t) => story.closeSpan("vita", t),
  "page.ended": (story, { item }, t) => {
    story.closeSpan("vita", t);
    story.changeTurn(item, { playing: false, until: t });
  },
  "page.mute": (story, { on }) => {
    story.muted = on;
  },
  "page.end": (story, _, t) => story.endAll(t),
  "page.connection": (story, { state }, t) => {
    if (["lost", "silent"].includes(state) && story.session) story.away = true;
    if (["open", "heard", "moved"].includes(state)) story.away = false;
    if (story.away && story.voice) story.closeSpan("user", t);
    if (story.away) story.voice = false;
  },
  "page.listening": (story, { at }) => {
    story.heardFrom = at;
  },
  "page.held": (story, { from, seconds }) => {
    story.held = { from, seconds };
  },
};

/** Which engine does what. @type {Record<string, StoryHandler>} */
const ENGINES = {
  "vita.engines": (story, { engines }, t) => {
    story.engines = engines.map((/** @type {{ name: string }} */ { name }) => name);
    for (const mark of story.marks) if (typeof mark.lane === "number") mark.lane = story.engines[mark.lane]; // came early
    const warmed = story.warmed?.lane;
    if (typeof warmed === "string" && !story.generator) story.openMonitor(warmed, t);
    for (const { name, stage } of engines) setPresence(story, name, stage === undefined || stage === "ready", t);
  },
  "vita.warming": (story, { engine }, t) => {
    const name = story.engines[engine];
    story.warmed = { t, lane: name ?? engine, kind: "warming" };
    story.marks.push(story.warmed);
    if (!story.generator && !story.open.has(name)) story.openMonitor(name, t);
  },
  "vita.deciding": (story, { engine }, t) => story.openSpan(story.engines[engine], "deciding", t),
  "vita.state": (story, { state, engine }, t) => {
    story.state = state;
    story.marks.push({ t, lane: engine, kind: state ?? "none" });
    story.openMonitor(engine, t);
  },
  "vita.dismissed": (story, { why }, t) => {
    for (const [lane, span] of story.open) if (span.kind === "deciding") story.openMonitor(lane, t);
    if (why === "noise" || why === "failed") story.addRemark(why, t);
  },
  "vita.roles": (story, { generator, monitor, item_id: item }, t) => {
    for (const name of story.engines) if (name !== generator && name !== monitor) story.closeSpan(name, t);
    story.openMonitor(monitor, t);
    story.generator = generator;
    story.openSpan(generator, "generating", t);
    const asked = story.turns.findLast((turn) => turn.role === "user");
    const typed = asked && !asked.voice ? "TEXT_QUERY" : null; // what is typed is a query: nothing is decided
    story.changeTurn(item, { engine: generator, state: story.state ?? typed });
    story.state = null;
  },
  "response.done": (story, { response }, t) => {
    const item = response.output?.[0]?.id;
    story.changeTurn(item, { live: false, status: response.status });
    const answer = story.turn(item);
    const { asked, cost } = picturePrice(story.turns, answer, response.usage);
    if (asked) story.changeTurn(asked.id, { cost });
    if (story.generator && answer?.engine === story.generator) {
      const name = story.generator;
      story.generator = null;
      if (story.engines.length === 1) story.openMonitor(name, t);
      else story.closeSpan(name, t);
    }
  },
};

/** An engine is lost, and the other one plays both roles, or it is back.
 * @param {Story} story @param {string} name @param {boolean} here @param {number} t */
function setPresence(story, name, here, t) {
  if (here !== story.gone.has(name)) return;
  if (here) story.gone.delete(name);
  else story.gone.add(name);
  if (here) story.closeSpan(name, t);
  else story.openSpan(name, "gone", t);
  if (story.generator === name) story.generator = null;
  story.addTurn(`engine ${name} ${t}`, "remark", { why: here ? "back" : "gone", name, count: 1 });
}

/** What happens. @type {Record<string, StoryHandler>} */
const CONVERSATION = {
  "vita.phase": (story, { phase, voice }, t) => {
    story.phase = phase;
    story.queue = null;
    if (voice && !story.voice) story.openSpan("user", "voice", t);
    if (!voice && story.voice) story.closeSpan("user", t);
    story.voice = voice;
  },
  "vita.queue": (story, { position }) => {
    story.queue = position;
  },
  "session.created": (story, { session }, t) => {
    if (story.session !== null && story.session !== session.id) story.beginAnew(t);
    story.session = session.id;
    story.queue = null;
    if (story.phase === "idle") story.phase = "listening";
  },
  "vita.cut": (story, { item_id: item }, t) => {
    story.marks.push({ t, lane: null, kind: "cut" });
    story.changeTurn(item, { cut: true });
  },
  // told at an answer's end, and again where it began to be heard later than that
  "vita.timing": (story, timing) => story.addTiming(/** @type {import("./types.js").Timing} */ (timing)),
};

/** The transcript. @type {Record<string, StoryHandler>} */
const TRANSCRIPT = {
  "input_audio_buffer.speech_started": (story, { item_id: id, audio_start_ms: begin }) => story.addTurn(id, "user", { voice: true, begin, from: story.heardFrom + begin / 1000 }),
  "input_audio_buffer.speech_stopped": (story, { item_id: id, audio_end_ms: end }) => {
    const turn = story.turn(id);
    if (turn) story.changeTurn(id, { seconds: (end - (turn.begin ?? end)) / 1000 });
  },
  "conversation.item.added": (story, { item }) => {
    if (item.id.startsWith(PAST)) return; // it stands here already
    if (item.role === "assistant") {
      story.addTurn(item.id, "vita", { live: true });
      return;
    }
    /** @type {{ type: string, text?: string }[]} */
    const parts = item.content;
    const text = parts.map((part) => part.text ?? "").join("\n").trim();
    if (parts.every((part) => part.type === "input_image")) return;
    const voice = parts.some((part) => part.type === "input_audio");
    const held = voice && !story.turn(item.id) ? story.held : null;
    story.addTurn(item.id, "user", { voice, text, ...held });
    story.held = null;
  },
  "conversation.item.input_audio_transcription.completed": (story, { item_id: id, transcript }) => story.changeTurn(id, { text: transcript }),
  "response.output_audio_transcript.delta": (story, event) => appendText(story, event),
  "response.output_text.delta": (story, event) => appendText(story, event),
  "response.output_audio_transcript.done": (story, { item_id: id, transcript }) => story.changeTurn(id, { text: transcript }),
  "response.output_text.done": (story, { item_id: id, text }) => story.changeTurn(id, { text }),
  "vita.heard": (story, { item_id: id, heard }) => {
    if (heard !== undefined) story.changeTurn(id, { heard });
  },
  // those of typed text are an item of their own, which is no turn
  "vita.frames": (story, { item_id: id, frames }) => {
    const turn = story.turn(id) ?? story.turns.findLast((other) => other.role === "user");
    if (turn) story.changeTurn(turn.id, { frames });
  },
};

/** @param {Story} story @param {EventData} event */
function appendText(story, { item_id: id, delta }) {
  story.changeTurn(id, { text: (story.turn(id)?.text ?? "") + delta });
}

/** By the event's type; a type that is not here changes nothing. */
export const STORY_EVENTS = new Map(Object.entries({ ...PAGE, ...ENGINES, ...CONVERSATION, ...TRANSCRIPT, ...WATCH_EVENTS }));
