// @ts-check
// The tab Talk: a conversation over the realtime protocol. Puts the pieces together and keeps what happens in order.

/** @import { EventSource, PlayerReport, Say, SoundFrame, TalkConfig, TalkEvent } from "./types.js" */
/** @import { Keeper } from "./keeper.js" */
/** @import { SettingValues } from "./settings.js" */
/** @import { WireDetail, WireState } from "./wire.js" */

import { Board } from "./board.js";
import { subtitles, transcriptText } from "./captions.js";
import { errorWords } from "./error_words.js";
import { FileSource } from "./file_source.js";
import { HeldTurns } from "./held_turns.js";
import { bindKeys } from "./keys.js";
import { Notice } from "./notice.js";
import { pastEvents } from "./past.js";
import { fromBase64 } from "./pcm.js";
import { RATE } from "./player.js";
import { MINUTES, Recording } from "./recording.js";
import { Replay } from "./replay.js";
import { Settings } from "./settings.js";
import { shownPhase } from "./shown_phase.js";
import { Sights } from "./sights.js";
import { SoundDesk } from "./sound_desk.js";
import { Story } from "./story.js";
import { TypedQuestions } from "./typed_questions.js";
import { View } from "./view.js";
import { WatchCard } from "./watch.js";
import { Wire } from "./wire.js";

const PER_MS = RATE / 1000; // samples
const LOOK = 100; // ms between two drawings

export class Talk {
  /** @param {Say} say @param {TalkConfig} config */
  constructor(say, config) {
    this.say = say;
    this.story = new Story();
    /** @type {Recording | null} */
    this.recording = null;
    /** @type {Wire | null} */
    this.wire = null;
    /** @type {WakeLockSentinel | null | undefined} */
    this.lock = null;
    /** @type {Set<string>} */
    this.cuts = new Set();
    /** @type {Keeper | null} */
    this.keeper = null; // none until the browser's archive is open
    this.notice = new Notice(say);
    this.settings = new Settings(say, config, (name) => this.set(name));
    this.board = new Board(say, (id) => this.sights.pictures.get(id) ?? null);
    this.view = new View(say, { notice: this.notice, settings: this.settings, board: this.board, examples: config.examples });
    this.sights = new Sights(this.view, say, this.notice, (event) => this.wire?.send(event));
    this.replay = new Replay(say, this.view, this.board, this.notice, () => this.draw());
    this.desk = new SoundDesk(say, this, {
      frame: (frame) => this.frame(frame),
      played: (report) => this.played(report),
      muted: (on) => this.note({ type: "page.mute", on }),
      again: () => this.begin(),
      without: () => this.begin("nothing"),
    });
    this.held = new HeldTurns(say, this);
    this.files = new FileSource(say, this);
    this.typed = new TypedQuestions(this);
    this.watch = new WatchCard(this);
    this.view.cameraCard.after(this.watch.element);
    this.bind();
    this.showTurns();
    setInterval(() => this.draw(), LOOK);
  }

  bind() {
    const { view } = this;
    view.start.onclick = () => (this.recording && this.wire ? this.end() : this.begin());
    view.fresh.onclick = () => this.leave();
    view.mute.onclick = () => this.desk.mute(!this.desk.muted);
    view.hush.onclick = () => this.hush();
    view.keep.sound.onclick = () => this.recording?.saveSound();
    view.keep.log.onclick = () => this.recording?.saveLog();
    view.keep.text.onclick = () => this.recording?.saveText(transcriptText(this.story, this.say), "txt");
    view.keep.captions.onclick = () => this.recording?.saveText(subtitles(this.story, this.say), "srt");
    bindKeys(this);
    window.addEventListener("pagehide", () => this.end());
    window.addEventListener("online", () => this.wire?.retry());
  }

