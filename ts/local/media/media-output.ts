import { mergeSignals } from '../../internal/signal.js';
import { ServiceException } from '../exceptions.js';
import type { Exchange } from '../exchange.js';
import type { FragmentReader } from '../fragments/reader.js';
import type { StreamMetrics } from '../metrics/stream-metrics.js';
import type { LocalService } from '../service.js';
import type { LocalStream } from '../streams/stream.js';

/** A response with media of a stream, as fast as its client takes it. */
export class MediaOutput {
  readonly #operation: 'GetMedia' | 'GetMediaForFragmentList';
  readonly #metrics: StreamMetrics;
  readonly #exchange: Exchange;
  readonly #over: AbortSignal;
  readonly #deleted: AbortSignal;
  readonly #release: () => void;

  /** @param operation - whose metrics count what is sent */
  constructor(
    operation: 'GetMedia' | 'GetMediaForFragmentList',
    exchange: Exchange,
    stream: LocalStream,
    { quotas }: LocalService,
  ) {
    this.#operation = operation;
    this.#metrics = stream.metrics;
    this.#exchange = exchange;
    const { outgoingRate } = quotas.media;
    if (outgoingRate !== undefined) exchange.pace(outgoingRate);
    const { signal, release } = mergeSignals(exchange.closed, stream.deleted);
    this.#over = signal;
    this.#deleted = stream.deleted;
    this.#release = release;
  }

  /** Aborted when there is nobody to send to, or nothing left to send. */
  get over(): AbortSignal {
    return this.#over;
  }

  /** Sends the head of the response, then what `work` sends, then its end. */
  async whole(work: () => Promise<void>): Promise<void> {
    try {
      this.#exchange.begin({ 'content-type': 'video/webm' });
      await work();
      this.#exchange.end();
    } finally {
      this.#release();
    }
  }

  /**
   * Throws when the stream was deleted, for where a part of a fragment has been sent: only a response
   * that is cut says that the rest does not come.
   */
  assertWhole(): void {
    if (!this.#deleted.aborted) return;
    throw new ServiceException('InternalFailure', 'The stream was deleted in a fragment');
  }

  /** Sends bytes and waits while the client is behind. */
  async send(bytes: Uint8Array): Promise<void> {
    await this.#exchange.write(bytes, this.#over);
  }

  /** Counts a fragment whose `frames` have been sent, unless the client has gone away meanwhile. */
  countSent({ frames }: { readonly frames: number }): void {
    if (this.#over.aborted) return;
    this.#metrics.add(`${this.#operation}.OutgoingFragments`);
    this.#metrics.add(`${this.#operation}.OutgoingFrames`, frames);
    this.#metrics.add(`${this.#operation}.Success`, 1);
  }

  /** Counts a fragment that could not be sent. */
  countFailed(): void {
    this.#metrics.add(`${this.#operation}.Success`, 0);
  }

  /** Sends what lies between two offsets of a fragment. Rejects when it cannot be read any more. */
  async sendRange(reader: FragmentReader, from: number, to: number): Promise<void> {
    for (let at = from; at < to && !this.#over.aborted;) {
      const bytes = await reader.read(at, to);
      await this.send(bytes);
      at += bytes.length;
    }
  }
}
