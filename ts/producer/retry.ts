import { backoffDelay } from '../internal/backoff.js';

/** The pauses run from 100 ms to 5 s: the second half of each is random. A stream that has come back is
 * to be sending within 10 s, the time for a connection included. */
const PAUSES = { factor: 100, cap: 2500 };

/**
 * How long to wait before the next attempt of something that is tried for ever. The pauses grow with
 * each failure in a row; whoever sees that an attempt got somewhere calls `succeeded`.
 */
export class Retry {
  #failures = 0;

  /** Failures since the last success. */
  get failures(): number {
    return this.#failures;
  }

  /** Counts a failure and returns the pause after it in milliseconds. */
  failed(): number {
    this.#failures += 1;
    return backoffDelay(this.#failures - 1, PAUSES);
  }

  /** Makes the next failure the first one again. */
  succeeded(): void {
    this.#failures = 0;
  }
}
