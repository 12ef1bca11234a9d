// @ts-check
// Which microphone and which loudspeaker: chosen from what there is, and tried before a conversation begins.

/** @import { Say } from "./types.js" */

import { h } from "./dom.js";
import { Trouble, openMicrophone } from "./sound.js";

const LOOK = 50; // ms between two looks at the level
/** @typedef {"microphone" | "speaker"} DeviceRole */
/** @type {Record<DeviceRole, MediaDeviceKind>} */
const KINDS = { microphone: "audioinput", speaker: "audiooutput" };

export class Devices {
  /**
   * @param {Say} say @param {Record<DeviceRole, string>} chosen the browser's names of the devices, "" for the default ones
   * @param {(role: DeviceRole, id: string) => void} choose
   */
  constructor(say, chosen, choose) {
    this.say = say;
    this.chosen = chosen;
    this.selects = { microphone: this._select("microphone", choose), speaker: this._select("speaker", choose) };
    this.test = h("button", { type: "button", "aria-pressed": "false", onclick: () => (this.stream ? this.stop() : this.try()) }, say("device.test"));
    this.told = h("small", { role: "status" });
    const speaker = "setSinkId" in AudioContext.prototype ? this._field("speaker") : null; // some browsers leave it to the system
    this.element = h("div", { class: "vt-devices" }, this._field("microphone"), speaker, h("div", { class: "vt-test" }, this.test, this.told));
    /** @type {(loudest: number) => void} */
    this.level = () => {}; // hears the loudest sample, 0..1, while a microphone is tried
    /** @type {(on: boolean) => void} */
    this.trying = () => {};
    /** @type {(kind: string) => void} */
    this.failed = () => {}; // hears the key of what is wrong
    /** @type {MediaStream | null} */
    this.stream = null;
    /** @type {AudioContext | null} */
    this.context = null;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.timer = undefined;
    navigator.mediaDevices?.addEventListener?.("devicechange", () => this.refresh());
    this.refresh();
  }

  /** List what there is; the browser tells names only once a microphone was allowed. */
  async refresh() {
    const all = (await navigator.mediaDevices?.enumerateDevices?.().catch(() => [])) ?? [];
    for (const role of /** @type {DeviceRole[]} */ (["microphone", "speaker"])) {
      const kind = KINDS[role];
      const found = all.filter((device) => device.kind === kind && device.deviceId && !["default", "communications"].includes(device.deviceId));
      const options = found.map(({ deviceId, label }, n) => this._option(role, deviceId, label || this.say(`device.${role}.number`, { number: n + 1 })));
      const gone = this.chosen[role] && !found.some(({ deviceId }) => deviceId === this.chosen[role]);
      const lost = gone ? [this._option(role, this.chosen[role], this.say("device.gone"))] : [];
      this.selects[role].replaceChildren(this._option(role, "", this.say("device.default")), ...options, ...lost);
    }
  }

  /** Show the microphone's level, without a conversation. */
  async try() {
    try {
      this.stream = await openMicrophone(this.chosen.microphone);
    } catch (error) {
      this.failed(error instanceof Trouble ? error.kind : "unsupported");
      return;
    }
    this.refresh();
    const context = (this.context = new AudioContext());
    const analyser = context.createAnalyser();
    context.createMediaStreamSource(this.stream).connect(analyser);
    const wave = new Float32Array(analyser.fftSize);
    this.timer = setInterval(() => {
      analyser.getFloatTimeDomainData(wave);
      this.level(wave.reduce((loudest, value) => Math.max(loudest, Math.abs(value)), 0));
    }, LOOK);
    this.stream.getAudioTracks()[0].onended = () => {
      this.stop();
      this.failed("lost");
    };
    this._show(true);
  }

  /** Let the microphone that is tried go. */
  stop() {
    if (!this.stream) return;
    clearInterval(this.timer);
    this.stream.getTracks().forEach((track) => track.stop());
    this.context?.close();
    this.stream = this.context = null;
    this.level(0);
    this._show(false);
  }

  /** @param {boolean} on */
  _show(on) {
    this.test.textContent = this.say(on ? "device.test.end" : "device.test");
    this.test.setAttribute("aria-pressed", String(on));
    this.told.textContent = on ? this.say("device.test.info") : "";
    this.trying(on);
  }

  /** @param {DeviceRole} role @param {(role: DeviceRole, id: string) => void} choose */
  _select(role, choose) {
    const select = h("select", {
      "aria-label": this.say(`device.${role}`),
      onchange: () => {
        this.chosen[role] = select.value;
        const tried = role === "microphone" && this.stream !== null;
        if (tried) this.stop();
        choose(role, select.value);
        if (tried) this.try();
      },
    });
    return select;
  }

  /** @param {DeviceRole} role */
  _field(role) {
    return h("label", { class: "vt-field" }, h("span", {}, this.say(`device.${role}`)), this.selects[role]);
  }

  /** @param {DeviceRole} role @param {string} value @param {string} name */
  _option(role, value, name) {
    return h("option", { value, selected: value === this.chosen[role] }, name);
  }
}
