// @ts-check
// A chat shows its end while an answer is written, unless its reader has scrolled up: then it stays where the reader is.
// Gradio's own way pulls the reader down again with every few words.

const CHAT = ".chat .bubble-wrap";
const NEAR = 24; // px from the end that are the end

/** @typedef {{ following: boolean, top: number, questions: number }} ChatReading */

export function followAnswers() {
  /** @type {WeakMap<Element, ChatReading>} */
  const readings = new WeakMap();
  const reading = (/** @type {Element} */ chat) => {
    const known = readings.get(chat) ?? { following: true, top: 0, questions: 0 };
    readings.set(chat, known);
    return known;
  };

  document.addEventListener("scroll", ({ target }) => {
    if (!(target instanceof Element) || !target.matches(CHAT)) return;
    const of = reading(target);
    const rest = target.scrollHeight - target.clientHeight - target.scrollTop;
    if (rest <= NEAR) of.following = true;
    else if (target.scrollTop < of.top) of.following = false;
    of.top = target.scrollTop;
  }, true);

  const follow = (/** @type {Element} */ chat) => {
    const of = reading(chat);
    const questions = chat.querySelectorAll(".user-row").length;
    if (questions > of.questions) of.following = true; // who asks wants to see the answer
    of.questions = questions;
    if (of.following) of.top = chat.scrollTop = chat.scrollHeight;
  };

  const sizes = new ResizeObserver((changed) => changed.forEach(({ target }) => {
    const chat = target.closest(CHAT);
    if (chat) follow(chat);
  }));
  new MutationObserver((changes) => {
    /** @type {Set<Element>} */
    const chats = new Set();
    for (const { target } of changes) {
      const chat = target instanceof Element ? target.closest(CHAT) : target.parentElement?.closest(CHAT);
      if (chat) chats.add(chat);
    }
    for (const chat of chats) {
      follow(chat);
      const inside = chat.querySelector(".message-wrap");
      if (inside) sizes.observe(inside); // pictures that come later
    }
  }).observe(document.body, { childList: true, subtree: true, characterData: true });
}
