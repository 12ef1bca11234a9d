// What a log says: lines in, the picture of a conversation out. Pure; the same for a live conversation and a replay.
// A line is {t, from, event}: seconds since the beginning, "server" or "page", and the event without its sound.

import { picturePrice } from "./price.js";
const LANES = ["user", "vita"];
const MERGED = 20; // s within which the same remark is counted rather than repeated

export class Story {
  constructor() {
    this.engines = []; // names
    this.spans = []; // {lane, kind, begin, end}; end is null while it lasts
    this.marks = []; // {t, lane, kind}
    this.turns = []; // transcript, see _turn
    this.timings = []; // the server's, one for each answer; another array whenever there is news
    this.stutters = new Map(); // item -> how often the page ran out of its sound
    this.phase = "idle";
    this.voice = false;
    this.state = null; // the last state token
    this.muted = false;
    this.queue = null; // position while waiting
    this.now = 0;
    this._session = null; // the server's name for the conversation
    this._turns = new Map(); // id -> turn of this conversation; the server may name those of another one alike
    this._timed = new Map(); // item -> place of its timing
    this._open = new Map(); // lane -> its span that lasts
    this._generator = null;
    this._warmed = null; // the last mark of a prefill
    this._gone = new Set(); // engines that are not there
  }

  get lanes() {
    return [...this.engines, ...LANES];
  }

  turn(id) {
    return this._turns.get(id);
  }

  add({ t, event }) {
    this.now = t;
    const handler = this[`_${event.type.replaceAll(".", "_")}`];
    if (handler) handler.call(this, event.data ?? event, t);
  }

  // ------------------------------------------------------------------------------------------------ the page's own

  _page_began({ item }, t) {
    this._span("vita", "voice", t);
    this._touch(item, { playing: true });
  }

  _page_flowing({ item }, t) {
    this._span("vita", "voice", t);
    this.stutters.set(item, (this.stutters.get(item) ?? 0) + 1);
  }

  _page_dry(_, t) {
    this._close("vita", t);
  }

  _page_ended({ item }, t) {
    this._close("vita", t);
    this._touch(item, { playing: false });
  }

  _page_mute({ on }) {
    this.muted = on;
  }

  _page_end(_, t) {
    for (const lane of [...this._open.keys()]) this._close(lane, t);
    for (const { id, live, playing } of this.turns) if (live || playing) this._touch(id, { live: false, playing: false });
    this.phase = "idle";
    this.voice = false;
  }

  // ------------------------------------------------------------------------------------------------ engines

  _vita_engines({ engines }, t) {
    this.engines = engines.map((engine) => engine.name);
    for (const mark of this.marks) if (typeof mark.lane === "number") mark.lane = this.engines[mark.lane]; // came early
    if (this._warmed && !this._generator) this._monitors(this._warmed.lane, t);
    for (const { name, stage } of engines) this._present(name, stage === undefined || stage === "ready", t);
  }

  /** An engine is lost: the other one plays both roles until it is back. */
  _present(name, here, t) {
    if (here !== this._gone.has(name)) return;
    if (here) this._gone.delete(name);
    else this._gone.add(name);
    if (here) this._close(name, t);
    else this._span(name, "gone", t);
    if (this._generator === name) this._generator = null;
    this._turn(`engine ${name} ${t}`, "remark", { why: here ? "back" : "gone", name, count: 1 });
  }

  _vita_warming({ engine }, t) {
    this._warmed = { t, lane: this.engines[engine] ?? engine, kind: "warming" };
    this.marks.push(this._warmed);
    if (!this._generator && !this._open.has(this.engines[engine])) this._monitors(this.engines[engine], t);
  }

  _vita_deciding({ engine }, t) {
    this._span(this.engines[engine], "deciding", t);
  }

  _vita_state({ state, engine }, t) {
    this.state = state;
    this.marks.push({ t, lane: engine, kind: state ?? "none" });
    this._monitors(engine, t);
  }

  _vita_dismissed({ why }, t) {
    for (const [lane, span] of this._open) if (span.kind === "deciding") this._monitors(lane, t);
    if (why === "noise" || why === "failed") this._remark(why, t);
  }

  _vita_roles({ generator, monitor, item_id: item }, t) {
    for (const name of this.engines) if (name !== generator && name !== monitor) this._close(name, t);
    this._monitors(monitor, t);
    this._generator = generator;
    this._span(generator, "generating", t);
    const asked = this.turns.findLast((turn) => turn.role === "user");
    const typed = asked && !asked.voice ? "TEXT_QUERY" : null; // what is typed is a query: nothing is decided
    this._touch(item, { engine: generator, state: this.state ?? typed });
    this.state = null;
  }

  _monitors(name, t) {
    if (name && name !== this._generator) this._span(name, "monitoring", t);
  }

  _response_done({ response }, t) {
    const item = response.output?.[0]?.id;
    this._touch(item, { live: false, status: response.status });
    const { asked, cost } = picturePrice(this.turns, this.turn(item), response.usage);
    if (cost) this._touch(asked.id, { cost });
    if (this._generator && this.turn(item)?.engine === this._generator) {
      const [name, alone] = [this._generator, this.engines.length === 1];
      this._generator = null;
      if (alone) this._monitors(name, t);
      else this._close(name, t);
    }
  }

