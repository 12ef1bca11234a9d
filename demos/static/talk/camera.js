// @ts-check
// The camera: a small JPEG about once a second.

import { Trouble, errorName } from "./sound.js";

const EVERY = 1000; // ms
const LONGER = 448; // px

export class Camera {
  /**
   * @param {HTMLVideoElement} video
   * @param {(frame: { id: string, url: string }) => void} tell hears each picture
   */
  constructor(video, tell) {
    this.video = video;
    this.tell = tell;
    this.count = 0;
    /** @type {MediaStream | null} */
    this.stream = null;
    /** @type {HTMLVideoElement | null} */
    this.clip = null; // what is seen in the camera's place
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.timer = undefined;
    /** @type {object | null} */
    this.asked = null; // the last start, while nothing stopped it
  }

  get on() {
    return this.stream !== null || this.clip !== null;
  }

  /** Take pictures of a clip while it plays. @param {HTMLVideoElement} clip */
  watch(clip) {
    this.stop();
    this.clip = clip;
    this.video.hidden = true;
    this.video.after(clip);
    this.timer = setInterval(() => clip.paused || this._take(clip), EVERY);
    clip.addEventListener("playing", () => this._take(clip), { once: true });
  }

  async start(front = true) {
    if (!navigator.mediaDevices?.getUserMedia) throw new Trouble("insecure");
    const mine = (this.asked = {});
    const stream = await this._open(front).catch((error) => {
      if (this.asked === mine) throw error;
      return null;
    });
    if (this.asked !== mine || !stream) {
      // while the visitor was asked, it was started again or stopped
      if (stream) endTracks(stream);
      return;
    }
    this.stream = this.video.srcObject = stream;
    this.timer = setInterval(() => this._take(this.video), EVERY);
    await this.video.play().catch((error) => {
      if (this.asked === mine) throw error;
    });
  }

  stop() {
    clearInterval(this.timer);
    if (this.stream) endTracks(this.stream);
    this.clip?.remove();
    this.video.hidden = false;
    this.asked = this.stream = this.clip = this.video.srcObject = null;
  }

  /** @param {boolean} front */
  async _open(front) {
    const video = { facingMode: front ? "user" : "environment", width: { ideal: 640 }, height: { ideal: 480 } };
    try {
      return await navigator.mediaDevices.getUserMedia({ video });
    } catch (error) {
      throw new Trouble(errorName(error) === "NotFoundError" ? "camera_missing" : "camera_denied", error);
    }
  }

  /** @param {HTMLVideoElement} video */
  _take(video) {
    const { videoWidth: width, videoHeight: height } = video;
    if (!width || document.hidden) return;
    const scale = Math.min(1, LONGER / Math.max(width, height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d")).drawImage(video, 0, 0, canvas.width, canvas.height);
    this.tell({ id: `frame_${Date.now()}_${this.count++}`, url: canvas.toDataURL("image/jpeg", 0.8) });
  }
}

/** @param {MediaStream} stream */
const endTracks = (stream) => stream.getTracks().forEach((track) => track.stop());
