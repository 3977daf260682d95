import type { MetricName } from './definitions.js';

/** What has been measured: how many values, and their sum; of a gauge the last value. */
export interface Measured {
  readonly count: number;
  readonly sum: number;
}

/** The metrics of one stream, which begin with it and with the endpoint. */
export class StreamMetrics {
  readonly #measured = new Map<MetricName, Measured>();

  /** Takes a value: the next of a summary, or what a counter grows by. */
  add(name: MetricName, value = 1): void {
    const { count, sum } = this.#measured.get(name) ?? { count: 0, sum: 0 };
    this.#measured.set(name, { count: count + 1, sum: sum + value });
  }

  /** Sets a gauge. */
  set(name: MetricName, value: number): void {
    this.#measured.set(name, { count: 1, sum: value });
  }

  /** What has been measured; undefined when that is nothing. */
  get(name: MetricName): Measured | undefined {
    return this.#measured.get(name);
  }
}
