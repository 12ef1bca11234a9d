// @ts-check
// What may speak in a microphone's place, and which file does. Builds the elements; knows nothing of what they do.

/** @import { Say, SourceExample } from "./types.js" */

import { h } from "./dom.js";

export class FileRow {
  /** @param {Say} say @param {SourceExample[]} examples */
  constructor(say, examples) {
    this.say = say;
    this.tries = examples.map((example) => ({ example, button: h("button", { type: "button" }, example.name) }));
    this.own = h("button", { type: "button" }, say("try.file"));
    this.chosen = h("input", { type: "file", accept: "audio/*,video/*", hidden: true });
    const buttons = this.tries.map(({ button }) => button);
    this.offers = h("div", { class: "vt-try", role: "group", "aria-label": say("try") }, h("small", {}, say("try")), buttons, this.own, this.chosen);
    this.name = h("span", {});
    this.bar = h("progress", { max: 1, value: 0, "aria-label": say("file.progress") });
    this.stop = h("button", { type: "button" }, say("file.stop"));
    this.playing = h("div", { class: "vt-playing", hidden: true }, this.name, this.bar, this.stop);
  }

  /** Show which file plays in the microphone's place; null where none does. @param {string | null} name */
  plays(name) {
    this.playing.hidden = name === null;
    this.name.textContent = name === null ? "" : this.say("file.plays", { name });
    this.bar.value = 0;
  }

  /** @param {number} share of the file that was played, 0..1 */
  played(share) {
    if (Number.isFinite(share)) this.bar.value = share;
  }
}
