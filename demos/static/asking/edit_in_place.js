// @ts-check
// A sent question is edited in its place. The chat's listener (demos/ability/edited_question.py) hears of it and asks the server.

/** @typedef {{ edited: string, resend: string, keep: string }} EditWords */

/** @param {EditWords} words */
export function offerEditing(words) {
  document.addEventListener("click", ({ target }) => {
    const pencil = target instanceof Element && target.closest(".edit-question");
    if (pencil instanceof HTMLElement) editInPlace(pencil, words);
  });
}

/** @param {HTMLElement} pencil @param {EditWords} words */
function editInPlace(pencil, words) {
  const typed = /** @type {HTMLElement} */ (pencil.closest(".question")?.querySelector(".typed"));
  const form = document.createElement("form");
  form.className = "edit-form";
  const field = document.createElement("textarea");
  field.value = typed.textContent ?? "";
  field.rows = Math.min(8, field.value.split("\n").length + 1);
  field.setAttribute("aria-label", words.edited);
  const [send, keep] = [words.resend, words.keep].map((name) => {
    const button = document.createElement("button");
    button.textContent = name;
    return button;
  });
  keep.type = "button";
  form.append(field, send, keep);
  const close = () => {
    form.remove();
    typed.hidden = pencil.hidden = false;
    pencil.focus();
  };
  const submit = () => {
    if (!field.value.trim()) return;
    close();
    const detail = { chat: pencil.closest(".chat")?.id, exchange: Number(pencil.dataset.exchange), text: field.value };
    window.dispatchEvent(new CustomEvent("vita:question-edited", { detail }));
  };
  keep.addEventListener("click", close);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing || !["Enter", "Escape"].includes(event.key) || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Enter") submit();
    else close();
  });
  typed.hidden = pencil.hidden = true;
  typed.after(form);
  field.focus();
}
