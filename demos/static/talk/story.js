// @ts-check
// What a log says: lines in, the state of a conversation out. Pure; the same for a live conversation and a replay.
// A line is {t, from, event}: seconds since the beginning, "server" or "page", and the event without its sound.

/** @import { LogLine, Mark, Span, Timing, Turn, Watch } from "./types.js" */

import { STORY_EVENTS } from "./story_events.js";

const LANES = ["user", "vita"];
const MERGED = 20; // s within which the same remark is counted rather than repeated

export class Story {
  constructor() {
    /** @type {string[]} */
    this.engines = []; // names
    /** @type {Span[]} */
    this.spans = [];
    /** @type {Mark[]} */
    this.marks = [];
    /** @type {Turn[]} */
    this.turns = []; // transcript
    /** @type {Timing[]} */
    this.timings = []; // one for each answer; another array whenever there is news
    /** @type {Map<string, number>} */
    this.stutters = new Map(); // item -> how often the page ran out of its sound
    this.phase = "idle";
    this.voice = false;
    /** @type {string | null} */
    this.state = null; // the last state token
    this.muted = false;
    /** @type {number | null} */
    this.queue = null; // position while waiting
    this.away = false; // the connection is lost
    this.heardFrom = 0; // when the first sound that the session got was recorded, in seconds
    /** @type {{ from: number, seconds: number } | null} */
    this.held = null; // what was last spoken with the button held
    /** @type {Watch | null} */
    this.watch = null; // the newest, over or not
    this.now = 0;
    /** @type {string | null} */
    this.session = null; // the server's name for the conversation
    /** @type {string | null} */
    this.generator = null; // the engine that answers
    /** @type {Mark | null} */
    this.warmed = null; // the last mark of a prefill
    /** @type {Set<string>} */
    this.gone = new Set(); // engines that are not there
    /** @type {Map<string, Span>} */
    this.open = new Map(); // lane -> its span that lasts
    /** @type {Map<string, Turn>} */
    this._turns = new Map(); // id -> turn of this conversation; the server may name those of another one alike
    /** @type {Map<string, number>} */
    this._timed = new Map(); // item -> place of its timing
  }

  get lanes() {
    return [...this.engines, ...LANES];
  }

  /** @param {string} id */
  turn(id) {
    return this._turns.get(id);
  }

  /** Take a line of the log. @param {Pick<LogLine, "t" | "event">} line */
  add({ t, event }) {
    this.now = t;
    STORY_EVENTS.get(event.type)?.(this, event.data ?? event, t);
  }

  /** Add a turn, or change the one of this id.
   * @param {string} id @param {Turn["role"]} role @param {Partial<Turn>} fields */
  addTurn(id, role, fields) {
    if (!this.turn(id)) {
      /** @type {Turn} */
      const turn = { id, role, version: 0, text: "", frames: [], t: this.now };
      this.turns.push(turn);
      this._turns.set(id, turn);
    }
    this.changeTurn(id, fields);
  }

  /** Change a turn of this conversation; an id that has none changes nothing.
   * @param {string} id @param {Partial<Turn>} fields */
  changeTurn(id, fields) {
    const turn = this.turn(id);
    if (turn) Object.assign(turn, fields, { version: turn.version + 1 });
  }

  /** @param {string} why @param {number} t */
  addRemark(why, t) {
    const last = this.turns.at(-1);
    if (last?.role === "remark" && last.why === why && t - last.t < MERGED) {
      this.changeTurn(last.id, { count: (last.count ?? 1) + 1 });
      return;
    }
    this.addTurn(`remark ${t}`, "remark", { why, count: 1 });
  }

  /** Keep an answer's timing in place of the one before. @param {Timing} timing */
  addTiming(timing) {
    const place = this._timed.get(timing.item) ?? this.timings.length;
    this._timed.set(timing.item, place);
    this.timings = [...this.timings.slice(0, place), timing, ...this.timings.slice(place + 1)];
  }

  /** End a lane's span and begin one of this kind, unless it lasts already or the lane's engine is gone.
   * @param {string} lane @param {string} kind @param {number} t */
  openSpan(lane, kind, t) {
    if (this.open.get(lane)?.kind === kind || (this.gone.has(lane) && kind !== "gone")) return;
    this.closeSpan(lane, t);
    const span = { lane, kind, begin: t, end: null };
    this.spans.push(span);
    this.open.set(lane, span);
  }

  /** @param {string} lane @param {number} t */
  closeSpan(lane, t) {
    const span = this.open.get(lane);
    if (span) span.end = t;
    this.open.delete(lane);
  }

  /** An engine that does not answer monitors. @param {string | null | undefined} name @param {number} t */
  openMonitor(name, t) {
    if (name && name !== this.generator) this.openSpan(name, "monitoring", t);
  }

  /** Nothing lasts any more. @param {number} t */
  endAll(t) {
    for (const lane of [...this.open.keys()]) this.closeSpan(lane, t);
    for (const { id, live, playing } of this.turns) if (live || playing) this.changeTurn(id, { live: false, playing: false });
    this.phase = "idle";
    this.voice = this.away = false;
  }

  /** Another session of the server goes on with the conversation: what was said stays, and nothing that comes is about it.
   * @param {number} t */
  beginAnew(t) {
    this.endAll(t);
    this._turns.clear();
    this._timed.clear();
    this.gone.clear();
    this.generator = this.warmed = this.state = null;
    if (this.turns.length) this.addTurn(`anew ${t}`, "remark", { why: "anew", count: 1 });
  }
}

/** The smallest value that so many percent do not exceed; null of none.
 * @param {number[]} values @param {number} percent */
export function percentile(values, percent) {
  if (!values.length) return null;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
}
