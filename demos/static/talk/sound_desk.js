// @ts-check
// All that a conversation hears and plays: one microphone or file, one loudspeaker, and what may go wrong with them.

/** @import { PlayerReport, Say, SoundEvent, SoundFrame } from "./types.js" */
/** @import { Notice } from "./notice.js" */
/** @import { Settings } from "./settings.js" */
/** @import { View } from "./view.js" */

import { Sound, Trouble, openMicrophone } from "./sound.js";

/** @typedef {{ frame: (frame: SoundFrame) => void, played: (report: PlayerReport) => void, muted: (on: boolean) => void,
 *   again: () => void, without: () => void }} DeskTell  Hears what happens; `again` and `without` begin a conversation with and
 *   without a microphone. */

export class SoundDesk {
  /** @param {Say} say @param {{ notice: Notice, settings: Settings, view: View }} parts @param {DeskTell} tell */
  constructor(say, { notice, settings, view }, tell) {
    this.say = say;
    this.notice = notice;
    this.settings = settings;
    this.view = view;
    this.tell = tell;
    /** @type {Sound | null} */
    this.sound = null;
    this.muted = false;
    this.held = false; // the button of push to talk
    this.files = false; // files take the microphone's place
    navigator.mediaDevices?.addEventListener?.("devicechange", () => this._devicesChanged());
    document.addEventListener("visibilitychange", () => document.hidden || this.wake());
  }

  /** Whether what is said is recorded. */
  get records() {
    return this.sound !== null && (this.sound.stream !== null || this.files);
  }

  /** Begin to hear and play; must be called in a gesture. False where it cannot, which is told.
   * @param {"microphone" | "file" | "nothing"} source */
  async begin(source) {
    try {
      const stream = source === "microphone" ? await openMicrophone(this.settings.values.microphone) : null;
      this.sound = new Sound((event) => this._sounded(event), stream);
      await this.sound.start();
      this.files = source === "file";
    } catch (error) {
      this.end();
      if (!(error instanceof Trouble)) console.error(error);
      if (source === "nothing") return true; // to read
      this.notice.trouble(error instanceof Trouble ? error.kind : "unsupported", [[this.say("again"), this.tell.again], [this.say("without"), this.tell.without]]);
      return false;
    }
    this.sound.volume(this.settings.values.volume);
    this.playThrough();
    this.mute(this.muted);
    return true;
  }

  /** Say that the browser has paused the sound, if it has. */
  check() {
    if (this.sound?.context?.state === "suspended") this._paused();
  }

  end() {
    this.sound?.stop();
    this.sound = null;
    this.held = this.files = false;
    this.view.level(0);
  }

  /** @param {boolean} on */
  mute(on) {
    this.muted = on;
    this.apply();
    this.view.muted(on);
    this.tell.muted(on);
  }

  /** Let the microphone be heard while a button is held. @param {boolean} on */
  hold(on) {
    this.held = on;
    this.apply();
  }

  /** Be deaf or hear, as the visitor has chosen. */
  apply() {
    const push = this.settings.push && !this.files;
    this.sound?.mute(push ? !this.held : this.muted);
  }

  /** Play through the chosen loudspeaker, else through the default one. */
  async playThrough() {
    const { speaker } = this.settings.values;
    if (!this.sound || (await this.sound.playThrough(speaker))) return;
    await this.sound?.playThrough("");
    this.notice.show("speaker", this.say("trouble.speaker"));
  }

  /** Take the microphone again: it was lost, or another one was chosen. */
  async microphone() {
    try {
      const stream = await openMicrophone(this.settings.values.microphone);
      if (!this.sound) return stream.getTracks().forEach((track) => track.stop()); // it ended meanwhile
      this.files = false;
      this.sound.listen(stream);
      this.apply();
      this.notice.clear("lost", "missing", "busy", "denied", "chosen");
    } catch (error) {
      this.notice.trouble(error instanceof Trouble ? error.kind : "missing", [[this.say("again"), () => this.microphone()]]);
    }
  }

  async wake() {
    if (this.sound && (await this.sound.resume())) this.notice.clear("suspended");
  }

  /** @param {SoundEvent} event */
  _sounded(event) {
    if (event.kind === "frame") {
      this.tell.frame(event);
    } else if (event.kind === "context") {
      if (event.state === "running") this.notice.clear("suspended");
      else this._paused();
    } else if (event.kind === "lost") {
      this.notice.trouble("lost", [[this.say("again"), () => this.microphone()]]);
    } else {
      this.tell.played(event);
    }
  }

  _devicesChanged() {
    if (this.notice.kind === "lost" || this.notice.kind === "chosen") this.microphone();
    if (this.settings.values.speaker) this.playThrough();
  }

  _paused() {
    if (this.sound) this.notice.show("suspended", this.say("trouble.suspended"), [[this.say("trouble.resume"), () => this.wake()]]);
  }
}
