// @ts-check
// How long each answer took, from the end of the question: a row of bars for each, and p50 and p95 of all.

/** @import { Story } from "./story.js" */
/** @import { Say, Stage, Timing, Turn } from "./types.js" */

import { h } from "./dom.js";
import { percentile } from "./story.js";

/** @type {Stage[]} */
const STAGES = ["decided", "first_token", "first_sound", "played"];
const SHOWN = 6;

/** Seconds from the end of speech to each stage; null for what did not happen. @param {Timing} timing */
export function milestones(timing) {
  return STAGES.map((stage) => {
    const at = timing[stage];
    return at === null || at === undefined ? null : at - timing.speech_end;
  });
}

/** {stage: {p50, p95}} over all answers, in seconds. @param {Timing[]} timings */
export function summary(timings) {
  const rows = timings.map(milestones);
  const of = (/** @type {number} */ column) => rows.map((row) => row[column]).filter((value) => value !== null);
  return Object.fromEntries(STAGES.map((stage, n) => [stage, { p50: percentile(of(n), 50), p95: percentile(of(n), 95) }]));
}

/** Answers to what was said, and to what was typed, where nothing has to be decided and the wait is another one.
 * @param {Timing[]} timings @param {Turn[]} turns @returns {{ spoken: Timing[], typed: Timing[] }} */
export function byQuestion(timings, turns) {
  const spoken = timings.filter((timing) => answersSpeech(timing, turns));
  return { spoken, typed: timings.filter((timing) => !spoken.includes(timing)) };
}

/** @param {Timing} timing @param {Turn[]} turns */
function answersSpeech(timing, turns) {
  const place = turns.findIndex((turn) => turn.id === timing.item);
  const asked = turns.slice(0, Math.max(0, place)).findLast((turn) => turn.role === "user");
  return asked ? !!asked.voice : (timing.decided ?? null) !== null;
}

export class Waterfall {
  /** @param {Say} say */
  constructor(say) {
    this.say = say;
    this.element = h("div", { class: "vt-waterfall" });
    /** @type {Timing[] | null} */
    this.shown = null; // the timings that were drawn last
  }

  /** @param {Story} story */
  draw(story) {
    if (story.timings === this.shown) return;
    this.shown = story.timings;
    if (!story.timings.length) {
      this.element.replaceChildren(h("p", { class: "vt-empty" }, this.say("latency.empty")));
      return;
    }
    const recent = story.timings.slice(-SHOWN);
    const longest = Math.max(0.1, ...recent.flatMap(milestones).filter((value) => value !== null));
    const first = story.timings.length - recent.length + 1;
    const rows = recent.map((timing, n) => this._row(timing, first + n, longest, story.stutters.get(timing.item) ?? 0));
    this.element.replaceChildren(this._table(byQuestion(story.timings, story.turns)), h("div", { class: "vt-rows" }, rows));
  }

  /** Rows for each kind of question; the kinds are named where there are both.
   * @param {{ spoken: Timing[], typed: Timing[] }} kinds */
  _table({ spoken, typed }) {
    const heads = STAGES.map((stage) => h("th", { scope: "col", class: stage }, h("i"), this.say(`latency.${stage}`)));
    const both = spoken.length > 0 && typed.length > 0;
    const rows = [
      ...this._rows(spoken, both ? this.say("latency.spoken", { count: spoken.length }) : ""),
      ...this._rows(typed, both ? this.say("latency.typed", { count: typed.length }) : ""),
    ];
    return h("table", {}, h("caption", {}, this.say("latency.unit")), h("tr", {}, h("td"), heads), rows);
  }

  /** @param {Timing[]} timings @param {string} title "" for none */
  _rows(timings, title) {
    if (!timings.length) return [];
    const figures = summary(timings);
    const seconds = (/** @type {number | null} */ value) => (value === null ? "–" : value.toFixed(2));
    const row = (/** @type {"p50" | "p95"} */ name) => h("tr", {}, h("th", { scope: "row" }, name), STAGES.map((stage) => h("td", {}, seconds(figures[stage][name]))));
    const head = title ? [h("tr", { class: "vt-kind" }, h("th", { scope: "rowgroup", colspan: STAGES.length + 1 }, title))] : [];
    return [...head, row("p50"), row("p95")];
  }

  /** @param {Timing} timing @param {number} number @param {number} longest seconds @param {number} stutters */
  _row(timing, number, longest, stutters) {
    /** @type {HTMLElement[]} */
    const bars = [];
    let from = 0;
    milestones(timing).forEach((to, n) => {
      if (to === null) return;
      const size = (100 * Math.max(0, to - from)) / longest;
      const title = `${this.say(`latency.${STAGES[n]}`)}: ${to.toFixed(2)} s`;
      bars.push(h("b", { class: STAGES[n], style: `width:${size.toFixed(2)}%`, title }));
      from = Math.max(from, to);
    });
    const notes = [];
    if (timing.cut !== null && timing.cut !== undefined) {
      notes.push(this.say("latency.cut", { seconds: (timing.cut - timing.speech_end).toFixed(1) }));
    }
    const count = Math.max(timing.underruns ?? 0, stutters);
    if (count) notes.push(this.say("latency.underruns", { count }));
    const after = notes.length ? h("small", { class: "vt-after" }, notes.join(" · ")) : null;
    return h("div", { class: "vt-row" }, h("span", {}, `${number}`), h("div", { class: "vt-bars" }, bars), h("small", {}, `${from.toFixed(2)} s`), after);
  }
}
