// @ts-check
// Push to talk: a button, and the space bar, that are held while one speaks. Knows nothing of sound.

const CONTROLS = "input, textarea, select, button, summary, a, [contenteditable], [role=tab]"; // which the space bar is for

export class PushToTalk {
  /**
   * @param {HTMLElement} button
   * @param {{ press: () => boolean, release: () => void }} act `press` tells whether anybody listens now
   */
  constructor(button, act) {
    this.button = button;
    this.act = act;
    this.on = false; // this is how one talks
    this.held = false;
    button.addEventListener("pointerdown", (event) => this._down(event));
    for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) button.addEventListener(name, () => this.release());
    button.addEventListener("contextmenu", (event) => event.preventDefault()); // a long press on a phone
    document.addEventListener("keydown", (event) => this._key(event));
    document.addEventListener("keyup", (event) => this._up(event));
    button.addEventListener("click", (event) => event.detail === 0 && this._toggle()); // Enter, and screen readers, hold nothing
    window.addEventListener("blur", () => this.release()); // no key is seen to rise elsewhere
  }

  press() {
    if (!this.on || this.held || !this.act.press()) return;
    this.held = true;
    this._show();
  }

  release() {
    if (!this.held) return;
    this.held = false;
    this._show();
    this.act.release();
  }

  _toggle() {
    if (this.held) this.release();
    else this.press();
  }

  _show() {
    this.button.classList.toggle("held", this.held);
    this.button.setAttribute("aria-pressed", String(this.held));
  }

  /** @param {PointerEvent} event */
  _down(event) {
    if (event.button !== 0) return;
    this.button.setPointerCapture(event.pointerId);
    this.press();
  }

  /** @param {KeyboardEvent} event */
  _key(event) {
    const other = event.target instanceof Element && event.target.closest(CONTROLS);
    if (event.key !== " " || !this.on || !this.button.offsetParent || (other && other !== this.button)) return;
    event.preventDefault(); // the page must not scroll, nor the button click
    if (!event.repeat) this.press();
  }

  /** @param {KeyboardEvent} event */
  _up(event) {
    if (event.key !== " ") return;
    if (this.on && event.target === this.button) event.preventDefault(); // it would click
    this.release();
  }
}
