// @ts-check
// PCM16 as base64 and as a stereo WAV file. Pure.

const PIECE = 0x8000; // bytes for one call of fromCharCode, whose arguments are limited

/** @param {Int16Array} pcm */
export function toBase64(pcm) {
  const bytes = new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  let text = "";
  for (let at = 0; at < bytes.length; at += PIECE) text += String.fromCharCode(...bytes.subarray(at, at + PIECE));
  return btoa(text);
}

/** @param {string} text @returns {Int16Array<ArrayBuffer>} */
export function fromBase64(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return new Int16Array(bytes.buffer, 0, bytes.length >> 1);
}

/** Frames one behind the other. @param {Int16Array[]} frames */
export function joined(frames) {
  const all = new Int16Array(frames.reduce((sum, frame) => sum + frame.length, 0));
  let at = 0;
  for (const frame of frames) {
    all.set(frame, at);
    at += frame.length;
  }
  return all;
}

/** A stereo WAV file: frames of the same length, left and right; `rate` in Hz.
 * @param {Int16Array[]} left @param {Int16Array[]} right @param {number} rate */
export function toWav(left, right, rate) {
  const samples = left.reduce((sum, frame) => sum + frame.length, 0);
  const buffer = new ArrayBuffer(44 + 4 * samples);
  const view = new DataView(buffer);
  /** @param {number} to @param {string} text */
  const write = (to, text) => [...text].forEach((letter, n) => view.setUint8(to + n, letter.charCodeAt(0)));
  write(0, "RIFF");
  view.setUint32(4, 36 + 4 * samples, true);
  write(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, 2, true); // channels
  view.setUint32(24, rate, true);
  view.setUint32(28, 4 * rate, true);
  view.setUint16(32, 4, true);
  view.setUint16(34, 16, true);
  write(36, "data");
  view.setUint32(40, 4 * samples, true);
  const both = new Int16Array(buffer, 44);
  let at = 0;
  left.forEach((frame, number) => {
    for (let n = 0; n < frame.length; n++) {
      both[at++] = frame[n];
      both[at++] = right[number][n];
    }
  });
  return buffer;
}
