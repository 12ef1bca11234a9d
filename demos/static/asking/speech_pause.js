// @ts-check
// Whether a recording holds speech, and whether its speaker has come to an end. Pure: time is the frames it is given.

export const FRAME = 0.03; // seconds of sound in a frame
const AUDIBLE = 0.02; // peak of a frame that can be speech, of 1
const LOUD = 0.08; // peak of one that is, in whatever room
const ABOVE = 3; // so many times louder than the room's quiet
const SPOKEN = 6; // frames of speech that are an utterance
const PAUSE = 1.4; // seconds of quiet that end one
const RISING = 1.01; // how fast the room's quiet may rise with each frame

export class SpeechPause {
  constructor() {
    this.room = 0; // peak of its quiet
    this.spoken = this.quiet = 0; // frames
    this.level = 0; // of the last frame, 0..1 as it is drawn
  }

  /** @param {number} peak of the next frame, 0..1 */
  hear(peak) {
    this.room = Math.min(peak, RISING * Math.max(this.room, 1e-4));
    this.level = Math.min(1, Math.sqrt(peak));
    if (peak >= Math.min(LOUD, Math.max(AUDIBLE, ABOVE * this.room))) {
      this.spoken++;
      this.quiet = 0;
    } else this.quiet++;
  }

  /** Whether there was speech at all. */
  get heard() {
    return this.spoken >= SPOKEN;
  }

  /** Whether the speaker has come to an end. */
  get ended() {
    return this.heard && this.quiet * FRAME >= PAUSE;
  }
}
