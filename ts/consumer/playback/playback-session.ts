import { EventEmitter } from 'node:events';
import { backoffDelay } from '../../internal/backoff.js';
import { KinesisVideoError } from '../../internal/errors.js';
import type { PlaybackUrl } from './session-url.js';

/** Events of a playback session. */
export interface PlaybackSessionEvents {
  /** There is a new URL, which a player has to load; the former one is about to be refused. */
  renewed: [PlaybackUrl];
  /** There will be no new URL: the service has refused it for good. */
  failed: [KinesisVideoError];
}

/** How a session renews itself. */
export interface RenewalOptions {
  /** Milliseconds before its end at which a URL is renewed. Default a tenth of its life. */
  readonly renewBefore?: number | undefined;
}

/** What a session is made of. */
export interface PlaybackSessionParts {
  /** Asks for a new URL. */
  readonly renew: (signal: AbortSignal) => Promise<PlaybackUrl>;
  readonly renewBefore: number;
  /** Closes the session. */
  readonly signal: AbortSignal | undefined;
  /** Told when it is closed. */
  readonly onClose: () => void;
}

/** Shortest and longest pause between attempts, in milliseconds. */
const MIN_PAUSE = 250;
const MAX_PAUSE = 10_000;
/** Longest wait that a timer can be set for, in milliseconds. */
const MAX_TIMER = 2 ** 31 - 1;

/**
 * A playback session that outlives its URL: the service refuses the URL after `expires`, by default 5
 * minutes, and a player that was given it then stops. Before that happens a new one is asked for, and
 * told by the event `renewed`. The timer does not keep a process alive.
 */
export class PlaybackSession extends EventEmitter<PlaybackSessionEvents> {
  readonly #parts: PlaybackSessionParts;
  readonly #closed = new AbortController();
  #current: PlaybackUrl;
  #timer: NodeJS.Timeout | undefined;

  /** @internal */
  constructor(first: PlaybackUrl, parts: PlaybackSessionParts) {
    super();
    this.#current = first;
    this.#parts = parts;
    parts.signal?.addEventListener('abort', this.#onAbort, { once: true });
    this.#scheduleRenewal();
  }

  /** The URL to give to a player. */
  get url(): string {
    return this.#current.url;
  }

  /** Milliseconds since the epoch after which the service refuses the URL. */
  get expiresAt(): number {
    return this.#current.expiresAt;
  }

  /** Ends the renewal. The URL stays valid until it expires. Idempotent. */
  close(): void {
    clearTimeout(this.#timer);
    this.#parts.signal?.removeEventListener('abort', this.#onAbort);
    this.#closed.abort();
    this.#parts.onClose();
  }

  /** As `close`. */
  [Symbol.dispose](): void {
    this.close();
  }

  readonly #onAbort = (): void => {
    this.close();
  };

  #scheduleRenewal(): void {
    const wait = this.#current.expiresAt - Date.now() - this.#parts.renewBefore;
    this.#schedule(Math.max(wait, MIN_PAUSE), 0);
  }

  #schedule(wait: number, retry: number): void {
    if (this.#closed.signal.aborted) return;
    this.#timer = setTimeout(
      () => {
        void this.#renewNow(retry);
      },
      Math.min(wait, MAX_TIMER),
    );
    this.#timer.unref();
  }

  async #renewNow(retry: number): Promise<void> {
    const { signal } = this.#closed;
    try {
      this.#current = await this.#parts.renew(signal);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof KinesisVideoError && !isPassing(error)) {
        this.close();
        this.emit('failed', error);
        return;
      }
      this.#schedule(backoffDelay(retry, { cap: MAX_PAUSE }), retry + 1);
      return;
    }
    // Whoever closed it meanwhile wants no news.
    if (signal.aborted) return;
    this.#scheduleRenewal();
    this.emit('renewed', this.#current);
  }
}

/** A live session without media of late is refused, until the camera is back. */
function isPassing({ retryable, code }: KinesisVideoError): boolean {
  return retryable || code === 'STATUS_NOT_FOUND';
}
