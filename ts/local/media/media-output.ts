import { once } from 'node:events';
import { mergeSignals } from '../../internal/signal.js';
import type { Exchange } from '../exchange.js';
import type { FragmentReader } from '../fragments/reader.js';
import type { LocalService } from '../service.js';
import type { LocalStream } from '../streams/stream.js';

/** A response with media of a stream, as fast as its client takes it. */
export class MediaOutput {
  readonly #exchange: Exchange;
  readonly #over: AbortSignal;
  readonly #release: () => void;

  constructor(exchange: Exchange, stream: LocalStream, { quotas }: LocalService) {
    this.#exchange = exchange;
    const { outgoingRate } = quotas.media;
    if (outgoingRate !== undefined) exchange.pace(outgoingRate);
    const { signal, release } = mergeSignals(exchange.closed, stream.deleted);
    this.#over = signal;
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

  /** Sends bytes and waits while the client is behind. */
  async send(bytes: Uint8Array): Promise<void> {
    const { response } = this.#exchange;
    if (this.#over.aborted || response.write(bytes)) return;
    await once(response, 'drain', { signal: this.#over }).catch(() => undefined);
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
