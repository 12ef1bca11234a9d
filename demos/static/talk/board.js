// @ts-check
// What shows a story: the timeline, the transcript and the table of latencies, drawn together.

/** @import { Story } from "./story.js" */
/** @import { Say } from "./types.js" */

import { Timeline } from "./timeline.js";
import { Transcript } from "./transcript.js";
import { Waterfall } from "./waterfall.js";

export class Board {
  /** @param {Say} say @param {(id: string) => string | null} picture the address of a camera picture, null where it is not kept */
  constructor(say, picture) {
    this.timeline = new Timeline(say);
    this.transcript = new Transcript(say, picture);
    this.waterfall = new Waterfall(say);
  }

  /** Draw what happened until `now`, in seconds. @param {Story} story @param {number} now */
  draw(story, now) {
    this.timeline.draw(story, now);
    this.transcript.draw(story);
    this.waterfall.draw(story);
  }
}
