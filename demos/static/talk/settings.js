// @ts-check
// What a visitor may set, kept in the browser; and what it means for the server.

/** @import { CharacterValues } from "./character.js" */
/** @import { Say, TalkConfig } from "./types.js" */

import { CHARACTER, Character, LONGEST } from "./character.js";
import { Devices } from "./devices.js";
import { h } from "./dom.js";

const KEY = "vita-talk";
const ECHO_MARGIN = 0.15; // so much surer must the server be of a voice while it hears itself
/** @typedef {{ voice: string, volume: number, headphones: boolean, sensitivity: number, eagerness: string, turns: "free" | "push",
 *   microphone: string, speaker: string } & CharacterValues} SettingValues */
/** @type {SettingValues} */
const DEFAULTS = { voice: "auto", volume: 1, headphones: false, sensitivity: 0.5, eagerness: "auto", turns: "free", microphone: "", speaker: "", ...CHARACTER };

export class Settings {
  /** @param {Say} say @param {TalkConfig} config @param {(name: keyof SettingValues) => void} changed hears of every change */
  constructor(say, { voices, personas }, changed) {
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
    this.devices = new Devices(say, this.values, (role, id) => this._set(role, id));
    this.character = new Character(say, personas, this.values, (voice) => this._become(voice, voices));
    this.turns = this._turns();
    this.voice = this._choice("voice", voices);
    this.element = h(
      "details",
      { class: "vt-card vt-settings" },
      h("summary", {}, say("settings")),
      this.devices.element,
      this._field("voice", this.voice),
      this._field("eagerness", this._choice("eagerness", ["low", "auto", "high"])),
      h("label", { class: "vt-field" }, h("span", {}, say("sensitivity"), h("small", {}, say("sensitivity.info"))), this._range("sensitivity", 0.05)),
      h("label", { class: "vt-field vt-check" }, this._check("headphones"), h("span", {}, say("headphones"), h("small", {}, say("headphones.info")))),
    );
  }

  /** Whether a button says when one talks. */
  get push() {
    return this.values.turns === "push";
  }

  /** The `session.update` that asks for all of it.
   * @param {boolean} spoken false where nothing can be played @param {boolean} push turns are what is said with a button held */
  session(spoken, push) {
    const { voice, headphones, sensitivity, eagerness, instructions, temperature, longest } = this.values;
    return {
      type: "realtime",
      output_modalities: [spoken && voice !== "none" ? "audio" : "text"],
      instructions: instructions.trim() || null,
      max_output_tokens: longest < LONGEST ? longest : "inf",
      audio: {
        input: { turn_detection: push ? null : { type: "semantic_vad", eagerness }, transcription: { model: "vita" } },
        output: { voice },
      },
      vita: { sensitivity, echo_margin: headphones ? 0 : ECHO_MARGIN, temperature },
    };
  }

  /** Be another character, with its voice where it has one that is here. @param {string | null} voice @param {string[]} voices */
  _become(voice, voices) {
    if (voice && voices.includes(voice)) {
      this.values.voice = voice;
      this.voice.value = voice;
    }
    this._set("persona", this.values.persona);
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

  /** How a turn begins and ends, as two buttons of which one is pressed. */
  _turns() {
    const choices = /** @type {("free" | "push")[]} */ (["free", "push"]);
    const boxes = choices.map((value) =>
      h("label", {}, h("input", { type: "radio", name: "vt-turns", value, checked: this.values.turns === value, onchange: () => this._set("turns", value) }), h("span", {}, this.say(`turns.${value}`))),
    );
    return h("div", { class: "vt-turns", role: "radiogroup", "aria-label": this.say("turns") }, boxes);
  }

  /** @param {string} name @param {HTMLElement} control */
  _field(name, control) {
    return h("label", { class: "vt-field" }, h("span", {}, this.say(name)), control);
  }

  /** @param {"voice" | "eagerness"} name @param {string[]} values */
  _choice(name, values) {
    const options = values.map((value) => h("option", { value, selected: value === this.values[name] }, this.say(`${name}.${value}`)));
    const select = h("select", { onchange: () => this._set(name, select.value) }, options);
    return select;
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
