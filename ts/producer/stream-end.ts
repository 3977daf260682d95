import type { KinesisVideoError } from '../internal/errors.js';
import type { StopResult } from './stop-result.js';

/** How a stream has ended: what waits for it gets, what later calls throw, and who was told of it. */
export class StreamEnd {
  /** Fulfilled with what became of the media, or rejected with the error of a stream that has failed. */
  readonly done: Promise<StopResult>;
  readonly #unseen: Set<KinesisVideoError>;
  #settle!: { resolve(result: StopResult): void; reject(error: KinesisVideoError): void };
  #reason: KinesisVideoError | undefined;
  #failure: KinesisVideoError | undefined;

  /** @param unseen - holds the errors of failed streams until somebody has been told of them */
  constructor(unseen: Set<KinesisVideoError>) {
    this.#unseen = unseen;
    this.done = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // Nobody may ask how it ended; whoever does gets the rejection all the same.
    this.done.catch(() => undefined);
  }

  get isReached(): boolean {
    return this.#reason !== undefined;
  }

  /** The error of a stream that has failed. */
  get failure(): KinesisVideoError | undefined {
    return this.#failure;
  }

  /** Takes that the stream is closed, with what calls throw from now on. */
  reach(reason: KinesisVideoError): void {
    this.#reason = reason;
  }

  /** Takes that the stream has failed, which nobody has been told yet. */
  fail(error: KinesisVideoError): void {
    this.#failure = error;
    this.#unseen.add(error);
  }

  /** Lets those go on who wait for the end. */
  settle(result: StopResult): void {
    if (this.#failure === undefined) this.#settle.resolve(result);
    else this.#settle.reject(this.#failure);
  }

  /** Tells that somebody was told of the failure, if there is one. */
  markSeen(): void {
    if (this.#failure !== undefined) this.#unseen.delete(this.#failure);
  }

  /** Throws the reason of the end when it is reached. */
  throwIfReached(): void {
    if (this.#reason === undefined) return;
    this.markSeen();
    throw this.#reason;
  }
}
