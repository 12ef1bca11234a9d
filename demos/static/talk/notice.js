// The one place for messages: what is wrong, what to do, and the buttons that do it.

import { h } from "./dom.js";

export class Notice {
  constructor(say) {
    this.say = say;
    this.element = h("div", { class: "vt-notice", role: "alert", hidden: true });
    this.kind = null;
  }

  /** Show a message until one of the same kind is cleared; `actions` are [word, function]. */
  show(kind, text, actions = [], more = null) {
    this.kind = kind;
    const buttons = actions.map(([word, act]) => h("button", { type: "button", onclick: act }, word));
    this.element.dataset.kind = kind;
    this.element.replaceChildren(h("div", {}, h("p", {}, text), more), h("div", { class: "vt-actions" }, buttons));
    this.element.hidden = false;
  }

  /** Something pleasant that goes away by itself. */
  tell(kind, text, seconds = 6) {
    this.show(kind, text);
    setTimeout(() => this.clear(kind), 1000 * seconds);
  }

  clear(...kinds) {
    if (kinds.length && !kinds.includes(this.kind)) return;
    this.kind = null;
    this.element.hidden = true;
  }

  /** A device's trouble, with all that helps. */
  trouble(kind, actions) {
    this.show(kind, this.say(`trouble.${kind}`), actions, kind === "insecure" ? this._ways() : null);
  }

  _ways() {
    const port = location.port || "80";
    const values = [
      { command: `ssh -L ${port}:localhost:${port} ${location.hostname}`, address: `http://localhost:${port}` },
      { command: `cloudflared tunnel --url http://localhost:${port}` },
      { command: `caddy reverse-proxy --to localhost:${port}` },
    ];
    return h("ol", {}, values.map((value, n) => h("li", {}, this._with_code(`trouble.insecure.${n + 1}`, value))));
  }

  _with_code(key, values) {
    const names = Object.keys(values);
    const parts = this.say(key).split(/\{(\w+)\}/);
    return parts.map((part, n) => (n % 2 && names.includes(part) ? h("code", {}, values[part]) : part));
  }
}
