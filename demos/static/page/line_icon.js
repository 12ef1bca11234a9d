// @ts-check

/** A drawing of lines on 24 x 24, hidden from screen readers. @param {string} lines the path's data */
export function lineIcon(lines) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", lines);
  svg.append(path);
  return svg;
}
