// @ts-check
// The transcript: what was said, what of it was not heard (struck out), what was no question.

/** @import { Story } from "./story.js" */
/** @import { Say, Turn } from "./types.js" */

import { h } from "./dom.js";
import { priceWords } from "./price.js";
import { heardAndNot } from "./heard.js";

/** @type {Record<string, string>} */
const REMARKS = { noise: "ignored", anew: "trouble.anew", seen: "watch.seen" };
const NEAR = 60; // px from the end within which the view follows what is added

export class Transcript {
  /** @param {Say} say @param {(id: string) => string | null} picture the address of a camera picture, null where it is not kept */
  constructor(say, picture) {
    this.say = say;
    this.picture = picture;
    this.element = h("div", { class: "vt-transcript", role: "log", tabindex: "0", "aria-label": say("transcript") });
    /** @type {Record<Turn["role"], (turn: Turn) => HTMLElement>} */
    this.drawers = { user: (turn) => this._user(turn), vita: (turn) => this._vita(turn), remark: (turn) => this._remark(turn) };
    /** @type {Map<Turn, { version: number, row: HTMLElement }>} */
    this.rows = new Map(); // names are no keys, another conversation may have the same
    this.follows = true;
    this.element.onscroll = () => (this.follows = this._near());
    new ResizeObserver(() => this._follow()).observe(this.element); // a phone that is turned
  }

  /** @param {Story} story */
  draw(story) {
    const known = new Set(story.turns);
    for (const turn of [...this.rows.keys()]) if (!known.has(turn)) this._forget(turn);
    let changed = false;
    for (const turn of story.turns) changed = this._draw(turn) || changed;
    this.element.dataset.empty = story.turns.length ? "" : this.say("transcript.empty");
    if (changed) this._follow();
  }

  _near() {
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    return scrollHeight - scrollTop - clientHeight < NEAR;
  }

  /** Stay at the end, unless the visitor has gone up from it. */
  _follow() {
    if (this.follows) this.element.scrollTop = this.element.scrollHeight;
  }

  /** @param {Turn} turn */
  _forget(turn) {
    this.rows.get(turn)?.row.remove();
    this.rows.delete(turn);
  }

  /** @param {Turn} turn @returns {boolean} whether it had changed */
  _draw(turn) {
    const old = this.rows.get(turn);
    if (old?.version === turn.version) return false;
    const row = this.drawers[turn.role](turn);
    if (old) old.row.replaceWith(row);
    else this.element.append(row);
    this.rows.set(turn, { version: turn.version, row });
    return true;
  }

  /** @param {Turn} turn */
  _user(turn) {
    const said = turn.seconds === undefined ? "…" : this.say("said", { seconds: turn.seconds.toFixed(1) });
    const voice = turn.voice ? h("span", { class: "vt-said" }, said) : null;
    const pictures = turn.frames.map((id) => this.picture(id)).filter((url) => url !== null);
    const thumbs = pictures.map((url) => h("img", { src: url, alt: this.say("camera.frames") }));
    const lost = turn.frames.length - pictures.length;
    const cost = turn.cost ? h("small", { class: "vt-cost" }, priceWords(this.say, turn.cost)) : null;
    const frames = turn.frames.length ? h("div", { class: "vt-thumbs" }, thumbs, lost ? `${lost} × ▣` : null, cost) : null;
    return h("div", { class: "vt-turn user" }, h("div", { class: "vt-bubble" }, voice, turn.text ? h("span", {}, turn.text) : null, frames));
  }

  /** @param {Turn} turn */
  _vita(turn) {
    const [heard, unheard] = heardAndNot(turn);
    const state = turn.state ? h("span", { class: `vt-badge ${turn.state}` }, this.say(`state.${turn.state}`)) : null;
    const struck = unheard.trim() ? h("s", { "aria-label": this.say("unheard", { text: unheard }) }, unheard) : null;
    const word = turn.cut ? "interrupted" : turn.status === "failed" ? "failed" : null;
    const note = word ? h("span", { class: `vt-note ${word}` }, this.say(word)) : null;
    const engine = turn.engine ? h("span", { class: "vt-engine" }, turn.engine) : null;
    const head = h("div", { class: "vt-head" }, state, engine, note);
    const wait = turn.live && !turn.text ? h("span", { class: "vt-dots", "aria-hidden": "true" }, "…") : null;
    return h("div", { class: `vt-turn vita${turn.playing ? " playing" : ""}` }, head, h("p", {}, heard, struck, wait));
  }

  /** @param {Turn} turn */
  _remark(turn) {
    const why = turn.why ?? "";
    const key = REMARKS[why] ?? (turn.name ? `engine.${why}` : `ignored.${why}`);
    const count = turn.count && turn.count > 1 ? ` × ${turn.count}` : "";
    const urls = turn.frames.map((id) => this.picture(id)).filter((url) => url !== null);
    const thumbs = urls.map((url) => h("img", { src: url, alt: this.say("watch.frame") }));
    return h("div", { class: `vt-turn remark ${why}` }, thumbs, `${this.say(key, { name: turn.name })}${count}`);
  }
}
