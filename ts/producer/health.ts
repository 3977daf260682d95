import type { KinesisVideoError } from '../internal/errors.js';

/**
 * How a stream fares.
 *
 * - `starting`: nothing was confirmed yet, and nothing has failed.
 * - `healthy`: the service has confirmed media since the last failure.
 * - `recovering`: something has failed, and nothing was confirmed since.
 * - `failed` and `closed` are final.
 */
export type HealthState = 'starting' | 'healthy' | 'recovering' | 'failed' | 'closed';

/** How a stream fares, at one moment. */
export interface StreamHealth {
  /** `failed` and `closed` are final. */
  readonly state: HealthState;
  /** When the service last confirmed a stored fragment, in milliseconds since the epoch. */
  readonly lastPersistedAt?: number;
  /** What has failed, while the state is `recovering` or `failed`. */
  readonly error?: KinesisVideoError;
}

/** Follows how a stream fares, and tells of each change. */
export class Health {
  readonly #onChange: (health: StreamHealth) => void;
  #current: StreamHealth = Object.freeze({ state: 'starting' });

  constructor(onChange: (health: StreamHealth) => void) {
    this.#onChange = onChange;
  }

  get current(): StreamHealth {
    return this.#current;
  }

  /** Takes that the service has a fragment; `persistedAt` tells when it has said that it is stored. */
  delivered(persistedAt?: number): void {
    const { state, lastPersistedAt } = this.#current;
    if (state === 'healthy' && persistedAt === undefined) return;
    this.#set({ state: 'healthy', ...persisted(persistedAt ?? lastPersistedAt) });
  }

  /** Takes a failure after which the upload goes on. */
  failed(error: KinesisVideoError): void {
    this.#set({ state: 'recovering', error, ...persisted(this.#current.lastPersistedAt) });
  }

  /** Takes the end of the stream, with the error when it has failed. */
  ended(error?: KinesisVideoError): void {
    const end =
      error === undefined ? ({ state: 'closed' } as const) : ({ state: 'failed', error } as const);
    this.#set({ ...end, ...persisted(this.#current.lastPersistedAt) });
  }

  #set(health: StreamHealth): void {
    this.#current = Object.freeze(health);
    this.#onChange(this.#current);
  }
}

function persisted(at: number | undefined): { readonly lastPersistedAt?: number } {
  return at === undefined ? {} : { lastPersistedAt: at };
}
