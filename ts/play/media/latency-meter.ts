/** What has been measured lately, in milliseconds. */
export interface LatencySummary {
  readonly current: number;
  readonly median: number;
  /** 95 of 100 are below it. */
  readonly high: number;
  readonly lowest: number;
  readonly count: number;
}

const CAPACITY = 300;

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
    const sorted = this.#values.toSorted((one, other) => one - other);
    const at = (part: number): number => sorted[Math.floor((sorted.length - 1) * part)] ?? 0;
    const current = this.#values.at(-1);
    if (current === undefined) return undefined;
    return { current, median: at(0.5), high: at(0.95), lowest: at(0), count: sorted.length };
  }
}
