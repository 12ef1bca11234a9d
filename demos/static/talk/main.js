// @ts-check
// The beginning: words, style, the tab itself, and the conversation that was kept.

import { h, speaker } from "./dom.js";
import { keepConversations } from "./kept_conversation.js";
import { Talk } from "./talk.js";

/** @param {string} name */
const link = (name) => new URL(`./${name}`, import.meta.url).href;

/** Put the tab into `element`. @param {HTMLElement} element */
export async function start(element) {
  const style = h("link", { rel: "stylesheet", href: link("talk.css") });
  const styled = new Promise((done) => (style.onload = style.onerror = done));
  document.head.append(style);
  const [config] = await Promise.all([fetch(link("config.json")).then((answer) => answer.json()), styled]);
  const talk = new Talk(speaker(config.words), config);
  element.replaceChildren(talk.view.element);
  talk.draw();
  await keepConversations(talk);
}
