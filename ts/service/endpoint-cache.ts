import { abortable } from '../internal/signal.js';

/** How long a data endpoint is used before it is asked for again (ms), as in the C producer. */
const LIFETIME = 40 * 60_000;

interface Entry {
  readonly endpoint: Promise<string>;
  expires: number;
}

/** Data endpoints by stream and API: kept for 40 minutes, one request in flight for each. */
export class EndpointCache {
  readonly #entries = new Map<string, Entry>();
  readonly #now: () => number;

  /** @param now - the clock in milliseconds, for tests */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /**
   * Returns the endpoint that is kept for `key`, or the answer of `fetch`, which callers at the
   * same time share: `signal` ends the wait of one caller, not the request. Failures are not kept.
   */
  async get(key: string, fetch: () => Promise<string>, signal?: AbortSignal): Promise<string> {
    signal?.throwIfAborted();
    const kept = this.#entries.get(key);
    if (kept !== undefined && kept.expires > this.#now()) return abortable(kept.endpoint, signal);

    const entry: Entry = { endpoint: fetch(), expires: Infinity };
    this.#entries.set(key, entry);
    entry.endpoint.then(
      () => {
        entry.expires = this.#now() + LIFETIME;
      },
      () => {
        // Only this request's own entry: the key may have been invalidated and asked for anew.
        if (this.#entries.get(key) === entry) this.#entries.delete(key);
      },
    );
    return abortable(entry.endpoint, signal);
  }

  /** Forgets what is kept for `key`, also what a request in flight will answer. */
  delete(key: string): void {
    this.#entries.delete(key);
  }

  /** Forgets everything. */
  clear(): void {
    this.#entries.clear();
  }
}
