// @ts-check
// A conversation as a file: Markdown, JSON with media, or one page that shows and plays the media offline.

/** @import { KeptExchange, WholeConversation } from "./kept_types.js" */
/** @import { Say } from "../talk/types.js" */
/** @typedef {[name: string, parts: BlobPart[], type: string]} SavedFile */
/** @typedef {{ key: string, name: string, uri: string }} EmbeddedMedium  Its content as a data URI. */

import { fetchFile, isExample } from "./kept_files.js";
import { fileName } from "./kept_history.js";

export const FILE_FORMAT = 1;
const NOISE = 2; // the state token of what was not addressed to the model

/** By the kind of file. @type {Record<"markdown" | "json" | "html", (whole: WholeConversation, say: Say) => Promise<SavedFile>>} */
export const EXPORTS = {
  markdown: async (whole, say) => [`${safeName(whole)}.md`, [markdownText(whole, say)], "text/markdown"],
  json: async (whole) => [`${safeName(whole)}.json`, [jsonText(whole, await embeddedMedia(whole, false))], "application/json"],
  html: async (whole, say) => [`${safeName(whole)}.html`, [pageText(whole, await embeddedMedia(whole, true), say)], "text/html"],
};

/** The conversation's name as a file's. @param {WholeConversation} whole */
export const safeName = ({ conversation }) =>
  conversation.name.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "").slice(0, 60) || "conversation";

/** @param {WholeConversation} whole @param {Say} say */
export function markdownText({ conversation, exchanges }, say) {
  const turns = exchanges.map((exchange) => {
    const files = exchange.files.map((key) => `- \`${fileName(key).replaceAll("`", "'")}\`\n`).join("");
    const mark = markOf(exchange, say);
    return `## ${say("kept.you")}\n\n${files}${files && "\n"}${exchange.text || (exchange.heard ?? "")}\n\n## ${say("kept.vita")}\n\n${exchange.answer.text}${mark && `\n\n*${mark}*`}\n`;
  });
  return `# ${conversation.name}\n\n${turns.join("\n")}`;
}

/** @param {WholeConversation} whole @param {readonly EmbeddedMedium[]} media */
export function jsonText({ conversation, exchanges }, media) {
  const { tab, name, created, changed, settings } = conversation;
  return JSON.stringify({ vita: "conversation", format: FILE_FORMAT, tab, name, created, changed, settings,
    exchanges: exchanges.map((exchange) => ({ ...exchange, saved: undefined })), media }, null, 1);
}

/** @param {WholeConversation} whole @param {readonly EmbeddedMedium[]} media @param {Say} say */
export function pageText({ conversation, exchanges }, media, say) {
  const uris = new Map(media.map(({ key, uri }) => [key, uri]));
  const turns = exchanges.map((exchange) => {
    const shown = exchange.files.map((key, place) => mediumHtml(exchange.kinds[place], fileName(key), uris.get(key))).join("\n");
    const mark = markOf(exchange, say);
    return `<article><h2>${escaped(say("kept.you"))}</h2>\n${shown}\n<p>${escaped(exchange.text || (exchange.heard ?? ""))}</p>
<h2>${escaped(say("kept.vita"))}</h2>\n<p>${escaped(exchange.answer.text)}</p>${mark && `<small>${escaped(mark)}</small>`}</article>`;
  });
  return `<!doctype html>
<html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'">
<title>${escaped(conversation.name)}</title><style>
:root { color-scheme: light dark; font: 16px/1.55 system-ui, sans-serif; } body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.3rem; } h2 { font-size: 0.85rem; opacity: 0.65; margin: 1.4rem 0 0.3rem; } p { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
img, video { max-width: 100%; max-height: 24rem; border-radius: 10px; display: block; margin-bottom: 0.5rem; } audio { width: 100%; } small { opacity: 0.65; }
</style></head><body><h1>${escaped(conversation.name)}</h1>
${turns.join("\n")}
</body></html>`;
}

/** @param {string} kind @param {string} name @param {string | undefined} uri */
function mediumHtml(kind, name, uri) {
  const label = escaped(name);
  if (!uri) return `<p><small>${label}</small></p>`;
  if (kind === "picture") return `<img src="${escaped(uri)}" alt="${label}">`;
  const tag = kind === "sound" ? "audio" : "video";
  return `<${tag} controls src="${escaped(uri)}" title="${label}"></${tag}>`;
}

/** @param {KeptExchange} exchange @param {Say} say */
function markOf({ answer }, say) {
  if (answer.state === NOISE) return say("kept.noise");
  return answer.finish === "abort" || answer.phase !== "done" ? say("kept.stopped") : "";
}

/** @param {string} text */
const escaped = (text) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** @param {WholeConversation} whole @param {boolean} withExamples those are on every server */
async function embeddedMedia({ exchanges, media }, withExamples) {
  /** @type {EmbeddedMedium[]} */
  const embedded = [];
  for (const key of new Set(exchanges.flatMap(({ files }) => files))) {
    if (isExample(key) && !withExamples) continue;
    const blob = media.get(key)?.blob ?? (await fetchFile(key).catch(() => null));
    if (blob) embedded.push({ key, name: fileName(key), uri: await dataUri(blob) });
  }
  return embedded;
}

/** @param {Blob} blob @returns {Promise<string>} */
const dataUri = (blob) =>
  new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(String(reader.result));
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(blob);
  });
