// @ts-check
// What a visitor may set, kept in the browser; and what it means for the server.

/** @import { Say } from "./types.js" */

import { h } from "./dom.js";

const KEY = "vita-talk";
const ECHO_MARGIN = 0.15; // so much surer must the server be of a voice while it hears itself
/** @typedef {{ voice: string, volume: number, headphones: boolean, sensitivity: number, eagerness: string }} SettingValues */
/** @type {SettingValues} */
const DEFAULTS = { voice: "auto", volume: 1, headphones: false, sensitivity: 0.5, eagerness: "auto" };

export class Settings {
  /** @param {Say} say @param {string[]} voices @param {(name: keyof SettingValues) => void} changed hears of every change */
  constructor(say, voices, changed) {
    this.say = say;
    this.changed = changed;
    /** @type {SettingValues} */
    this.values = { ...DEFAULTS };
    try {
      Object.assign(this.values, JSON.parse(localStorage.getItem(KEY) ?? "{}"));
    } catch {
      // a browser that keeps nothing
    }
    if (!voices.includes(this.values.voice)) this.values.voice = voices[0] ?? "none";
    this.volume = this._range("volume", 0.05);
    this.element = h(
      "details",
      { class: "vt-card vt-settings" },
      h("summary", {}, say("settings")),
      this._choice("voice", voices),
      this._choice("eagerness", ["low", "auto", "high"]),
      h("label", { class: "vt-field" }, h("span", {}, say("sensitivity"), h("small", {}, say("sensitivity.info"))), this._range("sensitivity", 0.05)),
      h("label", { class: "vt-field vt-check" }, this._check("headphones"), h("span", {}, say("headphones"), h("small", {}, say("headphones.info")))),
    );
  }

  /** The `session.update` that asks for all of it; `spoken` is false where nothing can be played.
   * @param {boolean} spoken */
  session(spoken) {
    const { voice, headphones, sensitivity, eagerness } = this.values;
    return {
      type: "realtime",
      output_modalities: [spoken && voice !== "none" ? "audio" : "text"],
      audio: {
        input: { turn_detection: { type: "semantic_vad", eagerness }, transcription: { model: "vita" } },
        output: { voice },
      },
      vita: { sensitivity, echo_margin: headphones ? 0 : ECHO_MARGIN },
    };
  }

  /** @template {keyof SettingValues} Name @param {Name} name @param {SettingValues[Name]} value */
  _set(name, value) {
    this.values[name] = value;
    try {
      localStorage.setItem(KEY, JSON.stringify(this.values));
    } catch {
      // kept for this page alone
    }
    this.changed(name);
  }

  /** @param {"voice" | "eagerness"} name @param {string[]} values */
  _choice(name, values) {
    const options = values.map((value) => h("option", { value, selected: value === this.values[name] }, this.say(`${name}.${value}`)));
    const select = h("select", { onchange: () => this._set(name, select.value) }, options);
    return h("label", { class: "vt-field" }, h("span", {}, this.say(name)), select);
  }

  /** @param {"volume" | "sensitivity"} name @param {number} step */
  _range(name, step) {
    const value = this.values[name];
    const range = h("input", { type: "range", min: 0, max: 1, step, value, "aria-label": this.say(name), oninput: () => this._set(name, Number(range.value)) });
    return range;
  }

  /** @param {"headphones"} name */
  _check(name) {
    const box = h("input", { type: "checkbox", checked: this.values[name], onchange: () => this._set(name, box.checked) });
    return box;
  }
}
