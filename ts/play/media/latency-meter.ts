/** What has been measured, in milliseconds. */
export interface LatencySummary {
  /** The median of the frames shown last, which follows a change within a second. */
  readonly current: number;
  /** The median of all that are kept. */
  readonly median: number;
  /** 95 of 100 are below it. */
  readonly high: number;
  readonly lowest: number;
}

/** Frames that are kept, and those that count as shown last. */
const CAPACITY = 300;
const RECENT = 25;

/** Keeps the latencies of the frames shown last. */
export class LatencyMeter {
  #values: number[] = [];

  /** Adds one measurement. */
  add(latency: number): void {
    this.#values.push(latency);
    if (this.#values.length > CAPACITY) this.#values.shift();
  }

  /** Forgets all, as when another player begins. */
  clear(): void {
    this.#values = [];
  }

  /** The measurements, oldest first. */
  get values(): readonly number[] {
    return this.#values;
  }

  /** What they amount to; undefined when there are none. */
  summary(): LatencySummary | undefined {
    const values = this.#values;
    if (values.length === 0) return undefined;
    return {
      current: quantile(values.slice(-RECENT), 0.5),
      median: quantile(values, 0.5),
      high: quantile(values, 0.95),
      lowest: quantile(values, 0),
    };
  }
}

function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) * part)] ?? 0;
}
