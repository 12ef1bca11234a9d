// @ts-check
// Runs before Gradio's scripts, which follow the browser's language and theme: these are the visitor's choices from here on.

import { THEME_CHOSEN, chosenLanguage, chosenTheme, keepLanguage } from "./visitor_choices.js";

const TAGS = { en: "en-US", zh: "zh-CN" };
const DARK = "(prefers-color-scheme: dark)";

const chosen = chosenLanguage(location.search, document.cookie);
const servers = new URL(import.meta.url).searchParams.get("language"); // for who has chosen none
if (chosen) keepLanguage(chosen);
const language = chosen ?? (servers === "en" || servers === "zh" ? servers : null);
if (language) {
  const tag = TAGS[language];
  Object.defineProperty(navigator, "language", { get: () => tag });
  Object.defineProperty(navigator, "languages", { get: () => [tag] });
}

const native = window.matchMedia.bind(window);
const system = native(DARK);

/** Whether the page is dark, as a media query tells it. */
class ThemeQuery extends EventTarget {
  media = DARK;

  get matches() {
    const theme = chosenTheme();
    return theme === "system" ? system.matches : theme === "dark";
  }
}

const query = new ThemeQuery();
const changed = () => query.dispatchEvent(new Event("change"));
system.addEventListener("change", changed);
addEventListener(THEME_CHOSEN, changed);
addEventListener("storage", changed); // chosen in another page
window.matchMedia = (asked) => (asked === DARK ? /** @type {MediaQueryList} */ (/** @type {unknown} */ (query)) : native(asked));
