// The transcript: what was said, what of it was not heard (struck out), what was no question.

import { h } from "./dom.js";
import { priceWords } from "./price.js";
import { heardAndNot } from "./story.js";

const REMARKS = { noise: "ignored", anew: "trouble.anew" };
const NEAR = 60; // px from the end within which the view follows what is added

export class Transcript {
  /** `picture(id)` is the address of a camera picture, or null where it is not kept. */
  constructor(say, picture = () => null) {
    this.say = say;
    this.picture = picture;
    this.element = h("div", { class: "vt-transcript", role: "log", tabindex: "0", "aria-label": say("transcript") });
    this.rows = new Map(); // turn -> {version, row}; names are no keys, another conversation may have the same
    this.follows = true;
    this.element.onscroll = () => (this.follows = this._near());
    new ResizeObserver(() => this._follow()).observe(this.element); // a phone that is turned
  }

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

  _forget(turn) {
    this.rows.get(turn).row.remove();
    this.rows.delete(turn);
  }

  _draw(turn) {
    const old = this.rows.get(turn);
    if (old?.version === turn.version) return false;
    const row = this[`_${turn.role}`](turn);
    if (old) old.row.replaceWith(row);
    else this.element.append(row);
    this.rows.set(turn, { version: turn.version, row });
    return true;
  }

  _user(turn) {
    const said = turn.seconds === undefined ? "…" : this.say("said", { seconds: turn.seconds.toFixed(1) });
    const voice = turn.voice ? h("span", { class: "vt-said" }, said) : null;
    const pictures = turn.frames.map((id) => this.picture(id)).filter(Boolean);
    const thumbs = pictures.map((url) => h("img", { src: url, alt: this.say("camera.frames") }));
    const lost = turn.frames.length - pictures.length;
    const cost = turn.cost ? h("small", { class: "vt-cost" }, priceWords(this.say, turn.cost)) : null;
    const frames = turn.frames.length ? h("div", { class: "vt-thumbs" }, thumbs, lost ? `${lost} × ▣` : null, cost) : null;
    return h("div", { class: "vt-turn user" }, h("div", { class: "vt-bubble" }, voice, turn.text ? h("span", {}, turn.text) : null, frames));
  }

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

  _remark(turn) {
    const key = turn.name ? `engine.${turn.why}` : (REMARKS[turn.why] ?? `ignored.${turn.why}`);
    const count = turn.count > 1 ? ` × ${turn.count}` : "";
    return h("div", { class: `vt-turn remark ${turn.why}` }, `${this.say(key, { name: turn.name })}${count}`);
  }
}
