// @ts-check
// Keeps the conversations of the ability tabs in this browser, and has them shown again: after a reload, Back, an outage,
// a restart of the server. The server tells what to keep (`receive`) and takes what is to be shown (`brought`).

/** @import { AbilityName, KeptConversation, KeptUpdate, WholeConversation } from "./kept_types.js" */
/** @import { KeptStore } from "./kept_store.js" */

import { address } from "./address.js";
import { fetchFile, fileData, isExample, placedFiles } from "./kept_files.js";
import { bytesText, changedConversation, fileName, oldestHalf, withoutKeys } from "./kept_history.js";
import { openStore } from "./kept_store.js";
import { pageWords, remark } from "./page_words.js";
import { randomId } from "./random_id.js";
import { Drafts, ShownConversations } from "./shown_conversations.js";

const CHANNEL = "vita-conversations"; // tells other pages of this browser that something has changed
const SWEPT = 24 * 3600_000; // ms until what was deleted or belongs to nothing is gone for good
const PATIENCE = 10_000; // ms that whoever waits for the server to show a conversation waits at most
/** @type {AbilityName[]} */
export const ABILITIES = ["image", "video", "audio"];

/** The tab that is open, by the address. */
export const openTab = () => /** @type {AbilityName} */ (address.read("tab") ?? "image");

class Keeping extends EventTarget {
  constructor() {
    super();
    /** @type {KeptStore | null} */
    this.store = null;
    this.shown = new ShownConversations(sessionStorage);
    this._drafts = new Drafts(sessionStorage);
    this._channel = new BroadcastChannel(CHANNEL);
    /** @type {Map<string, string>} ids that the server uses, of conversations that are kept under another one */
    this._copies = new Map();
    /** @type {Map<string, readonly string[]>} what this page last saw of a conversation */
    this._known = new Map();
    /** @type {Set<string>} exchanges that this page has heard of; any other is a question that has just been asked */
    this._heard = new Set();
    /** @type {Map<AbilityName, [string, object[]]>} what the server is to show next */
    this._brought = new Map();
    /** @type {Map<AbilityName, () => void>} ends the wait for what a tab was told last to show */
    this._awaited = new Map();
    /** @type {Promise<unknown>} one thing after the other */
    this._work = Promise.resolve();
    /** @type {Promise<unknown>} media, one after the other */
    this._fetching = Promise.resolve();
    /** @type {Set<string>} conversations from files, which the server has not shown yet */
    this._unproven = new Set();
    this._started = false;
  }

  /** Open the store and show again what this page showed; for once the page's parts are there. */
  start() {
    this._work = this._work.then(() => this._begin()).catch(console.error);
    return this._work;
  }

  async _begin() {
    try {
      this.store = await openStore();
    } catch {
      remark((await pageWords()).say("kept.nothing"));
    }
    const { store } = this;
    this._drafts.follow();
    addEventListener("vita:server-restarted", (event) => {
      const shown = this._showAll();
      if (event instanceof CustomEvent) event.detail?.until?.(shown); // what waits to be sent goes on with these
    });
    address.listen(() => this._follow());
    this._channel.onmessage = () => this._tellChanged(false);
    if (store) {
      await this._openAddressed(store);
      store.sweep(Date.now() - SWEPT).catch(console.error);
    }
    this._showAll(); // after this, one after the other
    this._started = true;
  }

  /** Keep what the server tells. @param {string} text a KeptUpdate as JSON */
  receive(text) {
    if (!text) return;
    const update = /** @type {KeptUpdate} */ (JSON.parse(text));
    this._work = this._work.then(() => this._keep(update)).catch((error) => this._failed(error));
  }

  /** What the server is to show: the inputs of the button that was pressed for it. @param {AbilityName} tab */
  brought(tab) {
    const given = this._brought.get(tab) ?? ["", []];
    this._brought.delete(tab);
    return given;
  }

  /** The server has shown what it was given. @param {AbilityName} tab */
  restored(tab) {
    this._awaited.get(tab)?.();
  }

  /** A tab has been opened: its conversation stands in the address. @param {string} tab */
  async tabOpened(tab) {
    await new Promise((done) => setTimeout(done));
    if (this._started && openTab() === tab) address.write({ conversation: this.shown.of(tab) });
  }

  /** Go to a tab, and show a conversation there, or none. @param {AbilityName} tab @param {string | null} id */
  async open(tab, id) {
    address.write({ tab, conversation: id }, "push");
    const shown = this.show(tab, id);
    document.querySelectorAll(".address-moved").forEach((button) => button instanceof HTMLElement && button.click());
    await shown;
  }

