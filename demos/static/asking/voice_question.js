// @ts-check
// "Ask by voice" beside the box: press and speak; a release, a second press or a pause sends the question.

import { toWav } from "../talk/pcm.js";
import { Sound, Trouble, openMicrophone } from "../talk/sound.js";
import { giveFile, shownBox, sendBox } from "./box_gestures.js";
import { FRAME, SpeechPause } from "./speech_pause.js";

/** @import { SoundEvent } from "../talk/types.js" */
/** @typedef {Record<string, string>} VoiceWords */

const RATE = 24_000; // Hz, of the worklet's frames
const HELD = 400; // ms from which on a press is a hold, which ends with its release
const LONGEST = 120; // seconds

/** Put the button into its place. @param {HTMLElement} root */
export function offerVoice(root) {
  new VoiceQuestion(root, JSON.parse(document.getElementById("script-words")?.textContent ?? "{}").asking);
}

class VoiceQuestion {
  /** @param {HTMLElement} root of the tab's button @param {VoiceWords} words */
  constructor(root, words) {
    this.root = root;
    this.words = words;
    /** @type {Sound | null} */
    this.sound = null;
    this.state = /** @type {"idle" | "asking" | "recording" | "sending"} */ ("idle");
    /** @type {Int16Array[]} */
    this.frames = [];
    this.pause = new SpeechPause();
    this.pressed = 0;
    this.button = document.createElement("button");
    this.button.type = "button";
    this.button.className = "voice-press";
    this.cancel = document.createElement("button");
    this.cancel.type = "button";
    this.cancel.className = "voice-cancel";
    this.cancel.textContent = words.cancel;
    this.note = document.createElement("span");
    this.note.className = "voice-note";
    this.note.setAttribute("role", "status");
    this.meter = document.createElement("span");
    this.meter.className = "voice-meter";
    this.meter.setAttribute("aria-hidden", "true");
    root.replaceChildren(this.button, this.meter, this.note, this.cancel);
    this.button.addEventListener("pointerdown", (event) => event.button === 0 && this._press(event));
    this.button.addEventListener("pointerup", () => this._release());
    this.button.addEventListener("pointercancel", () => this._release());
    this.button.addEventListener("click", ({ detail }) => detail === 0 && this._toggle()); // of the keyboard
    this.cancel.addEventListener("click", () => this._stop("idle"));
    document.addEventListener("keydown", ({ key }) => key === "Escape" && this.state !== "idle" && this._stop("idle"));
    this._show("idle");
  }

  /** @param {PointerEvent} event */
  _press(event) {
    event.preventDefault();
    this.button.setPointerCapture(event.pointerId);
    this.button.focus();
    this.pressed = this.state === "idle" ? performance.now() : 0;
    this._toggle();
  }

  _release() {
    const held = this.pressed && performance.now() - this.pressed >= HELD;
    this.pressed = 0;
    if (held && this.state === "recording") this._finish();
  }

  _toggle() {
    if (this.state === "idle") this._begin();
    else if (this.state === "recording") this._finish();
  }

  async _begin() {
    this._show("asking");
    try {
      const stream = await openMicrophone("");
      this.sound = new Sound((event) => this._heard(event), stream);
      if (this.state !== "asking") return this._stop("idle");
      this.frames = [];
      this.pause = new SpeechPause();
      await this.sound.start();
      this._show("recording");
    } catch (error) {
      this._stop("idle", this.words[`microphone.${error instanceof Trouble ? error.kind : "unsupported"}`]);
    }
  }

  /** @param {SoundEvent} event */
  _heard(event) {
    if (event.kind === "lost") this._stop("idle", this.words["microphone.lost"]);
    if (event.kind !== "frame" || this.state !== "recording") return;
    this.frames.push(event.mic);
    this.pause.hear(event.loudest);
    this.meter.style.setProperty("--level", this.pause.level.toFixed(2));
    const seconds = Math.floor(this.frames.length * FRAME);
    const said = this.pause.heard || seconds < 3 ? this.words.recording : this.words.quiet;
    this._note(said.replace("{time}", `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`));
    const held = this.pressed && performance.now() - this.pressed >= HELD;
    if ((this.pause.ended && !held) || seconds >= LONGEST) this._finish();
  }

  async _finish() {
    const { frames, pause } = this;
    if (!pause.heard) return this._stop("idle", this.words.silent);
    this._stop("sending");
    const name = `${this.words.file} ${new Date().toLocaleTimeString().replaceAll(":", ".")}.wav`;
    const box = shownBox();
    const told = box && (await giveFile(box, new File([toWav(frames, frames, RATE)], name, { type: "audio/wav" })));
    if (told) sendBox(box);
    this._stop("idle", told ? "" : this.words.unsent);
  }

  /** End the recording. @param {"idle" | "sending"} state @param {string} [note] */
  _stop(state, note = "") {
    this.sound?.stop();
    this.sound = null;
    this._show(state);
    this._note(note);
  }

  /** @param {VoiceQuestion["state"]} state */
  _show(state) {
    this.state = state;
    this.root.dataset.state = state;
    const name = state === "recording" ? this.words.send : this.words.ask;
    this.button.textContent = name;
    this.button.setAttribute("aria-pressed", String(state === "recording"));
    this.button.disabled = state === "sending";
    if (state === "sending") this._note(this.words.sending);
  }

  /** @param {string} text */
  _note(text) {
    if (this.note.textContent !== text) this.note.textContent = text;
  }
}
