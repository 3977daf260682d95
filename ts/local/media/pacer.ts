/** Time that may be used at once after a pause, in milliseconds. */
const BURST_MS = 100;

/** Spreads bytes over time: a token bucket that holds a tenth of a second. */
export class Pacer {
  readonly #bytesPerMs: number;
  #paidUntil = -Infinity;

  /** @param bytesPerSecond - the rate; 0 for no limit */
  constructor(bytesPerSecond: number) {
    this.#bytesPerMs = bytesPerSecond === 0 ? Infinity : bytesPerSecond / 1000;
  }

  /** Milliseconds to wait after taking `bytes` at `now` (a monotonic time in milliseconds). */
  delayAfter(bytes: number, now: number): number {
    this.#paidUntil = Math.max(this.#paidUntil, now - BURST_MS) + bytes / this.#bytesPerMs;
    return Math.max(0, this.#paidUntil - now);
  }
}
