// @ts-check
// Media between the browser and the server: fetched to be kept, and sent again where the server has lost them.

/** @import { KeptMedium, WholeConversation } from "./kept_types.js" */

import { fileName } from "./kept_history.js";

const EXAMPLE = "example:";

/** Whether a key names one of the page's own examples, which need not be kept. @param {string} key */
export const isExample = (key) => key.startsWith(EXAMPLE);

/** Where the page serves the file of a key. @param {string} key */
function addressOf(key) {
  const path = isExample(key) ? `examples/${encodeURIComponent(key.slice(EXAMPLE.length))}`
    : `gradio_api/file=${key.split("/").map(encodeURIComponent).join("/")}`;
  return new URL(path, document.baseURI).href;
}

/** What a file holds; null where the server does not have it. @param {string} key */
export async function fetchFile(key) {
  const answer = await fetch(addressOf(key));
  return answer.ok ? answer.blob() : null;
}

/**
 * Where a file is on the server, which gets it again if it has lost it; null where nobody has it any more.
 * @param {string} key @param {KeptMedium | undefined} medium
 */
async function placedFile(key, medium) {
  const there = await fetch(addressOf(key), { method: "HEAD" });
  if (there.ok) return key;
  if (!medium) return null;
  const form = new FormData();
  form.append("files", medium.blob, medium.name);
  const answer = await fetch(new URL("gradio_api/upload", document.baseURI), { method: "POST", body: form });
  return answer.ok ? /** @type {string} */ ((await answer.json())[0]) : null;
}

/** Where the files of a conversation are on the server, by their keys. @param {WholeConversation} whole */
export async function placedFiles({ exchanges, media }) {
  const keys = [...new Set(exchanges.flatMap(({ files }) => files))].filter((key) => !isExample(key));
  /** @type {Map<string, string>} */
  const places = new Map();
  for (const key of keys) {
    const place = await placedFile(key, media.get(key)).catch(() => null);
    if (place) places.set(key, place);
  }
  return places;
}

/** As Gradio's components take a file. @param {string} path */
export const fileData = (path) => ({ path, orig_name: fileName(path), meta: { _type: "gradio.FileData" } });
