// @ts-check
// Who VITA is in a conversation: a persona's instructions or the visitor's own, how freely and how long it answers.

/** @import { Persona, Say } from "./types.js" */

import { h } from "./dom.js";

const TYPED = 600; // ms without a key after which what was typed counts
const OWN = ""; // the choice of no persona
export const LONGEST = 512; // tokens that a server allows at most
const LEAST = 8;
const HOT = 2;

/** @typedef {{ persona: string, instructions: string, own: string, temperature: number, longest: number }} CharacterValues  `own` are
 *   the visitor's own instructions, which come back behind a persona's. */
const PLAIN = { temperature: 0, longest: LONGEST };
/** @type {CharacterValues} */
export const CHARACTER = { persona: OWN, instructions: "", own: "", ...PLAIN };

export class Character {
  /** @param {Say} say @param {Persona[]} personas @param {CharacterValues} values which it changes
   * @param {(voice: string | null) => void} changed hears of every change, with the voice that a persona wants */
  constructor(say, personas, values, changed) {
    this.say = say;
    this.personas = personas;
    this.values = values;
    this.changed = changed;
    if (!personas.some(({ name }) => name === values.persona)) values.persona = OWN;
    const choices = [h("option", { value: OWN }, say("persona.own")), ...personas.map(({ name }) => h("option", { value: name }, name))];
    this.persona = h("select", { onchange: () => this.choose(this.persona.value) }, choices);
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.text = h("textarea", { rows: 4, maxlength: 4000, placeholder: say("instructions.empty"), oninput: () => this._later(), onchange: () => this._write() });
    this.temperature = this._number("temperature", 0, HOT, 0.1);
    this.longest = this._number("longest", LEAST, LONGEST, 1);
    this.element = h(
      "details",
      { class: "vt-card vt-settings vt-character" },
      h("summary", {}, say("character")),
      h("label", { class: "vt-field" }, h("span", {}, say("persona")), this.persona),
      h("label", { class: "vt-block" }, h("span", {}, say("instructions")), this.text),
      h("label", { class: "vt-field" }, h("span", {}, say("temperature"), h("small", {}, say("temperature.info"))), this.temperature),
      h("label", { class: "vt-field" }, h("span", {}, say("longest"), h("small", {}, say("longest.info", { most: LONGEST }))), this.longest),
    );
    this._show();
  }

  /** Be a persona, or no one in particular. @param {string} name */
  choose(name) {
    const persona = this.personas.find((one) => one.name === name);
    Object.assign(this.values, PLAIN, { persona: persona ? name : OWN, instructions: persona ? persona.instructions : this.values.own });
    this.values.temperature = persona?.temperature ?? PLAIN.temperature;
    this.values.longest = Math.min(persona?.longest ?? LONGEST, LONGEST);
    this._show();
    this.changed(persona?.voice ?? null);
  }

  _show() {
    this.persona.value = this.values.persona;
    this.text.value = this.values.instructions;
    this.temperature.value = String(this.values.temperature);
    this.longest.value = String(this.values.longest);
  }

  _later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this._write(), TYPED);
  }

  _write() {
    clearTimeout(this.timer);
    if (this.text.value === this.values.instructions) return;
    this.values.instructions = this.text.value;
    if (this.values.persona === OWN) this.values.own = this.text.value;
    this.changed(null);
  }

  /** @param {"temperature" | "longest"} name @param {number} min @param {number} max @param {number} step */
  _number(name, min, max, step) {
    const field = h("input", { type: "number", min, max, step, inputmode: "decimal", onchange: () => this._take(field, name, { min, max, step }) });
    return field;
  }

  /** @param {HTMLInputElement} field @param {"temperature" | "longest"} name @param {{ min: number, max: number, step: number }} range */
  _take(field, name, { min, max, step }) {
    const value = field.valueAsNumber; // NaN of what is no number
    if (value >= min && value <= max && (step < 1 || Number.isInteger(value))) {
      this.values[name] = value;
      this.changed(null);
    } else {
      this._refuse(field, name, min, max);
    }
  }

  /** Say what can be; the value before stays. @param {HTMLInputElement} field @param {"temperature" | "longest"} name @param {number} min @param {number} max */
  _refuse(field, name, min, max) {
    field.setCustomValidity(this.say("number.range", { min, max }));
    field.reportValidity();
    field.setCustomValidity("");
    field.value = String(this.values[name]);
  }
}
