/** When a frame is shown, in milliseconds of any clock that runs like the producer's. */

/** How long after the first frame, or after a stall, the oldest frames are hurried through. */
const SETTLING = 400;
/** A frame that is this much later than the others tells of a stall, behind which is a new beginning. */
const STALL = 120;
/** Stalls that follow each other sooner are how the frames of this stream come: in bunches. */
const PATIENCE = 4000;
/** By how much less each second frames are held back, once they come evenly again. */
const RELAXATION = 200;
/** How far the lateness of frames is looked back on. */
const WINDOW = 1500;

/**
 * Decides how long frames are held back so that they are shown evenly although they arrive unevenly,
 * and no longer: it follows the latest ones at once, and goes back slowly.
 *
 * In live mode, frames that come in a bunch at the beginning or after a stall are hurried through.
 * Otherwise time passes as it did at the producer, from the first frame on.
 */
export class Playout {
  readonly #isLive: boolean;
  #delay: number | undefined;
  #settledAt = 0;
  #relaxedAt = 0;
  #stalledAt = -Infinity;
  #recent: { readonly at: number; readonly lateness: number }[] = [];

  constructor(mode: 'live' | 'paced') {
    this.#isLive = mode === 'live';
  }

  /** From the time of a frame to when it is shown; undefined before the first one. */
  get delay(): number | undefined {
    return this.#delay;
  }

  /** Takes note of a frame for `time` that can be shown from `now` on. */
  arrived(time: number, now: number): void {
    const lateness = now - time;
    if (this.#delay === undefined) this.#begin(lateness, now);
    else if (this.#isLive) this.#follow(lateness, now);
    else this.#delay = Math.max(this.#delay, lateness);
  }

  /** Whether a frame for `time` is to be shown at `now`. */
  isDue(time: number, now: number): boolean {
    return this.#delay !== undefined && time + this.#delay <= now;
  }

  /** Begins anew with the next frame, as after a pause. */
  reset(): void {
    this.#delay = undefined;
  }

  #begin(lateness: number, now: number): void {
    this.#delay = lateness;
    this.#settledAt = now + SETTLING;
    this.#relaxedAt = now;
    this.#recent = [];
  }

  #follow(lateness: number, now: number): void {
    const delay = this.#delay ?? lateness;
    const isLate = lateness > delay + STALL && now >= this.#settledAt;
    if (isLate) {
      const isStall = now > this.#stalledAt + PATIENCE;
      this.#stalledAt = now;
      if (isStall) this.#begin(lateness, now);
      else this.#delay = lateness;
      return;
    }
    if (now < this.#settledAt) {
      this.#delay = Math.min(delay, lateness);
      this.#relaxedAt = now;
      return;
    }
    this.#recent.push({ at: now, lateness });
    this.#recent = this.#recent.filter(({ at }) => at > now - WINDOW);
    const latest = Math.max(...this.#recent.map((one) => one.lateness));
    const relaxed = delay - (RELAXATION * (now - this.#relaxedAt)) / 1000;
    this.#delay = Math.max(latest, Math.min(relaxed, delay));
    this.#relaxedAt = now;
  }
}
