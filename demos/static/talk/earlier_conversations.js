// @ts-check
// The list of the conversations that this browser keeps beside the one that is shown.

/** @import { ArchiveEntry, KeptPiece } from "./archive.js" */
/** @import { Keeper } from "./keeper.js" */
/** @import { Say } from "./types.js" */

import { h } from "./dom.js";

export class EarlierConversations {
  /** @param {Say} say @param {Keeper} keeper @param {() => void} end the present one @param {(piece: KeptPiece) => void} show */
  constructor(say, keeper, end, show) {
    this.say = say;
    this.keeper = keeper;
    this.end = end;
    this.show = show;
    this.list = h("ul", {});
    this.status = h("p", { role: "status" });
    this.element = h("details", { class: "vt-earlier", ontoggle: () => this.refresh() }, h("summary", {}, say("earlier")), this.status, this.list);
  }

  /** List what is kept now. */
  async refresh() {
    if (!this.element.open) return;
    const entries = await this.keeper.others();
    this.list.replaceChildren(...(entries.length ? entries.map((entry) => this._row(entry)) : [h("li", {}, this.say("earlier.none"))]));
  }

  /** @param {ArchiveEntry} entry */
  _row(entry) {
    const date = new Date(entry.begun).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
    const title = entry.title || this.say("earlier.untitled");
    const open = h("button", { type: "button", onclick: () => this.open(entry) }, h("b", {}, title), h("small", {}, date));
    const remove = h("button", { type: "button", class: "vt-quiet", "aria-label": `${this.say("earlier.delete")}: ${title}`, onclick: () => this._ask(entry, remove) }, this.say("earlier.delete"));
    return h("li", {}, open, remove);
  }

  /** Show a conversation in place of the present one. @param {ArchiveEntry} entry */
  async open(entry) {
    const piece = await this.keeper.take(entry, this.end);
    if (piece) this.show(piece);
    this._tell(piece !== null || !this.keeper.archive);
    await this.refresh();
  }

  /** Delete at the second press. @param {ArchiveEntry} entry @param {HTMLButtonElement} button */
  async _ask(entry, button) {
    if (!button.classList.contains("sure")) {
      button.classList.add("sure");
      button.textContent = this.say("earlier.sure");
      button.removeAttribute("aria-label");
      return;
    }
    this._tell(await this.keeper.forget(entry.id));
    await this.refresh();
    this.element.querySelector("summary")?.focus();
  }

  /** Say why nothing was done, where another tab has the conversation. @param {boolean} done */
  _tell(done) {
    this.status.textContent = done ? "" : this.say("earlier.elsewhere");
  }
}
