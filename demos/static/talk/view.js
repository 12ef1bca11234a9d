// @ts-check
// How the tab is laid out. Builds the elements and hands them out by name; knows nothing of what they do.

/** @import { Notice } from "./notice.js" */
/** @import { Settings } from "./settings.js" */
/** @import { Board } from "./board.js" */
/** @import { Say, SourceExample } from "./types.js" */

import { h, icon } from "./dom.js";
import { FileRow } from "./file_row.js";
import { KeepCard } from "./keep_card.js";

export class View {
  /** @param {Say} say @param {{ notice: Notice, settings: Settings, board: Board, examples: SourceExample[] }} parts */
  constructor(say, { notice, settings, board, examples }) {
    this.say = say;
    this.conversation = false; // whether one is shown
    this.start = h("button", { type: "button", class: "vt-start" }, icon("mic"), h("span", {}, say("start")));
    this.fresh = h("button", { type: "button", class: "vt-quiet", hidden: true }, say("fresh"));
    this.phase = h("div", { class: "vt-phase", role: "status" });
    this.bar = h("i");
    this.meter = h("div", { class: "vt-meter", role: "meter", "aria-label": say("level"), "aria-valuemin": 0, "aria-valuemax": 100 }, this.bar);
    this.hold = h("button", { type: "button", class: "vt-hold", hidden: true, "aria-pressed": "false" }, icon("mic"), h("span", {}, say("hold")), h("small", {}, say("hold.key")));
    this.mute = this._tool("mic", "mute", true);
    this.camera = this._tool("camera", "camera", true);
    this.hush = this._tool("stop", "hush", false);
    this.video = h("video", { muted: true, playsinline: true, "aria-label": say("camera.label") });
    this.video.muted = true;
    this.flip = h("button", { type: "button", class: "vt-quiet" }, say("camera.flip"));
    this.frames = h("div", { class: "vt-thumbs" }, h("small", {}, say("camera.none")));
    this.text = h("input", { type: "text", placeholder: say("type"), "aria-label": say("type"), autocomplete: "off", enterkeyhint: "send" });
    this.form = h("form", { class: "vt-form" }, this.text, h("button", { type: "submit", "aria-label": say("send"), title: say("send") }, icon("send")));
    this.keep = new KeepCard(say);
    this.player = h("div", { class: "vt-replay", hidden: true });
    this.cameraCard = h("section", { class: "vt-card vt-camera", hidden: true }, h("div", {}, this.video), h("div", {}, h("h3", {}, say("camera.frames"), this.flip), this.frames));
    this.timeline = h("section", { class: "vt-card vt-timed", hidden: true }, h("h3", {}, say("timeline")), board.timeline.element);
    this.files = new FileRow(say, examples);
    const louder = h("label", { class: "vt-volume", title: say("volume") }, icon("volume"), settings.volume);
    this.element = h(
      "div",
      { class: "vt", "data-phase": "idle" },
      notice.element,
      h(
        "section",
        { class: "vt-bar" },
        h("div", { class: "vt-begin" }, this.start, this.fresh),
        h("div", { class: "vt-now" }, this.phase, this.meter),
        this.hold,
        h("div", { class: "vt-tools" }, this.hush, this.mute, this.camera, louder),
        h("div", { class: "vt-ways" }, settings.turns, this.files.offers, this.files.playing),
      ),
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
          settings.character.element,
          this.keep.element,
        ),
      ),
    );
    settings.devices.level = (loudest) => this.level(loudest);
    settings.devices.trying = (on) => this.element.classList.toggle("tries", on);
    settings.devices.failed = (kind) => notice.trouble(kind, []);
  }

  /** @param {Parameters<typeof icon>[0]} shape @param {string} word @param {boolean} pressed whether it stays pressed */
  _tool(shape, word, pressed) {
    const say = this.say(word);
    return h("button", { type: "button", class: "vt-tool", title: say, "aria-label": say, "aria-pressed": pressed ? "false" : null, disabled: true }, icon(shape));
  }

  /** Show whether a conversation runs. @param {boolean} on */
  running(on) {
    this.start.replaceChildren(icon(on ? "end" : "mic"), h("span", {}, this.say(on ? "end" : this.conversation ? "go_on" : "start")));
    this.start.classList.toggle("on", on);
    this.camera.disabled = this.mute.disabled = this.hold.disabled = !on;
    this.fresh.hidden = on || !this.conversation;
    this.files.offers.hidden = on;
    this.element.classList.toggle("on", on);
  }

  /** Show what is there to be kept. @param {boolean} conversation @param {boolean} sound whether there is a recording of it */
  kept(conversation, sound) {
    this.conversation = conversation;
    this.keep.offer(conversation, sound);
    this.running(this.element.classList.contains("on"));
  }

  /** Offer the button that is held while one talks, in place of the one that mutes. @param {boolean} on */
  pushes(on) {
    this.hold.hidden = !on;
    this.mute.hidden = on;
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
