// @ts-check
// While what the camera took is being added to the question, this is told, and a question that is sent waits for it.

import { sendBox, shownBox } from "./box_gestures.js";

const SHOWN = 1000; // ms that Gradio may take to show what was added

/** @param {{ adding: string, held: string }} words */
export function holdQuestions(words) {
  /** @type {{ box: HTMLElement, note: HTMLElement, files: number, text: string, sent: boolean } | null} */
  let held = null;
  const field = (/** @type {HTMLElement} */ box) => /** @type {HTMLTextAreaElement} */ (box.querySelector("textarea"));
  const files = (/** @type {HTMLElement} */ box) => box.querySelectorAll(".thumbnail-item").length;

  const begin = () => {
    const box = shownBox();
    if (!box || held) return;
    const note = document.createElement("div");
    note.className = "adding-note";
    note.setAttribute("role", "status");
    box.closest(".form")?.after(note);
    note.textContent = words.adding;
    held = { box, note, files: files(box), text: field(box).value, sent: false };
  };
  const hold = (/** @type {Event} */ event) => {
    if (!held) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    held.sent = true;
    held.note.textContent = words.held;
  };
  const end = async () => {
    if (!held) return;
    const { box, note, files: before, text, sent } = held;
    for (const until = performance.now() + SHOWN; files(box) <= before && performance.now() < until; ) {
      await new Promise((next) => requestAnimationFrame(next));
    }
    held = null;
    note.remove();
    if (field(box).value !== text) { // what was typed since the server was asked
      field(box).value = text;
      field(box).dispatchEvent(new Event("input", { bubbles: true }));
    }
    if (sent && files(box) > before) setTimeout(() => sendBox(box));
  };

  const inBox = (/** @type {Event} */ event, /** @type {string} */ selector) =>
    held && event.target instanceof Element && held.box.contains(event.target) && event.target.closest(selector);
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest(".camera-add")) begin();
    else if (inBox(event, "[data-testid=submit-button]")) hold(event);
  }, true);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && inBox(event, "textarea")) hold(event);
  }, true);
  document.addEventListener("input", (event) => {
    if (held && inBox(event, "textarea")) held.text = field(held.box).value;
  }, true);
  window.addEventListener("vita:camera-added", end);
}
