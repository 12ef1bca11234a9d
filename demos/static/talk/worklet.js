// @ts-check
// The audio thread: the microphone becomes frames of 24 kHz, the player's 24 kHz becomes sound.
// Each frame carries what was played in the same time, so that a recording of both sides is in step.

/** @import { WorkletCommand } from "./types.js" */

import { Player, RATE } from "./player.js";
import { Resampler } from "./resample.js";

const FRAME = 0.03 * RATE; // 720 samples in a message

/** @param {number} value */
const clipped = (value) => Math.round(32767 * Math.max(-1, Math.min(1, value)));

class TalkProcessor extends AudioWorkletProcessor {
  constructor() {
    super();
    this.heard = new Resampler(sampleRate, RATE);
    this.said = new Resampler(RATE, sampleRate);
    this.player = new Player((event) => this.port.postMessage(event));
    this.muted = false;
    this.frame = new Int16Array(FRAME);
    this.filled = 0;
    this.loudest = 0;
    /** @type {number[]} */
    this.echo = []; // 24 kHz samples that were played since the last frame
    this.port.onmessage = ({ data }) => this.obey(data);
  }

  /** @param {WorkletCommand} command */
  obey(command) {
    if (command.kind === "push") this.player.push(command.item, Float32Array.from(command.pcm, (value) => value / 32768));
    else if (command.kind === "end") this.player.end(command.item);
    else if (command.kind === "cut") this.player.cut(command.item);
    else if (command.kind === "reset") this.player.reset();
    else if (command.kind === "duck") this.player.duck(command.on);
    else if (command.kind === "mute") this.muted = command.on;
  }

  /** @param {Float32Array[][]} inputs @param {Float32Array[][]} outputs */
  process(inputs, outputs) {
    const [out, ...others] = outputs[0];
    const pull = (/** @type {number} */ count) => {
      const samples = this.player.pull(count);
      for (const sample of samples) this.echo.push(sample);
      return samples;
    };
    out.set(this.said.fill(out.length, pull));
    for (const channel of others) channel.set(out);
    const input = inputs[0][0] ?? new Float32Array(out.length);
    for (const sample of this.heard.push(input)) this.keep(sample);
    return true;
  }

  /** @param {number} sample */
  keep(sample) {
    this.loudest = Math.max(this.loudest, Math.abs(sample));
    this.frame[this.filled++] = this.muted ? 0 : clipped(sample);
    if (this.filled < FRAME) return;
    const out = new Int16Array(FRAME);
    this.echo.splice(0, FRAME).forEach((value, n) => (out[n] = clipped(value)));
    const loudest = this.muted ? 0 : this.loudest;
    this.port.postMessage({ kind: "frame", mic: this.frame, out, loudest }, [this.frame.buffer, out.buffer]);
    this.frame = new Int16Array(FRAME);
    this.filled = this.loudest = 0;
  }
}

registerProcessor("vita-talk", TalkProcessor);
