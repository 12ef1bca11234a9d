// @ts-check
// What a visitor chooses for the whole page: its language, in a cookie, which the server reads too, and its theme.

/** @typedef {"en" | "zh"} Language */
/** @typedef {"light" | "dark" | "system"} Theme */

const COOKIE = "vita-language"; // read by demos/visitor_language.py
const YEAR = 365 * 24 * 3600;
const THEME = "vita-theme";
/** @type {Theme[]} */
export const THEMES = ["system", "light", "dark"];
export const THEME_CHOSEN = "vita:theme-chosen"; // event on the window

/** The language that a visitor chose: by a link with "?lang=", or before. @param {string} query @param {string} cookies @returns {Language | null} */
export function chosenLanguage(query, cookies) {
  const named = new URLSearchParams(query).get("lang")?.toLowerCase().slice(0, 2);
  const kept = new RegExp(`(?:^|;\\s*)${COOKIE}=(\\w+)`).exec(cookies)?.[1];
  return [named, kept].find((one) => one === "en" || one === "zh") ?? null;
}

/** Keep a language. @param {Language} language */
export function keepLanguage(language) {
  const framed = location.protocol === "https:" ? "SameSite=None; Secure; Partitioned" : "SameSite=Lax"; // a Space is in a frame
  document.cookie = `${COOKIE}=${language}; Path=${new URL(".", document.baseURI).pathname}; Max-Age=${YEAR}; ${framed}`;
}

/** @returns {Theme} */
export function chosenTheme() {
  const kept = localStorage.getItem(THEME);
  return THEMES.find((theme) => theme === kept) ?? "system";
}

/** @param {Theme} theme */
export function keepTheme(theme) {
  localStorage.setItem(THEME, theme);
  dispatchEvent(new Event(THEME_CHOSEN));
}
