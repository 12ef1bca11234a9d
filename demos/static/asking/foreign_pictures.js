// @ts-check
// A picture of another host in an answer is not loaded (the page's policy sees to that): its address is shown instead.

/** @param {{ picture: string }} words */
export function nameForeignPictures(words) {
  const name = () => {
    for (const picture of /** @type {NodeListOf<HTMLImageElement>} */ (document.querySelectorAll(".chat .prose img"))) {
      const address = new URL(picture.src, document.baseURI);
      if (address.origin === location.origin || !address.protocol.startsWith("http")) continue;
      const link = document.createElement("a");
      link.href = address.href;
      link.rel = "noreferrer noopener";
      link.target = "_blank";
      link.textContent = `${words.picture} ${picture.alt || address.host}`;
      picture.replaceWith(link);
    }
  };
  new MutationObserver(name).observe(document.body, { childList: true, subtree: true });
}
