// @ts-check
// The tab Talk: a conversation over the realtime protocol. Puts the pieces together and keeps what happens in order.

/** @import { EventSource, PlayerReport, Say, SoundEvent, SoundFrame, TalkEvent } from "./types.js" */
/** @import { SettingValues } from "./settings.js" */
/** @import { WireDetail, WireState } from "./wire.js" */

import { Board } from "./board.js";
import { Notice } from "./notice.js";
import { fromBase64, toBase64 } from "./pcm.js";
import { MINUTES, Recording } from "./recording.js";
import { Replay } from "./replay.js";
import { Settings } from "./settings.js";
import { shownPhase } from "./shown_phase.js";
import { Sights } from "./sights.js";
import { Sound, Trouble, openMicrophone } from "./sound.js";
import { Story } from "./story.js";
import { View } from "./view.js";
import { Wire } from "./wire.js";

const PER_MS = 24; // samples
const LOOK = 100; // ms between two drawings

export class Talk {
  /** @param {Say} say @param {string[]} voices */
  constructor(say, voices) {
    this.say = say;
    this.story = new Story();
    /** @type {Recording | null} */
    this.recording = null;
    /** @type {Sound | null} */
    this.sound = null;
    /** @type {Wire | null} */
    this.wire = null;
    /** @type {WakeLockSentinel | null | undefined} */
    this.lock = null;
    /** @type {string[]} */
    this.waiting = []; // texts that are asked as soon as there is a conversation
    this.muted = false;
    /** @type {Set<string>} */
    this.cuts = new Set();
    this.notice = new Notice(say);
    this.settings = new Settings(say, voices, (name) => this.set(name));
    this.board = new Board(say, (id) => this.sights.pictures.get(id) ?? null);
    this.view = new View(say, { notice: this.notice, settings: this.settings, board: this.board, volume: this.settings.volume });
    this.sights = new Sights(this.view, say, this.notice, (event) => this.wire?.send(event));
    this.replay = new Replay(say, this.view, this.board, this.notice, () => this.draw());
    this.bind();
    setInterval(() => this.draw(), LOOK);
  }

  bind() {
    const { view } = this;
    view.start.onclick = () => (this.recording && this.wire ? this.end() : this.begin());
    view.mute.onclick = () => this.mute(!this.muted);
    view.hush.onclick = () => this.hush();
    view.sound.onclick = () => this.recording?.saveSound();
    view.log.onclick = () => this.recording?.saveLog();
    view.form.onsubmit = (event) => this.type(event);
    document.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("visibilitychange", () => document.hidden || this.wake());
    window.addEventListener("pagehide", () => this.end());
    navigator.mediaDevices?.addEventListener?.("devicechange", () => this.notice.kind === "lost" && this.microphone());
  }

  /** Begin a conversation; without a microphone where `deaf`. */
  async begin(deaf = false) {
    if (this.view.start.disabled) return; // one beginning at a time
    this.view.start.disabled = true;
    await this.prepare(deaf).finally(() => (this.view.start.disabled = false));
  }

  /** @param {boolean} deaf */
  async prepare(deaf) {
    this.end();
    this.replay.close();
    this.notice.clear();
    this.view.now("connecting", this.say("phase.connecting"), null);
    try {
      const stream = deaf ? null : await openMicrophone();
      this.sound = new Sound((event) => this.sounded(event), stream);
      await this.sound.start();
    } catch (error) {
      this.sound?.stop();
      this.sound = null;
      if (!(error instanceof Trouble)) console.error(error);
      if (!deaf) {
        this.view.now("idle", this.say("phase.idle"), null);
        this.notice.trouble(error instanceof Trouble ? error.kind : "unsupported", [[this.say("again"), () => this.begin()], [this.say("without"), () => this.begin(true)]]);
        return;
      }
    }
    this.recording = new Recording();
    this.story = new Story();
    this.sights.pictures.clear();
    this.sound?.volume(this.settings.values.volume);
    this.mute(this.muted);
    const address = new URL("../v1/realtime?model=vita", import.meta.url);
    address.protocol = address.protocol.replace("http", "ws");
    this.wire = new Wire(address, { event: (event) => this.heard(event), state: (name, detail) => this.wired(name, detail) });
    this.wire.connect();
    this.view.running(true);
    this.view.sound.disabled = !this.sound;
    if (this.sound?.context?.state === "suspended") this.paused();
    this.view.log.disabled = false;
    this.lock = await navigator.wakeLock?.request("screen").catch(() => null);
  }

