/**
 * Brings the timestamps of a source, microseconds that count from wherever it likes, to the epoch. Camera
 * and microphone count from different moments, so that each has a clock of its own.
 */

/** Milliseconds by which the time of day goes ahead of, or behind, the time that passes, before it counts. */
const TOLERANCE = 1000;

export class EpochClock {
  #offset;
  #lead;

  /** The next timestamp is of another device. */
  restart() {
    this.#offset = undefined;
  }

  /**
   * Takes that something with this timestamp was captured just now.
   *
   * @param now - the time of day, in milliseconds since the epoch
   * @param passed - milliseconds of a clock that nobody sets
   */
  observe(timestamp, now = Date.now(), passed = performance.now()) {
    const lead = now - passed;
    if (this.#offset === undefined) {
      this.#offset = now * 1000 - timestamp;
      this.#lead = lead;
    } else if (Math.abs(lead - this.#lead) > TOLERANCE) {
      // The clock was set. A frame that is merely late changes nothing.
      this.#offset += (lead - this.#lead) * 1000;
      this.#lead = lead;
    }
  }

  /** Microseconds since the epoch. */
  toEpoch(timestamp) {
    return Math.round(timestamp + (this.#offset ?? 0));
  }
}
