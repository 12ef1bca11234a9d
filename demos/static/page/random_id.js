// @ts-check

/** A name that nothing else has: 32 hexadecimal digits. `crypto.randomUUID` is not there over plain http. */
export const randomId = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
