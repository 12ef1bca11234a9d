// @ts-check
// The one line that says that the connection is away, and when it is back.

/** @typedef {{ away: string, waiting: string, back: string, outdated: string, reload: string }} LineWords */

const LATER = 700; // ms; who is back before that need not be told
const BACK = 3000; // ms that the return is shown

export class ConnectionLine {
  /** @param {LineWords} words */
  constructor(words) {
    this.words = words;
    this.line = document.createElement("div");
    this.line.className = "connection-line";
    this.line.setAttribute("role", "status");
    this.shown = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    document.body.append(this.line);
  }

  /** @param {boolean} waiting whether something waits to be sent */
  away(waiting) {
    clearTimeout(this.timer);
    const show = () => this._show(waiting ? this.words.waiting : this.words.away, "away");
    if (this.shown) show();
    else this.timer = setTimeout(show, LATER);
  }

  back() {
    clearTimeout(this.timer);
    if (!this.shown) return;
    this._show(this.words.back, "back");
    this.timer = setTimeout(() => this._hide(), BACK);
  }

  /** The page no longer fits to the server. */
  outdated() {
    clearTimeout(this.timer);
    this._show(this.words.outdated, "outdated");
    const reload = document.createElement("button");
    reload.textContent = this.words.reload;
    reload.addEventListener("click", () => location.reload());
    this.line.append(reload);
  }

  /** @param {string} text @param {string} kind */
  _show(text, kind) {
    this.shown = true;
    if (this.line.textContent !== text) this.line.textContent = text;
    this.line.dataset.kind = kind;
  }

  _hide() {
    this.shown = false;
    this.line.textContent = "";
    delete this.line.dataset.kind;
  }
}
