// @ts-check
// Which of Gradio's events are in progress, and what Gradio is told of those whose end can never come. Without it Gradio
// takes a server that forgot them for a lost connection, and reloads the page.

/** @typedef {{ title: string, restarted: string, expired: string }} LostWords */

export class LostAnswers {
  /** @param {LostWords} words */
  constructor(words) {
    this.words = words;
    /** @type {Set<string>} */
    this.running = new Set();
  }

  /** An event was accepted. @param {string} event its id */
  expect(event) {
    this.running.add(event);
  }

  /** What Gradio gets of a piece of its stream of answers. @param {string} text */
  watch(text) {
    if (text.includes('"msg":"unexpected_error"')) return this.failures(this.words.restarted); // of a server that ends, or forgot
    if (text.includes('"msg":"process_completed"')) {
      for (const line of text.split("\n")) {
        const told = line.startsWith("data: ") ? JSON.parse(line.slice(6)) : {};
        if (told.msg === "process_completed") this.running.delete(told.event_id);
      }
    }
    return text;
  }

  /** The end of every event in progress, and of the stream, as Gradio's server would say it. @param {string} why */
  failures(why) {
    const output = { error: why, title: this.words.title, visible: true, duration: 12 };
    const ends = [...this.running].map((id) => ({ msg: "process_completed", event_id: id, output, success: false }));
    this.running.clear();
    return [...ends, { msg: "close_stream", event_id: null }].map((message) => `data: ${JSON.stringify(message)}\n\n`).join("");
  }
}
