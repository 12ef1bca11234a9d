// @ts-check
// Gradio's box for a question, as scripts use it: give it a file, wait until that is uploaded, send it.

const UPLOADED = 60_000; // ms

/** The box of the tab that is shown. */
export function shownBox() {
  return /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".box")]).find((box) => box.offsetParent !== null);
}

/** Add a file; true once it is there. @param {HTMLElement} box @param {File} file @returns {Promise<boolean>} */
export function giveFile(box, file) {
  const input = /** @type {HTMLInputElement | null} */ (box.querySelector("input[type=file]"));
  if (!input) return Promise.resolve(false);
  const files = () => box.querySelectorAll(".thumbnail-item:not(.uploading)").length;
  const before = files();
  const held = new DataTransfer();
  held.items.add(file);
  input.files = held.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
  return new Promise((done) => {
    const watch = new MutationObserver(() => files() > before && end(true));
    const timer = setTimeout(() => end(false), UPLOADED);
    const end = (/** @type {boolean} */ there) => {
      watch.disconnect();
      clearTimeout(timer);
      done(there);
    };
    watch.observe(box, { childList: true, subtree: true });
  });
}

/** Press its button. @param {HTMLElement} box */
export function sendBox(box) {
  /** @type {HTMLElement | null} */ (box.querySelector("[data-testid=submit-button]"))?.click();
}