  /** Change a kept conversation. @param {string} id @param {Partial<KeptConversation>} changes */
  async change(id, changes) {
    await this.store?.change(id, (stored) => stored && { ...stored, ...changes });
    this._tellChanged(true);
  }

  /** Keep a conversation that was brought in a file. @param {WholeConversation} whole */
  async add({ conversation, exchanges, media }) {
    this._unproven.add(conversation.id);
    for (const medium of media.values()) await this.store?.addMedium(medium);
    const now = Date.now();
    await this.store?.change(conversation.id, () => conversation, exchanges.map((exchange) => ({ ...exchange, saved: now })));
    this._tellChanged(true);
  }

  /** @param {KeptUpdate} update */
  async _keep(update) {
    const { tab, conversation, exchange } = update;
    if (update.refused) return this._refused(tab, update.refused);
    const dropped = update.dropped && (this._copies.get(update.dropped) ?? update.dropped);
    if (dropped) await this.change(dropped, { deleted: Date.now() });
    if (!conversation) return this._showing(tab, null);
    const id = this._copies.get(conversation) ?? conversation;
    const asked = exchange !== null && !this._heard.has(exchange.id);
    for (const heard of exchange ? [...update.before, exchange.id] : []) this._heard.add(heard);
    if (asked) this._drafts.forget(tab);
    const before = this.shown.of(tab); // of an answer that is still being written something else may be shown by now
    const here = asked || before === id || (before !== null && before === dropped);
    const showing = (/** @type {string | null} */ now) => here && this.shown.of(tab) === before && this._showing(tab, now);
    if (!exchange) {
      await this.change(id, { deleted: Date.now() });
      return showing(null);
    }
    if (!this.store) return showing(id);
    const now = Date.now(), copy = randomId();
    const told = { ...update, conversation: id, exchange };
    const change = (/** @type {KeptConversation | undefined} */ stored) => changedConversation(stored, this._known.get(id), told, now, copy);
    const kept = await this.store.change(id, change, [{ ...exchange, saved: now }]);
    this._copies.set(conversation, kept.id);
    this._known.set(kept.id, kept.exchanges);
    showing(kept.id);
    this._tellChanged(true);
    this._keepMedia(kept, exchange.files);
  }

  /** Keep what is not kept yet of a conversation's media, later. @param {KeptConversation} conversation @param {string[]} keys */
  _keepMedia({ id, sizes }, keys) {
    for (const key of keys.filter((name) => !isExample(name) && !(name in sizes)))
      this._fetching = this._fetching.then(() => this._keepMedium(id, key)).catch((error) => this._failed(error));
  }

  /** @param {string} id of its conversation @param {string} key */
  async _keepMedium(id, key) {
    const held = await this.store?.medium(key), blob = held?.blob ?? (await fetchFile(key));
    if (!blob || !this.store) return;
    if (!held) await this.store.addMedium({ key, name: fileName(key), blob, added: Date.now() });
    await this.store.change(id, (stored) => stored && { ...stored, sizes: { ...stored.sizes, [key]: blob.size } });
    this._tellChanged(true);
  }

  /** A link names a conversation: it is the one of its tab. @param {KeptStore} store */
  async _openAddressed(store) {
    const id = address.read("conversation");
    if (!id) return;
    const conversation = await store.conversation(id);
    if (conversation && !conversation.deleted) return this.shown.set(conversation.tab, id);
    address.write({ conversation: null });
    remark((await pageWords()).say("kept.elsewhere"));
  }

  /** Back or Forward has come. */
  async _follow() {
    const tab = openTab();
    const id = address.read("conversation");
    if (ABILITIES.includes(tab) && id !== this.shown.of(tab)) await this.show(tab, id);
  }

  /** Have everything shown that this page showed; the server may have forgotten it. Ends as `show` does. */
  _showAll() {
    const tabs = ABILITIES.filter((tab) => this.shown.of(tab) || this._drafts.of(tab));
    return Promise.all(tabs.map((tab) => this.show(tab, this.shown.of(tab))));
  }

