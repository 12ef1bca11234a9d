// @ts-check
// The camera's part of a conversation: pictures go out, and those that the model got are shown.

/** @import { Notice } from "./notice.js" */
/** @import { Say, TalkEvent, Turn } from "./types.js" */
/** @import { View } from "./view.js" */

import { Camera } from "./camera.js";
import { h } from "./dom.js";
import { priceWords } from "./price.js";
import { Trouble } from "./sound.js";

const KEPT = 64; // pictures, to be shown with the turn that they rode along with

export class Sights {
  /**
   * @param {View} view @param {Say} say @param {Notice} notice
   * @param {(event: TalkEvent) => boolean | undefined} send gives an event to the server; false where nobody would get it
   */
  constructor(view, say, notice, send) {
    this.view = view;
    this.say = say;
    this.notice = notice;
    this.send = send;
    this.shown = ""; // the turn whose pictures are shown, and its version
    /** @type {Map<string, string>} */
    this.pictures = new Map(); // id -> address
    this.camera = new Camera(view.video, (frame) => this.see(frame));
    this.front = true;
    view.camera.onclick = () => this.look(!this.camera.on);
    view.flip.onclick = () => this.turn();
  }

  /** Switch the camera on or off. @param {boolean} on */
  async look(on) {
    if (!on) this.camera.stop();
    this.view.flip.hidden = false;
    try {
      if (on) await this.camera.start(this.front);
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      this.notice.trouble(error.kind, []);
    } finally {
      this.view.seeing(this.camera.on);
    }
  }

  /** Show what a clip shows in place of a camera; null ends it. @param {HTMLVideoElement | null} clip */
  watch(clip) {
    this.view.flip.hidden = clip !== null;
    if (clip) this.camera.watch(clip);
    else if (this.camera.clip) this.camera.stop();
    this.view.seeing(this.camera.on);
  }

  /** Know these pictures and no others. @param {[id: string, url: string][]} pictures */
  recall(pictures) {
    this.pictures.clear();
    this.shown = "";
    for (const [id, url] of pictures.slice(-KEPT)) this.pictures.set(id, url);
  }

  /** Look the other way. */
  async turn() {
    this.front = !this.front;
    this.camera.stop();
    await this.look(true);
  }

  /** @param {{ id: string, url: string }} frame */
  see({ id, url }) {
    const content = [{ type: "input_image", image_url: url, detail: "auto" }];
    if (!this.send({ type: "conversation.item.create", item: { id, type: "message", role: "user", content } })) return;
    this.pictures.set(id, url);
    const [oldest] = this.pictures.keys();
    if (this.pictures.size > KEPT) this.pictures.delete(oldest);
  }

  /** Show which pictures the model got with a turn, and what they cost once that is known. @param {Turn} turn */
  show({ id, version, frames, cost }) {
    const shown = `${id} ${version}`;
    const urls = frames.map((frame) => this.pictures.get(frame)).filter((url) => url !== undefined);
    if (!urls.length || this.shown === shown) return;
    this.shown = shown;
    const images = urls.map((src) => h("img", { src, alt: this.say("camera.frames") }));
    const price = cost ? [h("small", { class: "vt-cost" }, priceWords(this.say, cost))] : [];
    this.view.frames.replaceChildren(...images, ...price);
  }
}