  /** Begin a conversation, or go on with the one that is shown. @param {"microphone" | "file" | "nothing"} source */
  async begin(source = "microphone") {
    if (this.view.start.disabled) return false; // one beginning at a time
    this.view.start.disabled = true;
    return this.prepare(source).finally(() => (this.view.start.disabled = false));
  }

  /** @param {"microphone" | "file" | "nothing"} source */
  async prepare(source) {
    this.end();
    this.replay.close();
    this.settings.devices.stop();
    this.notice.clear();
    this.view.now("connecting", this.say("phase.connecting"), null);
    if (!(await this.desk.begin(source))) {
      this.view.now("idle", this.say("phase.idle"), null);
      return false;
    }
    this.settings.devices.refresh();
    if (this.recording) this.recording.resume();
    else this.adopt(new Recording(), new Story(), [], false);
    const address = new URL("../v1/realtime?model=vita", import.meta.url);
    address.protocol = address.protocol.replace("http", "ws");
    this.wire = new Wire(address, { event: (event) => this.heard(event), state: (name, detail) => this.wired(name, detail) }, this.story.session);
    this.wire.connect();
    this.view.running(true);
    this.view.kept(true, this.desk.sound !== null || this.recording?.samples !== 0);
    this.showTurns();
    this.desk.check();
    this.lock = await navigator.wakeLock?.request("screen").catch(() => null);
    return true;
  }

  end() {
    if (!this.wire) return;
    this.held.drop();
    this.note({ type: "page.end" });
    this.wire.close();
    this.files.stop();
    this.desk.end();
    this.sights.look(false);
    this.lock?.release();
    this.wire = this.lock = null;
    this.showTurns();
    this.view.running(false);
    this.notice.clear();
  }

  /** Show another conversation. @param {Recording} recording @param {Story} story @param {[id: string, url: string][]} pictures
   * @param {boolean} found whether it comes from the archive */
  adopt(recording, story, pictures, found) {
    this.recording = recording;
    this.story = story;
    this.cuts.clear();
    this.sights.recall(pictures);
    this.view.kept(true, recording.samples > 0);
    this.keeper?.watch(recording, story, this.sights.pictures, found);
  }

  /** Put the conversation that is shown aside, for a new one. */
  leave() {
    this.end();
    this.recording = null;
    this.story = new Story();
    this.sights.recall([]);
    this.view.kept(false, false);
    this.draw();
  }

  /** Keep an event in the log and in the picture of the conversation. @param {TalkEvent} event @param {EventSource} from */
  note(event, from = "page") {
    if (!this.recording || !this.wire) return;
    this.story.add(this.recording.note(from, event));
  }

  /** @param {TalkEvent} event */
  heard(event) {
    const known = this.story.session;
    this.note(event, "server");
    this.files.look();
    const { wire, desk } = this;
    const data = event.data ?? {};
    switch (event.type) {
      case "session.created":
        wire?.post(this.update());
        if (event.session.id !== known) for (const past of pastEvents(this.story.turns)) wire?.post(past);
        this.watch.greet(event.session.id !== known);
        this.typed.askWaiting();
        break;
      case "response.output_audio.delta":
        desk.sound?.push(event.item_id, fromBase64(event.delta));
        break;
      case "response.output_audio.done":
        desk.sound?.end(event.item_id);
        break;
      case "vita.duck":
        desk.sound?.duck(data.on);
        break;
      case "vita.engines":
        this.notice.engines(data.engines);
        break;
      case "vita.cut":
        this.cuts.add(data.item_id);
        desk.sound?.cut(data.item_id);
        break;
      case "error":
        if (event.error.code !== "response_cancel_not_active") this.notice.show("error", errorWords(this.say, event.error));
    }
  }

