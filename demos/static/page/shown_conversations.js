// @ts-check
// What this page shows, and what is typed but not sent yet, over a reload: in the session's storage, each page's own.

/** @import { AbilityName } from "./kept_types.js" */

const SHOWN = "vita-shown";
const DRAFT = "vita-draft-";

/** The conversation that each tab shows. */
export class ShownConversations {
  /** @param {Storage} storage */
  constructor(storage) {
    this._storage = storage;
  }

  /** Its id; null where a tab shows none. @param {string} tab @returns {string | null} */
  of(tab) {
    return this._all()[tab] ?? null;
  }

  /** @param {string} tab @param {string | null} id */
  set(tab, id) {
    this._storage.setItem(SHOWN, JSON.stringify({ ...this._all(), [tab]: id ?? undefined }));
  }

  /** @returns {Record<string, string>} */
  _all() {
    return JSON.parse(this._storage.getItem(SHOWN) ?? "{}");
  }
}

/** What is typed into the boxes. */
export class Drafts {
  /** @param {Storage} storage */
  constructor(storage) {
    this._storage = storage;
  }

  /** Note what is typed, from now on. */
  follow() {
    document.addEventListener("input", ({ target }) => {
      const tab = target instanceof HTMLTextAreaElement ? target.closest(".box")?.id.replace(/-box$/, "") : undefined;
      if (tab && target instanceof HTMLTextAreaElement) this._storage.setItem(DRAFT + tab, target.value);
    });
  }

  /** @param {AbilityName} tab */
  of(tab) {
    return this._storage.getItem(DRAFT + tab) ?? "";
  }

  /** @param {AbilityName} tab */
  forget(tab) {
    this._storage.removeItem(DRAFT + tab);
  }
}
