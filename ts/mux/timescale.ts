const NS_PER_SECOND = 1e9;
const NS_PER_MICROSECOND = 1000;
const MICROSECONDS = 1_000_000;

/**
 * Ticks, the unit in which a container counts time. A tick is one unit of the Matroska timestamp
 * scale, so that every time is exact; only where such ticks do not fit a whole second, or would
 * leave the range of exact numbers when counted from 1970, a tick is a microsecond.
 */
export class Timescale {
  /** Ticks in a second. */
  readonly ticksPerSecond: number;
  /** Ticks in a unit of the scale. */
  readonly #factor: number;

  /** @param timestampScale - nanoseconds of a unit in Matroska */
  constructor(timestampScale: number) {
    const exact = timestampScale >= NS_PER_MICROSECOND && NS_PER_SECOND % timestampScale === 0;
    this.ticksPerSecond = exact ? NS_PER_SECOND / timestampScale : MICROSECONDS;
    this.#factor = exact ? 1 : timestampScale / NS_PER_MICROSECOND;
  }

  /** Units of the Matroska scale in ticks. */
  fromUnits(units: number): number {
    return Math.round(units * this.#factor);
  }

  /** Milliseconds in ticks. */
  fromMilliseconds(milliseconds: number): number {
    return Math.round((milliseconds * this.ticksPerSecond) / 1000);
  }

  /** Ticks in milliseconds. */
  toMilliseconds(ticks: number): number {
    return (ticks * 1000) / this.ticksPerSecond;
  }
}
