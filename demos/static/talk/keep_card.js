// @ts-check
// The card with what a conversation leaves: its recording, transcript and log. Builds the elements; knows nothing of what they do.

/** @import { Say } from "./types.js" */

import { h, icon } from "./dom.js";

export class KeepCard {
  /** @param {Say} say */
  constructor(say) {
    const button = (/** @type {string} */ word) => h("button", { type: "button", disabled: true }, icon("down"), say(word));
    this.sound = button("keep.sound");
    this.captions = button("keep.captions");
    this.text = button("keep.text");
    this.log = button("keep.log");
    this.replay = h("button", { type: "button", title: say("replay.info") }, say("replay"));
    this.files = h("input", { type: "file", multiple: true, accept: ".jsonl,.wav", hidden: true });
    this.info = h("small", {}, say("keep.info"));
    const buttons = h("div", {}, this.sound, this.text, this.captions, this.log, this.replay);
    this.element = h("section", { class: "vt-card vt-keep" }, h("h3", {}, say("keep")), buttons, this.info, this.files);
  }

  /** @param {boolean} conversation whether there is one @param {boolean} sound whether there is a recording of it */
  offer(conversation, sound) {
    this.text.disabled = this.captions.disabled = this.log.disabled = !conversation;
    this.sound.disabled = !conversation || !sound;
  }
}
