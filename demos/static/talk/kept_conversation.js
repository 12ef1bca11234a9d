// @ts-check
// The conversation that this browser tab had, shown again, and kept on as it grows.

/** @import { KeptPiece } from "./archive.js" */
/** @import { Talk } from "./talk.js" */

import { Archive } from "./archive.js";
import { EarlierConversations } from "./earlier_conversations.js";
import { Keeper } from "./keeper.js";
import { Recording } from "./recording.js";
import { Story } from "./story.js";

/** Show what was kept, and keep what is said from now on. @param {Talk} talk */
export async function keepConversations(talk) {
  const keeper = new Keeper(await Archive.open(), (why) => tellUnkept(talk, why));
  const piece = await keeper.find();
  talk.keeper = keeper;
  const end = () => talk.end();
  const earlier = new EarlierConversations(talk.say, keeper, end, (other) => {
    end(); // it may have been begun again meanwhile
    restore(talk, keeper, other);
  });
  if (keeper.archive) talk.view.keep.element.append(earlier.element);
  if (talk.recording) keeper.watch(talk.recording, talk.story, talk.sights.pictures, false);
  else if (piece) restore(talk, keeper, piece);
}

/** @param {Talk} talk @param {Keeper} keeper @param {KeptPiece} piece */
function restore(talk, keeper, piece) {
  const recording = new Recording();
  recording.load(piece, keeper.earlierSound(piece.samples));
  const story = new Story();
  for (const line of recording.lines) story.add(line);
  story.endAll(recording.end);
  talk.adopt(recording, story, piece.pictures, true);
  talk.draw();
}

/** Say that the browser keeps nothing more. @param {Talk} talk @param {"full" | "none"} why */
function tellUnkept(talk, why) {
  talk.view.keep.info.textContent = talk.say("keep.none");
  if (why === "full") talk.notice.show("storage", talk.say("trouble.storage"));
}