  /**
   * Have a conversation shown, or none. Ends when the server has shown it, or the tab is to show another one, or nothing
   * has come for long.
   * @param {AbilityName} tab @param {string | null} id @returns {Promise<void>}
   */
  show(tab, id) {
    this.shown.set(tab, id);
    return new Promise((done) => {
      this.restored(tab);
      this._awaited.set(tab, done);
      setTimeout(done, PATIENCE);
      const isLatest = () => this._awaited.get(tab) === done;
      this._work = this._work.then(() => this._bring(tab, id, isLatest)).catch((error) => this._failed(error));
    });
  }

  /** @param {AbilityName} tab @param {string | null} id @param {() => boolean} isLatest whether the tab is still to show it */
  async _bring(tab, id, isLatest) {
    if (!isLatest()) return;
    const whole = id && this.store ? await this.store.whole(id) : undefined;
    const places = whole ? await placedFiles(whole) : new Map();
    if (!isLatest()) return;
    const exchanges = (whole?.exchanges ?? []).map((exchange) => ({ ...exchange, saved: undefined }));
    const brought = { format: 1, id: whole?.conversation.id ?? randomId(), settings: whole?.conversation.settings ?? null,
      draft: this._drafts.of(tab), keys: [...places.keys()], exchanges };
    if (whole) {
      this._known.set(whole.conversation.id, whole.conversation.exchanges);
      for (const heard of whole.conversation.exchanges) this._heard.add(heard);
      this._keepMedia(whole.conversation, whole.exchanges.flatMap(({ files }) => files));
    }
    this._showing(tab, whole ? id : null, "replace");
    const pressed = this._brought.has(tab); // and not yet asked what it brings: it brings this
    const button = document.querySelector(`#${tab}-restore`);
    if (!(button instanceof HTMLElement)) return;
    this._brought.set(tab, [JSON.stringify(brought), [...places.values()].map(fileData)]);
    if (!pressed) button.click();
  }

  /** The server cannot show what it was given: a file that was opened is not kept. @param {AbilityName} tab @param {string} why */
  async _refused(tab, why) {
    remark(why);
    const id = this.shown.of(tab);
    if (id && this._unproven.delete(id)) await this.change(id, { deleted: Date.now() });
    this._showing(tab, null);
  }

  /**
   * A tab shows a conversation, or none; the address names it where that tab is open.
   * @param {AbilityName} tab @param {string | null} id @param {"push" | "replace"} how
   */
  _showing(tab, id, how = this.shown.of(tab) && this.shown.of(tab) !== id ? "push" : "replace") {
    this.shown.set(tab, id);
    if (openTab() === tab) address.write({ conversation: id }, how);
    this._tellChanged(false);
  }

  /** @param {boolean} everywhere whether other pages are told too */
  _tellChanged(everywhere) {
    this.dispatchEvent(new Event("changed"));
    if (everywhere) this._channel.postMessage("changed");
  }

  /** @param {unknown} error */
  async _failed(error) {
    if (error instanceof DOMException && error.name === "QuotaExceededError") await this._offerRoom();
    else console.error(error);
  }

  /** The browser's storage is full: the oldest media that no tab shows can go. */
  async _offerRoom() {
    const { say } = await pageWords();
    const media = (await this.store?.media()) ?? [];
    const all = (await this.store?.conversations()) ?? [];
    const open = new Set(all.filter(({ id, tab }) => this.shown.of(tab) === id).flatMap(({ sizes }) => Object.keys(sizes)));
    const oldest = oldestHalf(media.filter(({ key }) => !open.has(key)).map(({ key, blob }) => ({ key, bytes: blob.size })));
    const bytes = oldest.reduce((sum, medium) => sum + medium.bytes, 0);
    const free = async () => {
      const keys = oldest.map(({ key }) => key);
      await this.store?.dropMedia(keys);
      for (const { id, sizes } of all) if (keys.some((key) => key in sizes)) await this.change(id, { sizes: withoutKeys(sizes, keys) });
      remark(say("kept.freed", { size: bytesText(bytes) }));
      for (const tab of ABILITIES) await this._keepShown(tab);
    };
    remark(say("kept.full"), oldest.length ? { label: say("kept.free", { size: bytesText(bytes) }), act: free } : undefined);
  }

  /** Keep the media of what a tab shows that are not kept yet. @param {AbilityName} tab */
  async _keepShown(tab) {
    const id = this.shown.of(tab);
    const conversation = id && (await this.store?.conversation(id));
    if (!conversation || !this.store) return;
    const exchanges = await this.store.exchanges(conversation);
    this._keepMedia(conversation, exchanges.flatMap(({ files }) => files));
  }
}

/** The page's one keeper. */
export const keeping = new Keeping();
