import { NO_CALLS, type CallMetrics } from '../call-meter.js';

/** What a worker has measured of the calls for a stream, as far as it has told. */
export class RemoteMeter {
  #metrics = NO_CALLS;
  /** What workers that are gone have counted. */
  #retriesBefore = 0;

  get metrics(): CallMetrics {
    return this.#metrics;
  }

  /** Takes what the worker tells. */
  update(metrics: CallMetrics): void {
    this.#metrics = Object.freeze({ ...metrics, retries: this.#retriesBefore + metrics.retries });
  }

  /** Tells that another worker goes on, which is a retry, and counts from 0. */
  restart(): void {
    this.update({ ...this.#metrics, retries: this.#metrics.retries - this.#retriesBefore + 1 });
    this.#retriesBefore = this.#metrics.retries;
  }
}
