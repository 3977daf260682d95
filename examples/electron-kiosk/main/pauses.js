/** Pauses between attempts: each is twice as long as the one before, until things go well for a while. */
const FIRST = 500;
const LONGEST = 30_000;
/** After so many milliseconds without a failure the next one is the first again. */
const WELL = 60_000;

export class Pauses {
  #next = FIRST;
  #lastFailure = -Infinity;

  /** Milliseconds to wait after a failure that happens now. */
  next(now = Date.now()) {
    if (now - this.#lastFailure > WELL) this.#next = FIRST;
    this.#lastFailure = now;
    const pause = this.#next;
    this.#next = Math.min(LONGEST, pause * 2);
    return pause;
  }
}
