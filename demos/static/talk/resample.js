// @ts-check
// A streaming resampler: windowed sinc, any rate to any rate. Pure; runs in the worklet and in tests.

const ZEROS = 12; // zero crossings of the kernel on each side
const PHASES = 256; // positions between two samples that the kernel is tabled at

/** @param {number} half taps on each side @param {number} cutoff a share of the input's bandwidth */
function tabled(half, cutoff) {
  // the kernel at every (tap, phase): sinc with a Hann window, scaled to pass a constant unchanged
  const table = new Float32Array((PHASES + 1) * 2 * half);
  for (let phase = 0; phase <= PHASES; phase++) {
    let sum = 0;
    for (let tap = 0; tap < 2 * half; tap++) {
      const x = tap - half + 1 - phase / PHASES;
      const angle = Math.PI * x * cutoff;
      const window = Math.abs(x) < half ? 0.5 + 0.5 * Math.cos((Math.PI * x) / half) : 0;
      const value = (x === 0 ? 1 : Math.sin(angle) / angle) * window;
      table[phase * 2 * half + tap] = value;
      sum += value;
    }
    for (let tap = 0; tap < 2 * half; tap++) table[phase * 2 * half + tap] /= sum;
  }
  return table;
}

export class Resampler {
  /** @param {number} from Hz @param {number} to Hz */
  constructor(from, to) {
    this.step = from / to; // input samples for each output sample
    const cutoff = Math.min(1, to / from) * 0.94;
    this.half = Math.ceil(ZEROS / cutoff);
    this.table = tabled(this.half, cutoff);
    /** @type {Float32Array} */
    this.kept = new Float32Array(this.half - 1); // input that is still needed, silence at first
    this.at = this.half - 1; // where in `kept` the next output sample lies
  }

  /** Everything that can be made of `input` and what came before. @param {Float32Array} input */
  push(input) {
    this._append(input);
    const last = this.kept.length - 1 - this.half;
    return this._make(last < this.at ? 0 : Math.floor((last - this.at) / this.step) + 1);
  }

  /** Exactly `count` output samples; `pull(n)` gives the n input samples that it takes.
   * @param {number} count @param {(count: number) => Float32Array} pull */
  fill(count, pull) {
    const last = Math.floor(this.at + (count - 1) * this.step) + this.half;
    const missing = last + 1 - this.kept.length;
    if (missing > 0) this._append(pull(missing));
    return this._make(count);
  }

  /** @param {Float32Array} input */
  _append(input) {
    const joined = new Float32Array(this.kept.length + input.length);
    joined.set(this.kept);
    joined.set(input, this.kept.length);
    this.kept = joined;
  }

  /** @param {number} count */
  _make(count) {
    const taps = 2 * this.half;
    const output = new Float32Array(count);
    for (let n = 0; n < count; n++) {
      const place = this.at + n * this.step;
      const whole = Math.floor(place);
      const row = Math.round((place - whole) * PHASES) * taps;
      const begin = whole - this.half + 1;
      let sum = 0;
      for (let tap = 0; tap < taps; tap++) sum += this.kept[begin + tap] * this.table[row + tap];
      output[n] = sum;
    }
    this.at += count * this.step;
    const spent = Math.max(0, Math.floor(this.at) - this.half + 1);
    this.kept = this.kept.slice(spent);
    this.at -= spent;
    return output;
  }
}
