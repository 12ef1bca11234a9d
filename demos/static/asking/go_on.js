// @ts-check
// "Go on" at an answer that reached its length. The chat's listener (demos/ability/continued_answer.py) hears of it.

export function offerGoingOn() {
  document.addEventListener("click", ({ target }) => {
    const pressed = target instanceof Element && target.closest(".go-on");
    if (!pressed) return;
    window.dispatchEvent(new CustomEvent("vita:answer-continued", { detail: { chat: pressed.closest(".chat")?.id } }));
  });
}
