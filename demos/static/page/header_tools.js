// @ts-check
// What stands at the page's head beside the engines: kept conversations, language and theme.

/** @import { Say } from "../talk/types.js" */
/** @import { Language } from "./visitor_choices.js" */

import { h } from "../talk/dom.js";
import { address } from "./address.js";
import { HistoryDrawer } from "./history_drawer.js";
import { pageWords } from "./page_words.js";
import { symbol } from "./symbols.js";
import { THEMES, chosenTheme, keepLanguage, keepTheme } from "./visitor_choices.js";

/** @type {[Language, string][]} */
const LANGUAGES = [["en", "EN"], ["zh", "中文"]];
const SYMBOLS = /** @type {const} */ ({ system: "system", light: "sun", dark: "moon" });

/** Put the tools into the page's head, once it is there. */
export async function showTools() {
  const { say, language } = await pageWords();
  const place = await appeared(".page-tools");
  const drawer = new HistoryDrawer(say, language);
  const history = h("button", { type: "button", class: "tool history", title: say("kept.title"), "aria-haspopup": "dialog",
    onclick: () => drawer.open() }, symbol("history"), h("span", {}, say("kept.title")));
  place.replaceChildren(history, languageSwitch(language, say), themeSwitch(say));
}

/** @param {string} spoken @param {Say} say */
function languageSwitch(spoken, say) {
  const buttons = LANGUAGES.map(([language, label]) => h("button", { type: "button", lang: language, "aria-pressed": String(language === spoken),
    onclick: () => language !== spoken && speak(language) }, label));
  return h("div", { class: "tool-group", role: "group", "aria-label": say("choice.language") }, buttons);
}

/** The page in another language, which its server has to write: what was said and typed is shown again. @param {Language} language */
function speak(language) {
  keepLanguage(language);
  address.write({ lang: null });
  location.reload();
}

/** @param {Say} say */
function themeSwitch(say) {
  const button = h("button", { type: "button", class: "tool theme", onclick: () => {
    keepTheme(THEMES[(THEMES.indexOf(chosenTheme()) + 1) % THEMES.length]);
    draw();
  } });
  const draw = () => {
    const theme = chosenTheme(), label = say("choice.theme", { theme: say(`choice.${theme}`) });
    button.replaceChildren(symbol(SYMBOLS[theme]));
    button.title = label;
    button.setAttribute("aria-label", label);
  };
  draw();
  return button;
}

/** An element of the page; Gradio makes it a little later. @param {string} selector @returns {Promise<Element>} */
function appeared(selector) {
  return new Promise((done) => {
    const look = () => {
      const element = document.querySelector(selector);
      if (element) done(element);
      return Boolean(element);
    };
    if (look()) return;
    const watch = new MutationObserver(() => look() && watch.disconnect());
    watch.observe(document.body, { childList: true, subtree: true });
  });
}
