// @ts-check
// The signs on the buttons of the page's own modules, drawn as lines of 24 units.

import { lineIcon } from "./line_icon.js";

const LINES = {
  history: "M4 12a8 8 0 1 0 2.6-5.9M4 4v4h4M12 8v4.500l3 2",
  pen: "M5 19l1-4L16 5l3 3L9 18zM14 7l3 3",
  bin: "M5 7h14M10 7V5h4v2M7 7l1 12h8l1-12",
  save: "M12 4v11M7 11l5 5 5-5M5 20h14",
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6L6 18",
  image: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M9 9.500h.01",
  video: "M4 6h11v12H4zM15 11l5-3v8l-5-3z",
  audio: "M12 4a2.500 2.500 0 0 0-2.500 2.500v5a2.500 2.500 0 0 0 5 0v-5A2.500 2.500 0 0 0 12 4zM6.500 11a5.500 5.500 0 0 0 11 0M12 16.500V20",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 3v2M12 19v2M3 12h2M19 12h2M5.600 5.600l1.400 1.400M17 17l1.400 1.400M5.600 18.400L7 17M17 7l1.400-1.400",
  moon: "M19 14.500A7.500 7.500 0 0 1 9.500 5a7.500 7.500 0 1 0 9.500 9.500z",
  system: "M4 5h16v11H4zM9 20h6M12 16v4",
};

/** @param {keyof typeof LINES} name */
export function symbol(name) {
  const svg = lineIcon(LINES[name]);
  svg.setAttribute("class", "symbol");
  return svg;
}
