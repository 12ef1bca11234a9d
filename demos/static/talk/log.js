// @ts-check
// A conversation's log as it is kept and read back. Pure.

/** @import { LogLine, TalkEvent } from "./types.js" */

/** A server's event as a log keeps it: without sound and pictures. @param {TalkEvent} event @returns {TalkEvent} */
export function withoutMedia(event) {
  if (event.type === "response.output_audio.delta") return { ...event, delta: undefined, bytes: (event.delta.length * 3) >> 2 };
  return event;
}

/** Lines of a saved log. Throws where it is none. @param {string} text @returns {LogLine[]} */
export function parseLog(text) {
  const lines = text.split("\n").filter((line) => line.trim()).map((line) => JSON.parse(line));
  if (!lines.length || !lines.every((line) => typeof line.t === "number" && typeof line.event?.type === "string")) {
    throw new Error("not a log");
  }
  return lines;
}
