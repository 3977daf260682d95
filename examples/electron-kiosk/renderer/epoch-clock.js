/**
 * Brings the timestamps of a source, microseconds that count from wherever it likes, to the epoch. Camera
 * and microphone count from different moments, so that each has a clock of its own.
 */

/** Microseconds that a source may differ from the system's clock before the clock has been set. */
const TOLERANCE = 1_000_000;

export class EpochClock {
  #offset;

  /** Takes that something with this timestamp was captured just now (ms since the epoch). */
  observe(timestamp, now = Date.now()) {
    const offset = now * 1000 - timestamp;
    if (this.#offset === undefined || Math.abs(offset - this.#offset) > TOLERANCE) {
      this.#offset = offset;
    }
  }

  /** Microseconds since the epoch. */
  toEpoch(timestamp) {
    return Math.round(timestamp + (this.#offset ?? 0));
  }
}