  // ------------------------------------------------------------------------------------------------ what happens

  _vita_phase({ phase, voice }, t) {
    this.phase = phase;
    this.queue = null;
    if (voice && !this.voice) this._span("user", "voice", t);
    if (!voice && this.voice) this._close("user", t);
    this.voice = voice;
  }

  _vita_queue({ position }) {
    this.queue = position;
  }

  _session_created({ session }, t) {
    if (this._session !== null && this._session !== session.id) this._anew(t);
    this._session = session.id;
    this.queue = null;
    if (this.phase === "idle") this.phase = "listening";
  }

  /** The server lost the conversation and began another: what was said stays, and nothing that comes is about it. */
  _anew(t) {
    this._page_end(null, t);
    this._turns.clear();
    this._timed.clear();
    this._gone.clear();
    this._generator = this._warmed = this.state = null;
    if (this.turns.length) this._turn(`anew ${t}`, "remark", { why: "anew", count: 1 });
  }

  _vita_cut({ item_id: item }, t) {
    this.marks.push({ t, lane: null, kind: "cut" });
    this._touch(item, { cut: true });
  }

  /** Told at an answer's end, and again where it began to be heard later than that. */
  _vita_timing(timing) {
    const place = this._timed.get(timing.item) ?? this.timings.length;
    this._timed.set(timing.item, place);
    this.timings = [...this.timings.slice(0, place), timing, ...this.timings.slice(place + 1)];
  }

  // ------------------------------------------------------------------------------------------------ the transcript

  _input_audio_buffer_speech_started({ item_id: id, audio_start_ms: begin }) {
    this._turn(id, "user", { voice: true, begin });
  }

  _input_audio_buffer_speech_stopped({ item_id: id, audio_end_ms: end }) {
    const turn = this.turn(id);
    if (turn) this._touch(id, { seconds: (end - turn.begin) / 1000 });
  }

  _conversation_item_added({ item }) {
    if (item.role === "assistant") {
      this._turn(item.id, "vita", { live: true });
      return;
    }
    const text = item.content.map((part) => part.text ?? "").join("\n").trim();
    if (item.content.every((part) => part.type === "input_image")) return;
    this._turn(item.id, "user", { voice: item.content.some((part) => part.type === "input_audio"), text });
  }

  _conversation_item_input_audio_transcription_completed({ item_id: id, transcript }) {
    this._touch(id, { text: transcript });
  }

  _response_output_audio_transcript_delta({ item_id: id, delta }) {
    this._touch(id, { text: (this.turn(id)?.text ?? "") + delta });
  }

  _response_output_text_delta(event) {
    this._response_output_audio_transcript_delta(event);
  }

  _response_output_audio_transcript_done({ item_id: id, transcript }) {
    this._touch(id, { text: transcript });
  }

  _response_output_text_done({ item_id: id, text }) {
    this._touch(id, { text });
  }

  _vita_heard({ item_id: id, heard }) {
    if (heard !== undefined) this._touch(id, { heard });
  }

  /** Those of typed text are an item of their own, which is no turn. */
  _vita_frames({ item_id: id, frames }) {
    const turn = this.turn(id) ?? this.turns.findLast((turn) => turn.role === "user");
    if (turn) this._touch(turn.id, { frames });
  }

  // ------------------------------------------------------------------------------------------------ small pieces

  /** A turn: {id, role, version, text, voice, seconds, frames, cost, live, cut, heard, state, engine, status}. */
  _turn(id, role, fields) {
    if (!this.turn(id)) {
      const turn = { id, role, version: 0, text: "", frames: [], t: this.now };
      this.turns.push(turn);
      this._turns.set(id, turn);
    }
    this._touch(id, fields);
  }

  _touch(id, fields) {
    const turn = this.turn(id);
    if (turn) Object.assign(turn, fields, { version: turn.version + 1 });
  }

  _remark(why, t) {
    const last = this.turns.at(-1);
    if (last?.role === "remark" && last.why === why && t - last.t < MERGED) {
      this._touch(last.id, { count: last.count + 1 });
      return;
    }
    this._turn(`remark ${t}`, "remark", { why, count: 1 });
  }

  _span(lane, kind, t) {
    if (this._open.get(lane)?.kind === kind || (this._gone.has(lane) && kind !== "gone")) return;
    this._close(lane, t);
    const span = { lane, kind, begin: t, end: null };
    this.spans.push(span);
    this._open.set(lane, span);
  }

  _close(lane, t) {
    const span = this._open.get(lane);
    if (span) span.end = t;
    this._open.delete(lane);
  }
}

/** An answer's text as what was heard and what was not. */
export function heardAndNot(turn) {
  if (turn.heard === undefined || turn.heard === turn.text) return [turn.text, ""];
  const same = turn.text.startsWith(turn.heard) ? turn.heard.length : common(turn.text, turn.heard);
  return [turn.text.slice(0, same), turn.text.slice(same)];
}

function common(one, other) {
  let size = 0;
  while (size < one.length && one[size] === other[size]) size++;
  return size;
}

/** The smallest value that so many percent do not exceed; null of none. */
export function percentile(values, percent) {
  if (!values.length) return null;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
}
