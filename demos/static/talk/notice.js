// @ts-check
// The one place for messages: what is wrong, what to do, and the buttons that do it.

/** @import { Child } from "./dom.js" */
/** @import { Say } from "./types.js" */

import { h } from "./dom.js";

/** @typedef {[word: string, act: () => void]} Action  A button. */

export class Notice {
  /** @param {Say} say */
  constructor(say) {
    this.say = say;
    this.element = h("div", { class: "vt-notice", role: "alert", hidden: true });
    /** @type {string | null} */
    this.kind = null;
  }

  /** Show a message until one of the same kind is cleared.
   * @param {string} kind @param {string} text @param {Action[]} actions @param {Child} more */
  show(kind, text, actions = [], more = null) {
    this.kind = kind;
    const buttons = actions.map(([word, act]) => h("button", { type: "button", onclick: act }, word));
    this.element.dataset.kind = kind;
    this.element.replaceChildren(h("div", {}, h("p", {}, text), more), h("div", { class: "vt-actions" }, buttons));
    this.element.hidden = false;
  }

  /** Something pleasant that goes away by itself. @param {string} kind @param {string} text @param {number} seconds */
  tell(kind, text, seconds = 6) {
    this.show(kind, text);
    setTimeout(() => this.clear(kind), 1000 * seconds);
  }

  /** Hide the message if it is of one of these kinds; any where none is given. @param {string[]} kinds */
  clear(...kinds) {
    if (kinds.length && !(this.kind && kinds.includes(this.kind))) return;
    this.kind = null;
    this.element.hidden = true;
  }

  /** A device's trouble, with all that helps. @param {string} kind @param {Action[]} actions */
  trouble(kind, actions) {
    this.show(kind, this.say(`trouble.${kind}`), actions, kind === "insecure" ? this._ways() : null);
  }

  /** Say which engines are not there, for as long as it lasts. @param {{ name: string, stage: string }[]} engines */
  engines(engines) {
    const gone = engines.filter(({ stage }) => stage !== "ready").map(({ name }) => name);
    if (!gone.length) this.clear("engine");
    else this.show("engine", this.say(gone.length < engines.length ? "trouble.engine" : "trouble.engines", { name: gone.join(", ") }));
  }

  _ways() {
    const port = location.port || "80";
    /** @type {Record<string, string>[]} */
    const values = [
      { command: `ssh -L ${port}:localhost:${port} ${location.hostname}`, address: `http://localhost:${port}` },
      { command: `cloudflared tunnel --url http://localhost:${port}` },
      { command: `caddy reverse-proxy --to localhost:${port}` },
    ];
    return h("ol", {}, values.map((value, n) => h("li", {}, this._with_code(`trouble.insecure.${n + 1}`, value))));
  }

  /** @param {string} key @param {Record<string, string>} values */
  _with_code(key, values) {
    const names = Object.keys(values);
    const parts = this.say(key).split(/\{(\w+)\}/);
    return parts.map((part, n) => (n % 2 && names.includes(part) ? h("code", {}, values[part]) : part));
  }
}
