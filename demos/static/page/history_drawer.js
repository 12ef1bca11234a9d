// @ts-check
// The drawer with every conversation that this browser keeps: search, rename, delete, save, open a saved one.

/** @import { KeptConversation } from "./kept_types.js" */
/** @import { Say } from "../talk/types.js" */

import { h, save } from "../talk/dom.js";
import { EXPORTS } from "./conversation_files.js";
import { readConversationFile } from "./conversation_import.js";
import { ABILITIES, keeping, openTab } from "./keeping.js";
import { bytesText, isFound, mediaBytes } from "./kept_history.js";
import { pagePlace } from "./page_words.js";
import { symbol } from "./symbols.js";

const PAUSE = 150; // ms without a key until the search begins

export class HistoryDrawer {
  /** @param {Say} say @param {string} language */
  constructor(say, language) {
    this._say = say;
    this._dates = new Intl.DateTimeFormat(language, { dateStyle: "short", timeStyle: "short" });
    this._search = h("input", { type: "search", placeholder: say("kept.search"), "aria-label": say("kept.search"), oninput: () => this._searchSoon() });
    this._list = h("ul", { "aria-label": say("kept.list") });
    this._note = h("p", { class: "kept-note", role: "status" });
    this._usage = h("small", { class: "kept-usage" });
    this._file = h("input", { type: "file", accept: ".json,application/json", hidden: true, onchange: () => this._import() });
    this._element = this._laidOut();
    this._waiting = 0;
    keeping.addEventListener("changed", () => this._element.open && this._draw());
  }

  /** Show it. */
  async open() {
    if (!this._element.isConnected) pagePlace().append(this._element);
    this._note.replaceChildren();
    await this._draw();
    if (!this._element.open) this._element.showModal();
  }

  _laidOut() {
    const say = this._say;
    const close = h("button", { type: "button", class: "tool", "aria-label": say("kept.close"), onclick: () => this._element.close() }, symbol("close"));
    const begin = h("button", { type: "button", class: "kept-new", onclick: () => this._begin() }, symbol("plus"), say("kept.new"));
    const open = h("button", { type: "button", class: "kept-link", onclick: () => this._file.click() }, say("kept.import"));
    const drawer = h("dialog", { class: "kept-drawer", "aria-label": say("kept.title") },
      h("header", {}, h("h2", {}, say("kept.title")), close), begin, this._search, this._note, this._list,
      h("footer", {}, open, this._file, this._usage));
    drawer.addEventListener("click", (event) => event.target === drawer && drawer.close()); // beside the drawer
    return drawer;
  }

  _searchSoon() {
    clearTimeout(this._waiting);
    this._waiting = setTimeout(() => this._draw(), PAUSE);
  }

  async _draw() {
    const { store } = keeping;
    const all = store ? await store.conversations() : [];
    const sought = this._search.value.trim();
    const found = [];
    for (const conversation of all)
      if (!sought || (store && isFound(sought, conversation, await store.exchanges(conversation)))) found.push(conversation);
    const key = store ? (all.length ? "kept.unfound" : "kept.none") : "kept.nothing";
    const items = found.map((conversation) => this._item(conversation));
    this._list.replaceChildren(...(items.length ? items : [h("li", { class: "kept-empty" }, this._say(key))]));
    const estimate = await navigator.storage?.estimate?.().catch(() => null);
    const used = estimate?.quota ? this._say("kept.usage", { used: bytesText(estimate.usage ?? 0), quota: bytesText(estimate.quota) }) : "";
    this._usage.textContent = `${this._say("kept.here")} ${used}`;
  }

  /** @param {KeptConversation} conversation */
  _item(conversation) {
    const { id, tab, name, exchanges } = conversation;
    const say = this._say, bytes = mediaBytes(conversation);
    const count = exchanges.length === 1 ? say("kept.turn") : say("kept.turns", { count: exchanges.length });
    const facts = [say(`tab.${tab}`), this._dates.format(conversation.changed), count, bytes ? bytesText(bytes) : ""];
    const shown = keeping.shown.of(tab) === id;
    const open = h("button", { type: "button", class: "kept-open", "aria-current": shown ? "true" : null, onclick: () => this._open(conversation) },
      symbol(tab), h("span", { class: "kept-name" }, name), h("small", {}, facts.filter(Boolean).join(" · ")));
    const menu = h("details", { class: "kept-menu", name: "kept-menu" },
      h("summary", { "aria-label": say("kept.more", { name }), title: say("kept.more", { name }) }, "⋯"),
      h("div", {}, ...this._choices(conversation)));
    return h("li", {}, open, menu);
  }

  /** @param {KeptConversation} conversation */
  _choices(conversation) {
    const choice = (/** @type {string} */ label, /** @type {() => unknown} */ act) => h("button", { type: "button", onclick: act }, label);
    const files = Object.entries(EXPORTS).map(([kind, make]) => choice(this._say(`kept.${kind}`), async () => {
      const whole = await keeping.store?.whole(conversation.id);
      if (whole) save(...(await make(whole, this._say)));
    }));
    return [choice(this._say("kept.rename"), () => this._rename(conversation)), ...files,
      choice(this._say("kept.delete"), () => this._delete(conversation))];
  }

  /** @param {KeptConversation} conversation */
  async _open({ tab, id }) {
    this._element.close();
    await keeping.open(tab, id);
  }

  async _begin() {
    this._element.close();
    await keeping.open(ABILITIES.includes(openTab()) ? openTab() : "image", null);
  }

  /** @param {KeptConversation} conversation */
  _rename({ id, name }) {
    const field = h("input", { type: "text", value: name, maxlength: 200, "aria-label": this._say("kept.name") });
    const form = h("form", { class: "kept-rename" }, field);
    const finish = () => (field.value.trim() && field.value.trim() !== name ? keeping.change(id, { name: field.value.trim(), named: true }) : this._draw());
    form.addEventListener("submit", (event) => { event.preventDefault(); field.blur(); });
    field.addEventListener("blur", finish, { once: true });
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault(); // the drawer stays
      field.value = name;
      field.blur();
    });
    const item = [...this._list.children].find((one) => one.contains(document.activeElement));
    item?.replaceChildren(form);
    field.select();
  }

  /** @param {KeptConversation} conversation */
  async _delete({ id, tab, name }) {
    const shown = keeping.shown.of(tab) === id;
    await keeping.change(id, { deleted: Date.now() });
    if (shown) keeping.show(tab, null);
    const undo = h("button", { type: "button", class: "kept-link", onclick: async () => {
      this._note.replaceChildren();
      await keeping.change(id, { deleted: undefined });
      if (shown && !keeping.shown.of(tab)) await keeping.show(tab, id);
    } }, this._say("kept.undo"));
    this._note.replaceChildren(this._say("kept.deleted", { name }), " ", undo);
    undo.focus();
  }

  async _import() {
    const [file] = this._file.files ?? [];
    this._file.value = "";
    if (!file) return;
    try {
      const whole = await readConversationFile(file, this._say);
      await keeping.add(whole);
      await this._open(whole.conversation);
    } catch (error) {
      this._note.textContent = error instanceof Error ? error.message : String(error);
    }
  }
}
