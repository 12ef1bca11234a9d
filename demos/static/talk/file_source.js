// @ts-check
// Files in place of a microphone and a camera: played in real time, so that duplex can be tried without either.

/** @import { Say, SourceStep } from "./types.js" */
/** @import { Talk } from "./talk.js" */

import { h } from "./dom.js";

const AFTER = 1500; // ms that an answer has been heard when it is interrupted
const PAUSE = 1500; // ms of silence before a step that interrupts nobody

export class FileSource {
  /** @param {Say} say @param {Talk} talk */
  constructor(say, talk) {
    this.say = say;
    this.talk = talk;
    this.name = "";
    /** @type {SourceStep[]} */
    this.steps = []; // that are still to come
    /** @type {HTMLVideoElement | null} */
    this.element = null; // what is heard now
    /** @type {string | null} */
    this.own = null; // address of a visitor's file
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined; // until the next step
    const row = (this.row = talk.view.files);
    row.tries.forEach(({ button, example }) => (button.onclick = () => this.begin(example.steps, example.name)));
    row.own.onclick = () => row.chosen.click();
    row.chosen.onchange = () => this.open(row.chosen.files?.[0]);
    row.stop.onclick = () => this.over();
  }

  /** A file of the visitor's own. @param {File | undefined} file */
  async open(file) {
    this.row.chosen.value = "";
    if (!file) return;
    const url = URL.createObjectURL(file);
    if (await this.begin([{ url, interrupts: false, shows: null }], file.name)) this.own = url;
  }

  /** Begin a conversation that hears these, one after the other. @param {SourceStep[]} steps @param {string} name */
  async begin(steps, name) {
    if (!(await this.talk.begin("file"))) return false;
    this.name = name;
    this.steps = [...steps];
    this.row.plays(name);
    this.look();
    return true;
  }

  /** Something happened: is it time for the next step? */
  look() {
    const [step] = this.steps;
    if (!step || this.element || this.timer || !this.talk.wire?.open) return;
    const answers = this.talk.story.turns.some((turn) => turn.playing);
    const waits = this.talk.story.turns.some((turn) => turn.live || turn.playing);
    if (step.interrupts ? !answers : waits) return;
    this.timer = setTimeout(() => this._play(step), step.interrupts ? AFTER : PAUSE);
  }

  /** @param {SourceStep} step */
  _play(step) {
    this.timer = undefined;
    this.steps.shift();
    const element = (this.element = this._element(step.url));
    element.onended = () => this._ended();
    element.ontimeupdate = () => this.row.played(element.currentTime / element.duration);
    element.onloadeddata = () => element.videoWidth > 0 && this.talk.sights.watch(element);
    this.talk.desk.sound?.listenTo(element);
    if (step.shows) this._show(step.shows);
    element.play().catch(() => this._failed(element));
  }

  /** A clip that is seen while something else is heard. @param {string} url */
  _show(url) {
    const clip = this._element(url);
    clip.muted = true;
    clip.onended = () => this._unseen(clip);
    this.talk.sights.watch(clip);
    clip.play().catch(() => this._failed(this.element));
  }

  /** @param {string} url */
  _element(url) {
    const element = h("video", { src: url, playsinline: true, "aria-label": this.name });
    element.onerror = () => this._failed(this.element);
    return element;
  }

  /** @param {HTMLVideoElement | null} element */
  _failed(element) {
    if (element !== this.element || !element) return;
    const { name } = this;
    this.talk.end();
    this.talk.notice.show("file", this.say("trouble.file", { name }));
  }

  _ended() {
    this._unseen(this.element);
    this.element = null;
    if (this.steps.length) this.look();
    else this.over();
  }

  /** @param {HTMLVideoElement | null} clip that has ended */
  _unseen(clip) {
    if (clip && this.talk.sights.camera.clip === clip) this.talk.sights.watch(null);
  }

  /** Nothing more is said; a clip that is seen goes on, and so does the conversation. */
  over() {
    const { element } = this;
    this._rest();
    this._unseen(element);
    if (!this.talk.wire) return;
    this.talk.notice.show("file", this.say("file.over"), [[this.say("file.microphone"), () => this._microphone()]]);
  }

  async _microphone() {
    this.talk.notice.clear("file");
    await this.talk.desk.microphone();
    this.talk.set("turns");
  }

  stop() {
    this._rest();
    this.talk.sights.watch(null);
  }

  _rest() {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { element, own } = this;
    this.element = this.own = null;
    this.steps = [];
    element?.pause();
    this.row.plays(null);
    if (own) URL.revokeObjectURL(own);
  }
}