  /** @param {WireState} name @param {WireDetail} detail */
  wired(name, { wait, again, resumed, samples = 0 }) {
    const { away } = this.story;
    this.note({ type: "page.connection", state: name });
    if (name === "open") {
      this.notice.clear("connection", "error");
      if (again && away) this.notice.tell("resumed", this.say(resumed ? "trouble.resumed" : "trouble.anew"));
      if (!resumed) {
        this.cuts.clear();
        this.desk.sound?.reset();
        this.note({ type: "page.listening", at: ((this.recording?.samples ?? 0) - samples) / RATE });
      }
    } else if (name === "lost") {
      this.desk.sound?.cut(null);
      this.notice.show("connection", this.say("trouble.connection", { wait }), [[this.say("again"), () => this.wire?.connect()]]);
    } else if (name === "silent") {
      this.notice.show("connection", this.say("trouble.silent"));
    } else if (name === "heard") {
      this.notice.clear("connection");
    } else if (name === "moved") {
      this.end();
      this.notice.show("moved", this.say("trouble.moved"), [[this.say("start"), () => this.begin()]]);
    }
  }

  /** @param {SoundFrame} frame */
  frame({ mic, out, loudest }) {
    if (!this.recording || !this.wire) return; // a frame may come before the conversation begins
    this.wire.hear(mic);
    this.held.frame(loudest);
    this.view.level(loudest);
    const full = this.recording.full;
    const paused = this.recording.hear(mic, out);
    if (paused) this.note({ type: "page.listening", at: this.story.heardFrom + paused / RATE });
    if (this.recording.full && !full) this.notice.tell("full", this.say("keep.full", { minutes: MINUTES }), 12);
  }

  /** The worklet played something: the server cuts its history to what it is told here. @param {PlayerReport} report */
  played({ kind, item, samples }) {
    if (kind !== "played") this.note({ type: `page.${kind}`, item, samples });
    this.files.look();
    if (kind === "ended" && this.cuts.has(item)) {
      this.wire?.send({ type: "conversation.item.truncate", item_id: item, content_index: 0, audio_end_ms: Math.floor(samples / PER_MS) });
    } else {
      this.wire?.send({ type: "vita.played", item_id: item, samples });
    }
  }

  /** A setting was changed. @param {keyof SettingValues} name */
  set(name) {
    if (name === "volume") this.desk.sound?.volume(this.settings.values.volume);
    else if (name === "speaker") this.desk.playThrough();
    else if (name !== "microphone") this.wire?.post(this.update());
    else if (this.desk.sound?.stream) this.desk.microphone();
    if (name === "turns") this.showTurns();
  }

  /** The event that tells the session what was set. */
  update() {
    return { type: "session.update", session: this.settings.session(this.desk.sound !== null, this.push) };
  }

  /** Whether a button says when one talks. */
  get push() {
    return this.settings.push && !this.desk.files;
  }

  /** Show who says when a turn is over: VITA, or a button. */
  showTurns() {
    this.held.button.on = this.push;
    this.view.pushes(this.push);
    this.desk.apply();
  }

  /** End the answer that is being spoken. */
  hush() {
    const playing = this.story.turns.findLast((turn) => turn.role === "vita" && (turn.live || turn.playing));
    if (!playing || !this.wire?.send({ type: "response.cancel" })) return;
    this.cuts.add(playing.id);
    this.desk.sound?.cut(playing.id);
  }

  draw() {
    if (!this.view.element.offsetParent || this.replay.on) return;
    const { story, board } = this;
    const now = this.wire && this.recording ? this.recording.now : story.now;
    this.view.timed(story.engines.length > 0);
    board.draw(story, now);
    this.watch.draw(story, now);
    const seen = story.turns.findLast((turn) => turn.frames?.length);
    if (seen) this.sights.show(seen);
    this.view.hush.disabled = !story.turns.some((turn) => turn.role === "vita" && (turn.live || turn.playing));
    const { muted, records } = this.desk;
    if (this.wire) this.view.now(...shownPhase(this.say, story, now, { muted, records, push: this.push, held: this.desk.held }));
    else if (!this.notice.kind || this.notice.element.hidden) this.view.now("idle", this.say(story.turns.length ? "phase.kept" : "phase.idle"), null);
  }
}