  end() {
    if (!this.wire) return;
    this.note({ type: "page.end" });
    this.wire.close();
    this.sound?.stop();
    this.sights.look(false);
    this.lock?.release();
    this.wire = this.sound = this.lock = null;
    this.view.running(false);
    this.view.level(0);
    this.notice.clear();
  }

  /** Keep an event in the log and in the picture of the conversation. @param {TalkEvent} event @param {EventSource} from */
  note(event, from = "page") {
    if (!this.recording) return;
    this.story.add(this.recording.note(from, event));
  }

  /** @param {TalkEvent} event */
  heard(event) {
    this.note(event, "server");
    const data = event.data ?? {};
    switch (event.type) {
      case "session.created":
        this.wire?.send({ type: "session.update", session: this.settings.session(this.sound !== null) });
        if (this.waiting.length && this.ask(...this.waiting)) this.waiting = [];
        break;
      case "response.output_audio.delta":
        this.sound?.push(event.item_id, fromBase64(event.delta));
        break;
      case "response.output_audio.done":
        this.sound?.end(event.item_id);
        break;
      case "vita.duck":
        this.sound?.duck(data.on);
        break;
      case "vita.engines":
        this.engines(data.engines);
        break;
      case "vita.cut":
        this.cuts.add(data.item_id);
        this.sound?.cut(data.item_id);
        break;
      case "error":
        if (event.error.code !== "response_cancel_not_active") this.notice.show("error", event.error.message);
    }
  }

  /** Say who is not there for as long as it lasts. @param {{ name: string, stage: string }[]} engines */
  engines(engines) {
    const gone = engines.filter(({ stage }) => stage !== "ready").map(({ name }) => name);
    if (!gone.length) this.notice.clear("engine");
    else this.notice.show("engine", this.say(gone.length < engines.length ? "trouble.engine" : "trouble.engines", { name: gone.join(", ") }));
  }

  /** @param {WireState} name @param {WireDetail} detail */
  wired(name, { wait, again, resumed }) {
    if (name === "open") {
      this.notice.clear("connection", "error");
      if (again) this.notice.tell("resumed", this.say(resumed ? "trouble.resumed" : "trouble.anew"));
      if (!resumed) {
        this.cuts.clear();
        this.sound?.reset();
      }
    } else if (name === "lost") {
      this.sound?.cut(null);
      this.notice.show("connection", this.say("trouble.connection", { wait }), [[this.say("again"), () => this.wire?.connect()]]);
    } else if (name === "moved") {
      this.end();
      this.notice.show("moved", this.say("trouble.moved"), [[this.say("start"), () => this.begin()]]);
    }
    this.note({ type: `page.connection`, state: name });
  }

  /** @param {SoundEvent} event */
  sounded(event) {
    if (event.kind === "frame") {
      if (this.wire) this.frame(event); // a frame may come before the conversation begins
    } else if (event.kind === "context") {
      if (event.state === "running") this.notice.clear("suspended");
      else this.paused();
    } else if (event.kind === "lost") {
      this.notice.trouble("lost", [[this.say("again"), () => this.microphone()]]);
    } else {
      this.played(event);
    }
  }

