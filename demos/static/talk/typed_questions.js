// @ts-check
// The field below the transcript: what is typed is asked, as soon as there is a conversation.

/** @import { Talk } from "./talk.js" */

export class TypedQuestions {
  /** @param {Talk} talk */
  constructor(talk) {
    this.talk = talk;
    /** @type {string[]} */
    this.waiting = []; // asked as soon as there is a conversation
    talk.view.form.onsubmit = (event) => this.submit(event);
  }

  /** @param {SubmitEvent} event */
  submit(event) {
    event.preventDefault();
    const { wire, view } = this.talk;
    const text = view.text.value.trim();
    if (!text || (wire && !wire.open)) return; // it stays where it was typed
    view.text.value = "";
    if (wire) {
      this.ask(text);
      return;
    }
    this.waiting.push(text);
    this.talk.begin();
  }

  /** Ask what was typed before there was a conversation. */
  askWaiting() {
    if (this.waiting.length) this.ask(...this.waiting.splice(0));
  }

  /** One answer to all of it. @param {string[]} texts */
  ask(...texts) {
    const { wire } = this.talk;
    for (const text of texts) {
      wire?.post({ type: "conversation.item.create", item: { type: "message", role: "user", content: [{ type: "input_text", text }] } });
    }
    wire?.post({ type: "response.create" });
  }
}
