// What the camera's pictures cost: tokens of the prompt that they went with.

/** The question that an answer answered, and its cost if pictures went with it and were counted. */
export function picturePrice(turns, answer, usage) {
  const tokens = usage?.input_token_details?.image_tokens;
  const asked = turns.slice(0, turns.indexOf(answer)).findLast((turn) => turn.role === "user");
  return tokens && asked?.frames.length ? { asked, cost: { tokens, prompt: usage.input_tokens } } : {};
}

/** A price in words. */
export function priceWords(say, { tokens, prompt }) {
  return say("camera.cost", { tokens: tokens.toLocaleString(), prompt: prompt.toLocaleString() });
}
