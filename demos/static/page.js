// @ts-check
// Keyboard: Esc presses the stop button of the tab that is shown. And names for what a screen reader would find nameless,
// or named in English only.
/** @type {(given: { names: Record<string, string>, prefixes: Record<string, string> }) => void} */
(({ names, prefixes }) => {
  const shown = (/** @type {HTMLElement} */ element) => element.offsetParent !== null;
  const elements = (/** @type {string} */ selector) => /** @type {HTMLElement[]} */ ([...document.querySelectorAll(selector)]);
  /** What an event happened in, if that is within an element of the selector. @param {Event} event @param {string} selector */
  const within = (event, selector) => event.target instanceof Element && event.target.closest(selector);
  const spoken = navigator.language; // the visitor's choice where there is one, see page/early_choices.js
  const chinese = spoken.toLowerCase().startsWith("zh");
  document.documentElement.lang = spoken;
  import(new URL("page/main.js", document.baseURI).href).then(({ start }) => start()).catch(console.error);

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    elements(".box .stop-button").find(shown)?.click();
  });

  document.addEventListener("toggle", ({ target }) => {
    if (target instanceof HTMLDetailsElement && target.open && target.matches(".saw")) target.scrollIntoView({ block: "nearest", behavior: "smooth" });
  }, true);

  // Files may be dropped anywhere in a tab, and pasted wherever nothing is typed; Gradio takes them over its box alone.
  const inBox = (/** @type {Event} */ event) => within(event, ".box");
  const fields = () => /** @type {HTMLInputElement[]} */ (elements(".box input[type=file]"));
  const field = () => fields().find((input) => shown(/** @type {HTMLElement} */ (input.closest(".box"))));
  /** @param {Event} event @param {FileList | undefined} files */
  const give = (event, files) => {
    const taker = field();
    if (!files?.length || inBox(event) || !taker) return;
    event.preventDefault();
    const held = new DataTransfer();
    [...files].forEach((file) => held.items.add(file));
    taker.files = held.files;
    taker.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const dragged = (/** @type {DragEvent} */ event) =>
    event.dataTransfer?.types.includes("Files") && field() && !within(event, "[data-testid=image], .camera");
  const drop = (/** @type {boolean} */ on) => document.body.classList.toggle("dropping", on);
  document.addEventListener("dragover", (event) => {
    if (!dragged(event)) return;
    event.preventDefault(); // or the browser leaves the page and opens the file
    drop(!inBox(event));
  });
  document.addEventListener("dragleave", (event) => event.relatedTarget ?? drop(false));
  document.addEventListener("drop", (event) => {
    drop(false);
    if (dragged(event)) give(event, event.dataTransfer?.files);
  });
  document.addEventListener("paste", (event) => {
    if (!within(event, "input, textarea")) give(event, event.clipboardData?.files);
  });

  const inChinese = (/** @type {string} */ name) => {
    const begun = Object.keys(prefixes).find((prefix) => name.startsWith(prefix));
    return begun ? prefixes[begun] + name.slice(begun.length) : names[name.trim()];
  };
  const translate = () => {
    for (const attribute of ["aria-label", "title"]) {
      for (const element of elements(`[${attribute}]`)) {
        const word = inChinese(element.getAttribute(attribute) ?? "");
        if (word) element.setAttribute(attribute, word);
      }
    }
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT, (text) =>
      text.parentElement?.closest(".camera, .toast-title") && names[text.nodeValue?.trim() ?? ""] ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_SKIP);
    while (texts.nextNode()) texts.currentNode.nodeValue = names[texts.currentNode.nodeValue?.trim() ?? ""];
  };
  const name = () => {
    waiting = false;
    for (const area of elements(".box textarea:not([aria-label])")) area.setAttribute("aria-label", area.getAttribute("placeholder") ?? "");
    for (const input of elements("input[title]:not([aria-label])")) input.setAttribute("aria-label", input.title);
    for (const fold of elements("button.label-wrap")) fold.setAttribute("aria-expanded", String(fold.classList.contains("open")));
    for (const empty of elements("div.empty[aria-label]:not([role])")) empty.setAttribute("role", "img"); // or its name is not read
    for (const copy of elements("button.copy_code_button:not([aria-label])")) copy.setAttribute("aria-label", "Copy code");
    for (const preview of elements(".chat button:has(img):not([aria-label])")) {
      if (!preview.textContent?.trim()) preview.setAttribute("aria-label", "Enlarge the picture");
    }
    if (chinese) translate();
  };
  let waiting = false; // once a frame, however much changes
  new MutationObserver(() => {
    if (!waiting) waiting = !!requestAnimationFrame(name);
  }).observe(document.body, { childList: true, subtree: true, attributeFilter: ["aria-label", "title", "class"] });
  name();
})
