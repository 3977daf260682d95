import type { Readable } from 'node:stream';
import { KinesisVideoError } from '../../internal/errors.js';

/** The service has sent nothing for longer than it may. */
export class SilenceError extends Error {
  override readonly name = 'SilenceError';
}

/** One answer of the service that is read piece by piece. */
export class MediaConnection {
  readonly #body: Readable;
  readonly #iterator: AsyncIterator<Uint8Array>;
  readonly #maxSilence: number;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => {
    this.close();
  };

  /** @param maxSilence - milliseconds without a byte after which the connection is given up */
  constructor(body: Readable, maxSilence: number, signal: AbortSignal | undefined) {
    this.#body = body;
    this.#iterator = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
    this.#maxSilence = maxSilence;
    this.#signal = signal;
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    // What goes wrong is told by `read`; nobody may be in it.
    body.on('error', () => undefined);
    if (signal?.aborted === true) this.close();
  }

  /**
   * The next bytes; undefined when the service has ended the answer. Rejects when the connection is
   * lost or silent for too long, and with the signal's reason.
   */
  async read(): Promise<Uint8Array | undefined> {
    const timer = setTimeout(() => {
      this.#body.destroy(new SilenceError(`nothing was sent for ${this.#maxSilence} ms`));
    }, this.#maxSilence);
    try {
      const next = await this.#iterator.next();
      this.#signal?.throwIfAborted();
      return next.done === true ? undefined : next.value;
    } catch (error) {
      this.#signal?.throwIfAborted();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the connection. Idempotent. */
  close(): void {
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#body.destroy();
  }
}

/** Whether a failed call can succeed later, so that an endless reading goes on. */
export function isPassing(error: unknown): boolean {
  return !(error instanceof KinesisVideoError) || error.retryable;
}
