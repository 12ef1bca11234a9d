// The camera's part of a conversation: pictures go out, and those that the model got are shown.

import { Camera } from "./camera.js";
import { h } from "./dom.js";
import { priceWords } from "./price.js";
import { Trouble } from "./sound.js";

const KEPT = 64; // pictures, to be shown with the turn that they rode along with

export class Sights {
  /** `send(event)` gives an event to the server; false where nobody would get it. */
  constructor(view, say, notice, send) {
    Object.assign(this, { view, say, notice, send });
    this.pictures = new Map(); // id -> address
    this.camera = new Camera(view.video, (frame) => this.see(frame));
    this.front = true;
    view.camera.onclick = () => this.look(!this.camera.on);
    view.flip.onclick = () => this.turn();
  }

  /** Switch the camera on or off. */
  async look(on) {
    if (!on) this.camera.stop();
    try {
      if (on) await this.camera.start(this.front);
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      this.notice.trouble(error.kind, []);
    } finally {
      this.view.seeing(this.camera.on);
    }
  }

  /** Look the other way. */
  async turn() {
    this.front = !this.front;
    this.camera.stop();
    await this.look(true);
  }

  see({ id, url }) {
    const content = [{ type: "input_image", image_url: url, detail: "auto" }];
    if (!this.send({ type: "conversation.item.create", item: { id, type: "message", role: "user", content } })) return;
    this.pictures.set(id, url);
    if (this.pictures.size > KEPT) this.pictures.delete(this.pictures.keys().next().value);
  }

  /** Show which pictures the model got with a turn, and what they cost once that is known. */
  show({ id, version, frames, cost }) {
    const shown = `${id} ${version}`;
    const urls = frames.map((frame) => this.pictures.get(frame)).filter(Boolean);
    if (!urls.length || this.shown === shown) return;
    this.shown = shown;
    const images = urls.map((src) => h("img", { src, alt: this.say("camera.frames") }));
    const price = cost ? [h("small", { class: "vt-cost" }, priceWords(this.say, cost))] : [];
    this.view.frames.replaceChildren(...images, ...price);
  }
}
