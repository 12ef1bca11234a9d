// Keyboard: Esc presses the stop button of the tab that is shown. And names for what a screen reader would find nameless,
// or named in English only.
({ language, names, prefixes }) => {
  const shown = (element) => element.offsetParent !== null;
  const spoken = language ?? navigator.language;
  const chinese = spoken.toLowerCase().startsWith("zh");
  document.documentElement.lang = spoken;

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const stop = [...document.querySelectorAll(".box .stop-button")].find(shown);
    if (stop) stop.click();
  });

  document.addEventListener("toggle", ({ target }) => {
    if (target.open && target.matches(".saw")) target.scrollIntoView({ block: "nearest", behavior: "smooth" });
  }, true);

  // Files may be dropped anywhere in a tab, and pasted wherever nothing is typed; Gradio takes them over its box alone.
  const inBox = (event) => event.target.closest?.(".box");
  const field = () => [...document.querySelectorAll(".box input[type=file]")].find((input) => shown(input.closest(".box")));
  const give = (event, files) => {
    if (!files?.length || inBox(event) || !field()) return;
    event.preventDefault();
    const held = new DataTransfer();
    [...files].forEach((file) => held.items.add(file));
    field().files = held.files;
    field().dispatchEvent(new Event("change", { bubbles: true }));
  };
  const dragged = (event) => event.dataTransfer?.types.includes("Files") && field() && !event.target.closest?.("[data-testid=image], .camera");
  const drop = (on) => document.body.classList.toggle("dropping", on);
  document.addEventListener("dragover", (event) => {
    if (!dragged(event)) return;
    event.preventDefault(); // or the browser leaves the page and opens the file
    drop(!inBox(event));
  });
  document.addEventListener("dragleave", (event) => event.relatedTarget ?? drop(false));
  document.addEventListener("drop", (event) => {
    drop(false);
    if (dragged(event)) give(event, event.dataTransfer.files);
  });
  document.addEventListener("paste", (event) => {
    if (!event.target.closest?.("input, textarea")) give(event, event.clipboardData?.files);
  });

  const inChinese = (name) => {
    const begun = Object.keys(prefixes).find((prefix) => name.startsWith(prefix));
    return begun ? prefixes[begun] + name.slice(begun.length) : names[name.trim()];
  };
  const translate = () => {
    for (const attribute of ["aria-label", "title"]) {
      for (const element of document.querySelectorAll(`[${attribute}]`)) {
        const word = inChinese(element.getAttribute(attribute));
        if (word) element.setAttribute(attribute, word);
      }
    }
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT, (text) =>
      text.parentElement.closest(".camera, .toast-title") && names[text.data.trim()] ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_SKIP);
    while (texts.nextNode()) texts.currentNode.data = names[texts.currentNode.data.trim()];
  };
  const name = () => {
    waiting = false;
    document.querySelectorAll(".box textarea:not([aria-label])").forEach((area) => area.setAttribute("aria-label", area.placeholder));
    if (chinese) translate();
  };
  let waiting = false; // once a frame, however much changes
  new MutationObserver(() => {
    if (!waiting) waiting = !!requestAnimationFrame(name);
  }).observe(document.body, { childList: true, subtree: true, attributeFilter: ["aria-label", "title"] });
  name();
}