  /** @param {SoundFrame} frame */
  frame({ mic, out, loudest }) {
    if (!this.recording) return;
    this.wire?.send({ type: "input_audio_buffer.append", audio: toBase64(mic) });
    this.view.level(loudest);
    const full = this.recording.full;
    this.recording.hear(mic, out);
    if (this.recording.full && !full) this.notice.tell("full", this.say("keep.full", { minutes: MINUTES }), 12);
  }

  /** The worklet played something: the server cuts its history to what it is told here. @param {PlayerReport} report */
  played({ kind, item, samples }) {
    if (kind !== "played") this.note({ type: `page.${kind}`, item, samples });
    if (kind === "ended" && this.cuts.has(item)) {
      this.wire?.send({ type: "conversation.item.truncate", item_id: item, content_index: 0, audio_end_ms: Math.floor(samples / PER_MS) });
    } else {
      this.wire?.send({ type: "vita.played", item_id: item, samples });
    }
  }

  /** Take the microphone again, after it was lost. */
  async microphone() {
    try {
      const stream = await openMicrophone();
      if (!this.sound) return stream.getTracks().forEach((track) => track.stop()); // it ended meanwhile
      this.sound.listen(stream);
      this.notice.clear("lost", "missing", "busy", "denied");
    } catch (error) {
      this.notice.trouble(error instanceof Trouble ? error.kind : "missing", [[this.say("again"), () => this.microphone()]]);
    }
  }

  paused() {
    if (this.sound) this.notice.show("suspended", this.say("trouble.suspended"), [[this.say("trouble.resume"), () => this.wake()]]);
  }

  async wake() {
    if (this.sound && (await this.sound.resume())) this.notice.clear("suspended");
  }

  /** @param {boolean} on */
  mute(on) {
    this.muted = on;
    this.sound?.mute(on);
    this.view.muted(on);
    this.note({ type: "page.mute", on });
  }

  /** @param {keyof SettingValues} name */
  set(name) {
    if (name === "volume") this.sound?.volume(this.settings.values.volume);
    else this.wire?.send({ type: "session.update", session: this.settings.session(this.sound !== null) });
  }

  /** @param {SubmitEvent} event */
  type(event) {
    event.preventDefault();
    const text = this.view.text.value.trim();
    if (!text) return;
    if (this.wire && !this.ask(text)) return;
    this.view.text.value = "";
    if (this.wire) return;
    this.waiting.push(text);
    this.begin();
  }

  /** One answer to all of it; false where nobody would get it. @param {string[]} texts */
  ask(...texts) {
    const items = texts.map((text) => ({ type: "message", role: "user", content: [{ type: "input_text", text }] }));
    const events = [...items.map((item) => ({ type: "conversation.item.create", item })), { type: "response.create" }];
    return events.every((event) => this.wire?.send(event));
  }

  /** End the answer that is being spoken. */
  hush() {
    const playing = this.story.turns.findLast((turn) => turn.role === "vita" && (turn.live || turn.playing));
    if (!playing || !this.wire?.send({ type: "response.cancel" })) return;
    this.cuts.add(playing.id);
    this.sound?.cut(playing.id);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const writing = event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]");
    if (!this.wire || !this.view.element.offsetParent) return;
    if (event.key === "Escape") this.hush();
    else if (event.key.toLowerCase() === "m" && !writing && !event.ctrlKey && !event.metaKey) this.mute(!this.muted);
  }

  draw() {
    if (!this.view.element.offsetParent || this.replay.on) return;
    const { story, board } = this;
    const now = this.wire && this.recording ? this.recording.now : story.now;
    this.view.timed(story.engines.length > 0);
    board.draw(story, now);
    const seen = story.turns.findLast((turn) => turn.frames?.length);
    if (seen) this.sights.show(seen);
    this.view.hush.disabled = !story.turns.some((turn) => turn.role === "vita" && (turn.live || turn.playing));
    if (this.wire) this.view.now(...shownPhase(this.say, story, now, this.muted));
    else if (!this.notice.kind || this.notice.element.hidden) this.view.now("idle", this.say("phase.idle"), null);
  }
}
