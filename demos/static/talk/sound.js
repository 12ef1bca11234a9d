// @ts-check
// The microphone and the loudspeaker, through the worklet. Names what can go wrong; decides nothing.

/** @import { SoundEvent, WorkletCommand } from "./types.js" */

/** Something that keeps a device from working; `kind` is the key of the sentence that says what to do. */
export class Trouble extends Error {
  /** @param {string} kind @param {unknown} [cause] */
  constructor(kind, cause) {
    super(kind, { cause });
    this.kind = kind;
  }
}

/** The name of whatever was thrown. @param {unknown} error */
export const errorName = (error) => (error instanceof Object && "name" in error ? String(error.name) : "");

/** @type {Record<string, string>} */
const KINDS = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "missing",
  OverconstrainedError: "chosen",
  NotReadableError: "busy",
  AbortError: "busy",
};

/** The microphone's stream, cleaned of echo and noise by the browser. Throws Trouble.
 * @param {string} device the browser's name of one; "" takes the default one */
export async function openMicrophone(device) {
  if (!window.isSecureContext) throw new Trouble("insecure");
  if (!navigator.mediaDevices?.getUserMedia) throw new Trouble("unsupported");
  const audio = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1, ...(device ? { deviceId: { exact: device } } : {}) };
  try {
    return await navigator.mediaDevices.getUserMedia({ audio });
  } catch (error) {
    throw new Trouble(KINDS[errorName(error)] ?? "unsupported", error);
  }
}

export class Sound {
  /**
   * `tell(event)` hears what the worklet posts, and {kind: "context", state}, and {kind: "lost"} of the microphone.
   * A microphone's `stream` is its own from now on: it ends with this, even if it never begins.
   * @param {(event: SoundEvent) => void} tell @param {MediaStream | null} stream
   */
  constructor(tell, stream = null) {
    this.tell = tell;
    /** @type {AudioContext | null} */
    this.context = null;
    /** @type {AudioWorkletNode | null} */
    this.node = null;
    /** @type {GainNode | null} */
    this.gain = null;
    /** @type {AudioNode | null} */
    this.source = null;
    this.stream = stream;
  }

  /** Begin; must be called in a gesture. Throws Trouble where the browser cannot. */
  async start() {
    const context = (this.context = new AudioContext({ latencyHint: "interactive" }));
    if (!context.audioWorklet) throw new Trouble("insecure");
    await context.audioWorklet.addModule(new URL("./worklet.js", import.meta.url));
    this.node = new AudioWorkletNode(context, "vita-talk", { outputChannelCount: [2], channelCount: 1 });
    this.gain = context.createGain();
    this.node.connect(this.gain).connect(context.destination);
    this.node.port.onmessage = ({ data }) => this.tell(data);
    context.onstatechange = () => this.tell({ kind: "context", state: context.state });
    if (this.stream) this.listen(this.stream);
    await this.resume();
  }

  /** Take a microphone's stream, in place of another one; nothing where there is no sound any more.
   * @param {MediaStream} stream */
  listen(stream) {
    if (stream !== this.stream) this.deaf();
    this.stream = stream;
    if (!this.context || !this.node) return;
    this.source = this.context.createMediaStreamSource(stream);
    this.source.connect(this.node);
    const [track] = stream.getAudioTracks();
    track.onended = () => this.tell({ kind: "lost" });
  }

  /** Take what a file plays in place of a microphone, and let it be heard. @param {HTMLMediaElement} element */
  listenTo(element) {
    this.deaf();
    if (!this.context || !this.node || !this.gain) return;
    this.source = this.context.createMediaElementSource(element);
    this.source.connect(this.node);
    this.source.connect(this.gain);
  }

  /** Play through another loudspeaker; false where it is not there or the browser cannot. @param {string} device "" is the default one */
  async playThrough(device) {
    const context = /** @type {(AudioContext & { setSinkId?: (id: string) => Promise<void> }) | null} */ (this.context);
    if (!context?.setSinkId) return !device;
    return context.setSinkId(device).then(() => true, () => false);
  }

  deaf() {
    this.source?.disconnect();
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = this.source = null;
  }

  async resume() {
    if (this.context && this.context.state !== "running") {
      // a browser that wants another gesture leaves this pending for ever
      await Promise.race([this.context.resume(), new Promise((done) => setTimeout(done, 500))]);
    }
    return this.context?.state === "running";
  }

  stop() {
    this.deaf();
    this.node?.disconnect();
    if (this.context) {
      this.context.onstatechange = null;
      this.context.close();
    }
    this.context = this.node = null;
  }

  /** @param {string} item @param {Int16Array<ArrayBuffer>} pcm */
  push(item, pcm) {
    this._post({ kind: "push", item, pcm }, [pcm.buffer]);
  }

  /** @param {string} item */
  end(item) {
    this._post({ kind: "end", item });
  }

  /** @param {string | null} item */
  cut(item) {
    this._post({ kind: "cut", item });
  }

  /** Forget every item. */
  reset() {
    this._post({ kind: "reset" });
  }

  /** @param {boolean} on */
  duck(on) {
    this._post({ kind: "duck", on });
  }

  /** @param {boolean} on */
  mute(on) {
    this._post({ kind: "mute", on });
  }

  /** @param {number} share 0..1 */
  volume(share) {
    if (this.gain) this.gain.gain.value = share;
  }

  /** @param {WorkletCommand} message @param {Transferable[]} moved */
  _post(message, moved = []) {
    this.node?.port.postMessage(message, moved);
  }
}
