// @ts-check
// What of the page stands in its address: parameters of the query. A link opens them, Back and Forward walk them.

/** @import { QueryChanges } from "./query.js" */

import { changedQuery, queryValues } from "./query.js";

const SPACES = "https://huggingface.co"; // shows a Space in a frame, and can repeat the frame's query in its own address

class PageAddress {
  /** The value of a parameter; null where it is not there. @param {string} name */
  read(name) {
    return this.readAll(name)[0] ?? null;
  }

  /** All values of a parameter that comes several times. @param {string} name */
  readAll(name) {
    return queryValues(location.search, name);
  }

  /**
   * Put values into the address; nothing happens where it has them already.
   * @param {QueryChanges} changes
   * @param {"push" | "step" | "replace" | "fill"} how "push" makes a step that Back returns from; so does "step" where the
   * address had other values before, not where it gets its first ones; "fill" gives it first ones only
   */
  write(changes, how = "replace") {
    const query = changedQuery(location.search, changes);
    if (query === location.search) return;
    const target = `${location.pathname}${query}${location.hash}`;
    const named = Object.keys(changes).some((name) => this.read(name) !== null);
    if (how === "fill" && named) return;
    if (how === "push" || (how === "step" && named)) history.pushState(history.state, "", target);
    else history.replaceState(history.state, "", target);
    if (parent !== window) parent.postMessage({ queryString: query.slice(1), hash: location.hash }, SPACES);
  }

  /** Hear when Back or Forward has brought another address; returns what ends that. @param {() => void} listener */
  listen(listener) {
    addEventListener("popstate", listener);
    return () => removeEventListener("popstate", listener);
  }
}

/** The page's one address; modules and Gradio's listeners share it. */
export const address = new PageAddress();
