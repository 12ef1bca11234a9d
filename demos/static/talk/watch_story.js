// @ts-check
// What the events of a watch change in a story. Pure.

/** @import { Story } from "./story.js" */
/** @import { EventData, Watch } from "./types.js" */

/** Change the watch of that number, if it is the story's. @param {Story} story @param {number} id @param {Partial<Watch>} fields */
function changeWatch(story, id, fields) {
  const { watch } = story;
  if (watch !== null && watch.id === id) story.watch = { ...watch, ...fields };
}

/** @type {Record<string, (story: Story, data: EventData, t: number) => void>} */
export const WATCH_EVENTS = {
  "vita.watch_set": (story, { watch: id, watch_for: wanted, repeat, seconds }, t) => {
    story.watch = { id, wanted, repeat, since: t, seconds, looked: 0, skipped: 0, said: "", frame: null, shows: false, already: false, why: null };
  },
  "vita.watch_looked": (story, { watch: id, frame, said, shows, already, looked, skipped }) =>
    changeWatch(story, id, { frame, said, shows, looked, skipped, already: already || (looked > 1 && story.watch?.already) }),
  "vita.watch_seen": (story, { watch: id, frame, item_id: item }, t) => {
    story.marks.push({ t, lane: "vita", kind: "seen" });
    const name = story.watch?.id === id ? story.watch?.wanted : undefined;
    story.addTurn(item ?? `seen ${t}`, "remark", { why: "seen", name, frames: frame ? [frame] : [], count: 1 });
    changeWatch(story, id, { already: false });
  },
  "vita.watch_ended": (story, { watch: id, why }) => changeWatch(story, id, { why }),
};
