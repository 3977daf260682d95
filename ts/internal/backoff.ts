/** Growth of the pauses between attempts. */
export interface BackoffOptions {
  /** The first pause in milliseconds; default 100. */
  readonly factor?: number;
  /** The longest pause in milliseconds before jitter is added; default 10 000. */
  readonly cap?: number;
  /** A number in [0, 1), for tests; default `Math.random`. */
  readonly random?: () => number;
}

/** The wait in milliseconds before retry number `retry` (from 0), without jitter: doubles up to `cap`. */
export function exponentialWait(retry: number, factor: number, cap: number): number {
  return Math.min(cap, factor * 2 ** Math.min(retry, 30));
}

/**
 * The pause in milliseconds before retry number `retry` (from 0): doubles up to the cap, and as
 * much again at random, so that devices that failed together do not come back together.
 */
export function backoffDelay(retry: number, options: BackoffOptions = {}): number {
  const { factor = 100, cap = 10_000, random = Math.random } = options;
  const wait = exponentialWait(retry, factor, cap);
  return wait + random() * wait;
}
