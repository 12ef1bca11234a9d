// A saved log, shown again: the same picture at any moment, in step with the recording where there is one.

import { h } from "./dom.js";
import { parseLog } from "./log.js";
import { Story } from "./story.js";

const LOOK = 100; // ms

export class Replay {
  /** `closed()` is called when the visitor goes back. */
  constructor(say, view, board, notice, closed) {
    Object.assign(this, { say, view, board, notice, closed });
    this.on = false;
    this.lines = [];
    this.rewind();
    this.audio = null;
    view.replay.onclick = () => view.files.click();
    view.files.onchange = () => this.open([...view.files.files]);
    this.play = h("button", { type: "button", onclick: () => this.toggle() }, say("replay.play"));
    this.slider = h("input", { type: "range", min: 0, step: 0.05, value: 0, "aria-label": say("replay.at"), oninput: () => this.seek(Number(this.slider.value)) });
    this.clock = h("output", {}, "0.0 s");
    const back = h("button", { type: "button", class: "vt-quiet", onclick: () => this.close() }, say("replay.close"));
    view.player.append(this.play, this.slider, this.clock, back);
  }

  async open(files) {
    const log = files.find((file) => !file.name.endsWith(".wav"));
    const sound = files.find((file) => file.name.endsWith(".wav"));
    this.view.files.value = "";
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
    this.end = this.lines.at(-1).t;
    this.slider.max = this.end;
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
    this.timer = null;
    this.audio?.pause();
    this.play.textContent = this.say("replay.play");
  }

  seek(at) {
    const playing = this.timer;
    this.stop();
    this.draw(at);
    if (playing) this.toggle();
  }

  rewind() {
    this.story = new Story();
    this.told = this.at = 0; // lines, seconds
  }

  /** The picture as it was at a moment. */
  draw(at) {
    if (at < this.at) this.rewind();
    this.at = Math.min(at, this.end);
    const { story, lines } = this;
    while (this.told < lines.length && lines[this.told].t <= this.at) story.add(lines[this.told++]);
    this.slider.value = this.at;
    this.clock.textContent = `${this.at.toFixed(1)} s`;
    this.board.timeline.window = Math.max(30, this.at >= this.end ? this.end : 30);
    this.view.timed(true);
    this.board.timeline.draw(story, this.at);
    this.board.transcript.draw(story);
    this.board.waterfall.draw(story);
    const word = story.phase === "listening" && story.voice ? "hearing" : story.phase;
    this.view.now(story.phase, this.say(`phase.${word}`), null);
  }
}
