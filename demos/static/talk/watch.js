// @ts-check
// The card "Watch for": what is watched, since when, what was seen last, and the buttons that set and end it.

/** @import { Story } from "./story.js" */
/** @import { Talk } from "./talk.js" */
/** @import { Watch } from "./types.js" */

import { h } from "./dom.js";

/** @param {number} seconds */
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds) % 60).padStart(2, "0")}`;

export class WatchCard {
  /** @param {Talk} talk */
  constructor(talk) {
    this.talk = talk;
    const say = (this.say = talk.say);
    this.wanted = h("input", { type: "text", maxlength: 200, placeholder: say("watch.such"), "aria-label": say("watch.what"), autocomplete: "off" });
    this.each = h("input", { type: "checkbox" });
    this.form = h("form", { class: "vt-form", onsubmit: (/** @type {SubmitEvent} */ event) => this.submit(event) }, this.wanted, h("button", { type: "submit", class: "vt-word" }, say("watch.start")));
    this.eachTime = h("label", { class: "vt-field vt-check" }, this.each, h("span", {}, say("watch.each")));
    this.seen = h("img", { class: "vt-seen", alt: say("watch.frame"), hidden: true });
    this.stop = h("button", { type: "button", onclick: () => talk.wire?.send({ type: "vita.watch.stop" }) }, say("watch.stop"));
    this.light = h("button", { type: "button", onclick: () => talk.sights.look(true) }, say("watch.camera"));
    this.name = h("b", {});
    this.looks = h("small", {});
    this.said = h("small", { class: "vt-look" });
    this.status = h("p", { class: "vt-told", role: "status" });
    this.running = h("div", { class: "vt-watched", hidden: true }, this.seen, h("div", {}, this.name, this.looks, this.said), h("div", { class: "vt-actions" }, this.light, this.stop));
    this.info = h("small", {}, say("watch.info"));
    this.element = h("section", { class: "vt-card vt-watch", hidden: true }, h("h3", {}, say("watch")), this.form, this.eachTime, this.running, this.status, this.info);
  }

  /** Ask to be told, with the camera on. @param {SubmitEvent} event */
  async submit(event) {
    event.preventDefault();
    const { wire, sights } = this.talk;
    const wanted = this.wanted.value.trim();
    if (!wanted || !wire) return;
    this.talk.notice.clear("error"); // of what could not be watched for before
    if (!sights.camera.on) await sights.look(true);
    if (sights.camera.on) wire.post({ type: "vita.watch.start", watch_for: wanted, repeat: this.each.checked });
  }

  /** A session begins; one that does not know of the watch is told. @param {boolean} fresh */
  greet(fresh) {
    const { wire, story } = this.talk;
    wire?.post({ type: "session.update", session: { type: "realtime", vita: { watch_by_words: true } } });
    const { watch } = story;
    if (fresh && watch && !watch.why) wire?.post({ type: "vita.watch.start", watch_for: watch.wanted, repeat: watch.repeat });
  }

  /** @param {Story} story @param {number} now seconds */
  draw({ watch }, now) {
    const { wire, sights } = this.talk;
    const on = watch !== null && !watch.why && wire !== null;
    this.element.hidden = !wire;
    this.form.hidden = this.eachTime.hidden = this.info.hidden = on;
    this.running.hidden = !on;
    this._tell(watch ? this._news(watch, sights.camera.on) : "");
    if (!on) return;
    const url = (watch.frame && sights.pictures.get(watch.frame)) || "";
    if (this.seen.getAttribute("src") !== url) this.seen.src = url;
    this.seen.hidden = !url;
    this.seen.classList.toggle("shows", watch.shows);
    this.light.hidden = sights.camera.on;
    this.name.textContent = this.say(watch.repeat ? "watch.each.for" : "watch.for", { what: watch.wanted });
    this.looks.textContent = this._counts(watch, now);
    this.said.textContent = watch.said ? this.say("watch.said", { said: watch.said }) : "";
  }

  /** @param {Watch} watch @param {number} now */
  _counts({ since, looked, skipped }, now) {
    const looks = this.say("watch.looks", { time: clock(Math.max(0, now - since)), looked });
    return skipped ? `${looks}${this.say("watch.skipped", { skipped })}` : looks;
  }

  /** What has to be said of it, "" where nothing has. @param {Watch} watch @param {boolean} lit whether the camera is on */
  _news({ why, wanted, repeat, already, shows }, lit) {
    if (why === "time") return this.say(repeat || already || shows ? "watch.ended.over" : "watch.ended.time");
    if (why) return why === "seen" || why === "failed" ? this.say(`watch.ended.${why}`, { what: wanted }) : "";
    if (!lit) return this.say("watch.dark");
    return already ? this.say("watch.already") : "";
  }

  /** @param {string} text */
  _tell(text) {
    if (this.status.textContent !== text) this.status.textContent = text;
    this.status.hidden = !text;
  }
}
