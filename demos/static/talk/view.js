// @ts-check
// How the tab is laid out. Builds the elements and hands them out by name; knows nothing of what they do.

/** @import { Notice } from "./notice.js" */
/** @import { Settings } from "./settings.js" */
/** @import { Board } from "./board.js" */
/** @import { Say } from "./types.js" */

import { h, icon } from "./dom.js";

export class View {
  /** @param {Say} say @param {{ notice: Notice, settings: Settings, board: Board, volume: HTMLElement }} parts */
  constructor(say, { notice, settings, board, volume }) {
    this.say = say;
    this.start = h("button", { type: "button", class: "vt-start" }, icon("mic"), h("span", {}, say("start")));
    this.phase = h("div", { class: "vt-phase", role: "status" });
    this.bar = h("i");
    this.meter = h("div", { class: "vt-meter", role: "meter", "aria-label": say("level"), "aria-valuemin": 0, "aria-valuemax": 100 }, this.bar);
    this.mute = this._tool("mic", "mute", true);
    this.camera = this._tool("camera", "camera", true);
    this.hush = this._tool("stop", "hush", false);
    this.video = h("video", { muted: true, playsinline: true, "aria-label": say("camera.label") });
    this.video.muted = true;
    this.flip = h("button", { type: "button", class: "vt-quiet" }, say("camera.flip"));
    this.frames = h("div", { class: "vt-thumbs" }, h("small", {}, say("camera.none")));
    this.text = h("input", { type: "text", placeholder: say("type"), "aria-label": say("type"), autocomplete: "off", enterkeyhint: "send" });
    this.form = h("form", { class: "vt-form" }, this.text, h("button", { type: "submit", "aria-label": say("send"), title: say("send") }, icon("send")));
    this.sound = h("button", { type: "button", disabled: true }, icon("down"), say("keep.sound"));
    this.log = h("button", { type: "button", disabled: true }, icon("down"), say("keep.log"));
    this.files = h("input", { type: "file", multiple: true, accept: ".jsonl,.wav", hidden: true });
    this.replay = h("button", { type: "button", title: say("replay.info") }, say("replay"));
    this.player = h("div", { class: "vt-replay", hidden: true });
    this.cameraCard = h("section", { class: "vt-card vt-camera", hidden: true }, this.video, h("div", {}, h("h3", {}, say("camera.frames"), this.flip), this.frames));
    this.timeline = h("section", { class: "vt-card vt-timed", hidden: true }, h("h3", {}, say("timeline")), board.timeline.element);
    const louder = h("label", { class: "vt-volume", title: say("volume") }, icon("volume"), volume);
    this.element = h(
      "div",
      { class: "vt", "data-phase": "idle" },
      notice.element,
      h("section", { class: "vt-bar" }, this.start, h("div", { class: "vt-now" }, this.phase, this.meter), h("div", { class: "vt-tools" }, this.hush, this.mute, this.camera, louder)),
      this.player,
      this.timeline,
      h(
        "div",
        { class: "vt-main" },
        h("section", { class: "vt-card vt-talk" }, board.transcript.element, this.form),
        h(
          "aside",
          {},
          this.cameraCard,
          h("section", { class: "vt-card" }, h("h3", {}, say("latency")), board.waterfall.element),
          settings.element,
          h("section", { class: "vt-card vt-keep" }, h("h3", {}, say("keep")), h("div", {}, this.sound, this.log, this.replay), h("small", {}, say("keep.info")), this.files),
        ),
      ),
    );
  }

  /** @param {Parameters<typeof icon>[0]} shape @param {string} word @param {boolean} pressed whether it stays pressed */
  _tool(shape, word, pressed) {
    const say = this.say(word);
    return h("button", { type: "button", class: "vt-tool", title: say, "aria-label": say, "aria-pressed": pressed ? "false" : null, disabled: true }, icon(shape));
  }

  /** Show whether a conversation runs. @param {boolean} on */
  running(on) {
    this.start.replaceChildren(icon(on ? "end" : "mic"), h("span", {}, this.say(on ? "end" : "start")));
    this.start.classList.toggle("on", on);
    this.camera.disabled = this.mute.disabled = !on;
    this.element.classList.toggle("on", on);
  }

  /** @param {boolean} on */
  muted(on) {
    const word = this.say(on ? "unmute" : "mute");
    this.mute.replaceChildren(icon(on ? "muted" : "mic"));
    this.mute.setAttribute("aria-pressed", String(on));
    this.mute.setAttribute("aria-label", word);
    this.mute.title = word;
  }

  /** @param {boolean} on */
  seeing(on) {
    this.cameraCard.hidden = !on;
    this.camera.setAttribute("aria-pressed", String(on));
    const word = this.say(on ? "camera.off" : "camera");
    this.camera.setAttribute("aria-label", word);
    this.camera.title = word;
  }

  /** Show the timeline once there is something on it. @param {boolean} on */
  timed(on) {
    this.timeline.hidden = !on;
  }

  /** The loudest sample of a frame, 0..1, as a bar in decibels. @param {number} loudest */
  level(loudest) {
    const share = Math.max(0, Math.min(1, 1 + Math.log10(Math.max(loudest, 1e-4)) / 2.5));
    this.bar.style.transform = `scaleX(${share.toFixed(3)})`;
    this.meter.setAttribute("aria-valuenow", String(Math.round(100 * share)));
  }

  /** What goes on, in a word. @param {string} phase @param {string} word @param {string | null} state the state token's name */
  now(phase, word, state) {
    this.element.dataset.phase = phase;
    const badge = state ? h("span", { class: `vt-badge ${state}` }, this.say(`state.${state}`)) : null;
    const shown = `${word} ${state}`;
    if (this.phase.dataset.shown === shown) return;
    this.phase.dataset.shown = shown;
    this.phase.replaceChildren(...[h("b", {}, word), badge].filter((part) => part !== null));
  }
}
