// @ts-check
// Turns that are spoken with a button held: what was said meanwhile is a question, whatever voice activity thinks of it.

/** @import { Say } from "./types.js" */
/** @import { Talk } from "./talk.js" */

import { RATE } from "./player.js";
import { PushToTalk } from "./push_to_talk.js";

const SHORT = 0.3; // s; who holds it no longer has only clicked
const TAIL = 200; // ms that are still heard after the button, for people let go early
const QUIET = 0.01; // of full scale, which no voice near a microphone stays below

export class HeldTurns {
  /** @param {Say} say @param {Talk} talk */
  constructor(say, talk) {
    this.say = say;
    this.talk = talk;
    this.from = 0; // seconds of the recording
    this.loudest = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.tail = undefined;
    this.button = new PushToTalk(talk.view.hold, { press: () => this.press(), release: () => this.release() });
  }

  /** Listen from now on; an answer that is being spoken ends. */
  press() {
    const { wire, desk, recording, notice } = this.talk;
    if (!wire || !desk.records || !recording) return false;
    if (this.tail !== undefined) this.finish();
    notice.clear("held");
    this.talk.hush();
    this.from = recording.samples;
    this.loudest = 0;
    wire.post({ type: "input_audio_buffer.clear" });
    desk.hold(true);
    return true;
  }

  release() {
    this.tail = setTimeout(() => this.finish(), TAIL);
  }

  /** @param {number} loudest sample of a frame, 0..1 */
  frame(loudest) {
    this.loudest = Math.max(this.loudest, loudest);
  }

  /** Ask what was said, if anything was. */
  finish() {
    const { wire, desk, recording } = this.talk;
    this.drop();
    if (!wire || !recording) return;
    desk.hold(false);
    const seconds = (recording.samples - this.from) / RATE;
    const why = seconds < SHORT + TAIL / 1000 ? "held.short" : this.loudest < QUIET ? "held.silent" : null;
    if (why) {
      this.talk.notice.tell("held", this.say(why));
      wire.post({ type: "input_audio_buffer.clear" });
      return;
    }
    this.talk.note({ type: "page.held", from: this.from / RATE, seconds });
    wire.post({ type: "input_audio_buffer.commit" });
    wire.post({ type: "response.create" });
  }

  /** Ask nothing. */
  drop() {
    clearTimeout(this.tail);
    this.tail = undefined;
  }
}
