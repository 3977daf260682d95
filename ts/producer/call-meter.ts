/** The calls to the service that were made for one stream. */
export interface CallMetrics {
  /** Milliseconds that a call to the control plane takes; a moving average, 0 until there was one. */
  readonly controlPlaneLatency: number;
  /** Milliseconds that it takes to open a connection for media; the same. */
  readonly dataPlaneLatency: number;
  /** Calls and connections that were made again after a failure. */
  readonly retries: number;
}

/** What a stream without calls has. */
export const NO_CALLS: CallMetrics = Object.freeze({
  controlPlaneLatency: 0,
  dataPlaneLatency: 0,
  retries: 0,
});

/** Weight of the latest call in an average. */
const WEIGHT = 0.05;

/** Measures the calls of one stream. */
export class CallMeter {
  #controlPlane = 0;
  #dataPlane = 0;
  #retries = 0;

  /** The averages and counts as they are now. */
  get metrics(): CallMetrics {
    return Object.freeze({
      controlPlaneLatency: this.#controlPlane,
      dataPlaneLatency: this.#dataPlane,
      retries: this.#retries,
    });
  }

  /** Counts a call to the control plane that has ended. */
  controlCall(milliseconds: number): void {
    this.#controlPlane = averaged(this.#controlPlane, milliseconds);
  }

  /** Counts an attempt to open a connection for media that has ended. */
  dataCall(milliseconds: number): void {
    this.#dataPlane = averaged(this.#dataPlane, milliseconds);
  }

  /** Counts a call or a connection that is made again after a failure. */
  retry(): void {
    this.#retries += 1;
  }
}

/** The first call is its own average: one that starts at 0 would say for long that calls are fast. */
function averaged(average: number, sample: number): number {
  return average === 0 ? sample : average + WEIGHT * (sample - average);
}
