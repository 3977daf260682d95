/**
 * Keeps the tracks of an offline stream together. Its sources are as fast as they can, and one that
 * ran far ahead of the others would leave the frames of those behind, for which it is too late then.
 */
export class TrackPace {
  readonly #lead: number;
  /** The latest decoding time of each track. */
  readonly #latest = new Map<number, number>();
  /** Tracks that have been waited for in vain, until they have a frame again. */
  readonly #silent = new Set<number>();

  /**
   * @param trackIds - all tracks of the stream
   * @param lead - milliseconds that one may be ahead of another
   */
  constructor(trackIds: readonly number[], lead: number) {
    this.#lead = lead;
    for (const trackId of trackIds) this.#latest.set(trackId, NaN);
  }

  /** Whether a frame at `time` has to wait for other tracks. */
  isAhead(trackId: number, time: number): boolean {
    return this.#behind(trackId, time).length > 0;
  }

  /** Takes a frame that was put. */
  advance(trackId: number, time: number): void {
    const before = this.#latest.get(trackId);
    if (before === undefined) return;
    // A track that has not begun stands where the first frame of all is.
    for (const [other, latest] of this.#latest) {
      if (Number.isNaN(latest)) this.#latest.set(other, time);
    }
    this.#latest.set(trackId, Number.isNaN(before) ? time : Math.max(before, time));
    this.#silent.delete(trackId);
  }

  /** Goes on without the tracks that a frame at `time` waits for. */
  giveUpWaiting(trackId: number, time: number): void {
    for (const other of this.#behind(trackId, time)) this.#silent.add(other);
  }

  #behind(trackId: number, time: number): number[] {
    if (!this.#latest.has(trackId)) return [];
    return [...this.#latest].flatMap(([other, latest]) =>
      other !== trackId && !this.#silent.has(other) && time - latest > this.#lead ? [other] : [],
    );
  }
}
