// @ts-check
// The timeline: a lane for each engine, one for the user and one for VITA, drawn on a canvas.

/** @import { Story } from "./story.js" */
/** @import { Mark, Say, Span } from "./types.js" */

import { h } from "./dom.js";

const LANE = 22; // px
const GAP = 8;
const TOP = 16; // px above the first lane, for the marks' words
const AXIS = 18;
const LETTERS = 10; // px between two words
const COLOURS = ["monitoring", "deciding", "generating", "voice", "AUDIO_QUERY", "NOISE", "TEXT_QUERY", "cut", "warming", "gone", "seen"];

/** @typedef {{ pen: CanvasRenderingContext2D, colours: Record<string, string>, names: string[], place: (t: number) => number,
 *   left: number, width: number, height: number, begin: number, now: number }} Drawing  `place` gives the px of a second. */

export class Timeline {
  /** @param {Say} say */
  constructor(say) {
    this.say = say;
    this.canvas = h("canvas", { class: "vt-canvas", role: "img", "aria-label": say("timeline") });
    this.element = h("div", { class: "vt-timeline" }, this.canvas, this._legend());
    this.window = 30; // seconds that are shown
  }

  _legend() {
    const kinds = ["monitoring", "deciding", "generating", "voice", "warming", "cut"];
    const entry = (/** @type {string} */ kind) => h("span", { class: `vt-key ${kind}` }, h("i"), this.say(`kind.${kind}`));
    return h("div", { class: "vt-legend" }, kinds.map(entry));
  }

  /** Draw what happened until `now`, in seconds. @param {Story} story @param {number} now */
  draw(story, now) {
    const width = this.canvas.clientWidth;
    if (!width) return; // the tab is hidden
    const names = story.lanes;
    const height = TOP + names.length * (LANE + GAP) + AXIS;
    const scale = window.devicePixelRatio || 1;
    this.canvas.style.height = `${height}px`;
    this.canvas.width = width * scale;
    this.canvas.height = height * scale;
    const style = getComputedStyle(this.canvas);
    const colours = Object.fromEntries(COLOURS.map((kind) => [kind, style.getPropertyValue(`--vt-${kind}`).trim()]));
    colours.text = style.color;
    colours.line = style.borderTopColor;
    const pen = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    pen.scale(scale, scale);
    pen.font = `11px ${style.fontFamily}`;
    const left = Math.min(84, width * 0.2);
    const begin = Math.max(0, now - this.window);
    const place = (/** @type {number} */ t) => left + ((t - begin) / this.window) * (width - left);
    const board = { pen, colours, names, place, left, width, height, begin, now };
    this._lanes(board);
    this._spans(board, story.spans);
    this._marks(board, story.marks);
    this.canvas.setAttribute("aria-label", this.say("timeline.text", { seconds: this.window }));
  }

  /** @param {Drawing} drawing */
  _lanes({ pen, colours, names, place, left, width, height, begin }) {
    pen.fillStyle = colours.text;
    pen.textBaseline = "middle";
    names.forEach((name, row) => {
      const label = ["user", "vita"].includes(name) ? this.say(`lane.${name}`) : name;
      pen.globalAlpha = 0.85;
      pen.fillText(label, 0, top(row) + LANE / 2, left - 8);
      pen.globalAlpha = 0.05;
      pen.fillRect(left, top(row), width - left, LANE);
    });
    pen.textAlign = "center";
    const step = this.window > 120 ? 60 : this.window > 40 ? 10 : 5;
    for (let t = Math.ceil(begin / step) * step; t <= begin + this.window; t += step) {
      const x = place(t);
      pen.globalAlpha = 0.5;
      if (x > left + 8 && x < width - 12) pen.fillText(`${t} s`, x, height - 7);
      pen.globalAlpha = 0.1;
      pen.fillRect(x, TOP, 1, height - TOP - AXIS);
    }
    pen.globalAlpha = 1;
    pen.textAlign = "left";
  }

  /** @param {Drawing} drawing @param {Span[]} spans */
  _spans({ pen, colours, names, place, left, begin, now }, spans) {
    for (let n = spans.length - 1; n >= 0; n--) {
      const { lane, kind, begin: from, end } = spans[n];
      const row = names.indexOf(lane);
      if (row < 0 || (end ?? now) < begin || from > now) continue;
      const x = Math.max(left, place(from));
      const size = Math.max(2, place(Math.min(end ?? now, now)) - x);
      const thin = kind === "monitoring" ? 8 : 0;
      pen.fillStyle = colours[kind] || colours.text;
      pen.beginPath();
      pen.roundRect(x, top(row) + thin, size, LANE - 2 * thin, 3);
      pen.fill();
    }
  }

  /** @param {Drawing} drawing @param {Mark[]} marks */
  _marks({ pen, colours, names, place, left, begin, now, height }, marks) {
    let free = Infinity; // px up to which nothing is written yet
    for (let n = marks.length - 1; n >= 0; n--) {
      const { t, lane, kind } = marks[n];
      if (t < begin || t > now) continue;
      const x = place(t);
      const row = names.indexOf(String(lane));
      pen.fillStyle = colours[kind] || colours.text;
      if (kind === "cut") pen.fillRect(x - 1, TOP - 4, 2, height - TOP - AXIS + 4);
      else if (kind === "warming") pen.fillRect(x, top(Math.max(0, row)), 2, LANE);
      else free = this._token({ pen, x, left, free }, kind, row);
    }
  }

  /** A dot, and what the model took the sound for where the word behind it leaves room; the px up to which there is room now.
   * @param {{ pen: CanvasRenderingContext2D, x: number, left: number, free: number }} place @param {string} kind @param {number} row */
  _token({ pen, x, left, free }, kind, row) {
    const word = this.say(`sign.${kind}`);
    const width = pen.measureText(word).width;
    const begin = Math.max(left, Math.min(x - width / 2, pen.canvas.clientWidth - width));
    pen.beginPath();
    pen.arc(x, top(Math.max(0, row)) + LANE / 2, 5, 0, 2 * Math.PI);
    pen.fill();
    if (begin + width > free) return free;
    pen.fillText(word, begin, TOP - 9);
    return begin - LETTERS;
  }
}

/** @param {number} row */
const top = (row) => TOP + row * (LANE + GAP) + GAP / 2;
