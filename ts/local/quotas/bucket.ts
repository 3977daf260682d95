/** A number of points per second, of which those of one second may be spent at once. */
export class Bucket {
  readonly #perSecond: number;
  #points: number;
  #filledAt: number;

  /** @param now - milliseconds; a clock that is set back only makes the refill wait */
  constructor(perSecond: number, now: number) {
    this.#perSecond = perSecond;
    this.#points = perSecond;
    this.#filledAt = now;
  }

  /** Whether `points` can be spent at `now`. More than fill the bucket can when it is full. */
  has(points: number, now: number): boolean {
    const elapsed = Math.max(0, now - this.#filledAt);
    this.#filledAt = now;
    this.#points = Math.min(this.#perSecond, this.#points + (elapsed * this.#perSecond) / 1000);
    return this.#points >= Math.min(points, this.#perSecond);
  }

  /** Spends what there is according to `has`. */
  spend(points: number): void {
    this.#points -= points;
  }
}
