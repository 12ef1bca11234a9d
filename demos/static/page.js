// Keyboard: Esc presses the stop button of the tab that is shown. And names for what a screen reader would find nameless.
() => {
  const shown = (element) => element.offsetParent !== null;
  document.documentElement.lang = navigator.language;
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const stop = [...document.querySelectorAll(".box .stop-button")].find(shown);
    if (stop) stop.click();
  });
  const name = () =>
    document.querySelectorAll(".box textarea:not([aria-label])").forEach((area) => area.setAttribute("aria-label", area.placeholder));
  new MutationObserver(name).observe(document.body, { childList: true, subtree: true });
  name();
}
