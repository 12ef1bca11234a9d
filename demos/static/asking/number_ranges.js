// @ts-check
// A number that is typed outside of its range is set to the nearest one by Gradio; this says so.

/** @param {{ range: string }} words with {least} and {most} to fill in */
export function tellRanges(words) {
  const FIELD = ".settings input[type=number]";
  /** @param {Event} event */
  const check = ({ target }) => {
    if (!(target instanceof HTMLInputElement) || !target.matches(FIELD)) return;
    const { min, max, value } = target;
    const outside = value !== "" && ((min !== "" && Number(value) < Number(min)) || (max !== "" && Number(value) > Number(max)));
    const block = target.closest(".block");
    if (!block || (!outside && document.activeElement !== target)) return;
    block.querySelector(".out-of-range")?.remove();
    target.setAttribute("aria-invalid", String(outside));
    if (!outside) return;
    const note = document.createElement("p");
    note.className = "out-of-range";
    note.setAttribute("role", "alert");
    note.textContent = words.range.replace("{least}", min).replace("{most}", max);
    block.append(note);
  };
  for (const kind of ["input", "change"]) document.addEventListener(kind, check, true);
}
