// @ts-check
// A saved log, shown again: the same picture at any moment, in step with the recording where there is one.

/** @import { Board } from "./board.js" */
/** @import { LogLine, Say } from "./types.js" */
/** @import { Notice } from "./notice.js" */
/** @import { View } from "./view.js" */

import { h } from "./dom.js";
import { parseLog } from "./log.js";
import { Story } from "./story.js";

const LOOK = 100; // ms

export class Replay {
  /**
   * @param {Say} say @param {View} view @param {Board} board @param {Notice} notice
   * @param {() => void} closed is called when the visitor goes back
   */
  constructor(say, view, board, notice, closed) {
    this.say = say;
    this.view = view;
    this.board = board;
    this.notice = notice;
    this.closed = closed;
    this.on = false;
    /** @type {LogLine[]} */
    this.lines = [];
    this.story = new Story();
    this.told = 0; // lines
    this.at = this.end = 0; // seconds
    this.began = 0; // ms of the page's clock
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.timer = undefined;
    /** @type {HTMLAudioElement | null} */
    this.audio = null;
    view.keep.replay.onclick = () => view.keep.files.click();
    view.keep.files.onchange = () => this.open([...(view.keep.files.files ?? [])]);
    this.play = h("button", { type: "button", onclick: () => this.toggle() }, say("replay.play"));
    this.slider = h("input", { type: "range", min: 0, step: 0.05, value: 0, "aria-label": say("replay.at"), oninput: () => this.seek(Number(this.slider.value)) });
    this.clock = h("output", {}, "0.0 s");
    const back = h("button", { type: "button", class: "vt-quiet", onclick: () => this.close() }, say("replay.close"));
    view.player.append(this.play, this.slider, this.clock, back);
  }

  /** @param {File[]} files a log, and its recording where there is one */
  async open(files) {
    const log = files.find((file) => !file.name.endsWith(".wav"));
    const sound = files.find((file) => file.name.endsWith(".wav"));
    this.view.keep.files.value = "";
    if (!log) return;
    try {
      this.lines = parseLog(await log.text());
    } catch {
      this.notice.show("replay", this.say("replay.bad", { name: log.name }));
      return;
    }
    this.notice.clear("replay");
    this.stop();
    this.audio = sound ? new Audio(URL.createObjectURL(sound)) : null;
    this.end = this.lines[this.lines.length - 1].t;
    this.slider.max = String(this.end);
    this.view.player.hidden = false;
    this.on = true;
    this.rewind();
    this.seek(this.end);
  }

  close() {
    this.stop();
    if (this.audio) URL.revokeObjectURL(this.audio.src);
    this.audio = null;
    if (!this.on) return;
    this.on = false;
    this.view.player.hidden = true;
    this.board.timeline.window = 30;
    this.closed();
  }

  toggle() {
    if (this.timer) {
      this.stop();
      return;
    }
    if (this.at >= this.end) this.seek(0);
    this.play.textContent = this.say("replay.pause");
    this.began = performance.now() - 1000 * this.at;
    if (this.audio) {
      this.audio.currentTime = this.at;
      this.audio.play();
    }
    this.timer = setInterval(() => this.tick(), LOOK);
  }

  tick() {
    this.draw((performance.now() - this.began) / 1000);
    if (this.at >= this.end) this.stop();
  }

  stop() {
    clearInterval(this.timer);
    this.timer = undefined;
    this.audio?.pause();
    this.play.textContent = this.say("replay.play");
  }

  /** @param {number} at seconds */
  seek(at) {
    const playing = this.timer;
    this.stop();
    this.draw(at);
    if (playing) this.toggle();
  }

  rewind() {
    this.story = new Story();
    this.told = this.at = 0;
  }

  /** The picture as it was at a moment. @param {number} at seconds */
  draw(at) {
    if (at < this.at) this.rewind();
    this.at = Math.min(at, this.end);
    const { story, lines } = this;
    while (this.told < lines.length && lines[this.told].t <= this.at) story.add(lines[this.told++]);
    this.slider.value = String(this.at);
    this.clock.textContent = `${this.at.toFixed(1)} s`;
    this.board.timeline.window = Math.max(30, this.at >= this.end ? this.end : 30);
    this.view.timed(true);
    this.board.draw(story, this.at);
    const word = story.phase === "listening" && story.voice ? "hearing" : story.phase;
    this.view.now(story.phase, this.say(`phase.${word}`), null);
  }
}
