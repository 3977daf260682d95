import type { Exchange } from '../exchange.js';
import type { FragmentEntry } from '../fragments/entry.js';
import type { LocalService } from '../service.js';
import type { LocalStream, StreamUser } from '../streams/stream.js';
import { archivedFragmentTags, exceptionChunk } from './kvs-tags.js';
import { MediaOutput } from './media-output.js';

/** One GetMediaForFragmentList: sends the fragments that are asked for, in the order of the request. */
export class FragmentListSession implements StreamUser {
  readonly kind = 'getMediaForFragmentList';
  readonly receiving = false;
  readonly #stream: LocalStream;
  readonly #output: MediaOutput;

  constructor(exchange: Exchange, stream: LocalStream, service: LocalService) {
    this.#stream = stream;
    this.#output = new MediaOutput('GetMediaForFragmentList', exchange, stream, service);
  }

  /** Runs until all have been sent or the client is gone. */
  async run(numbers: readonly string[]): Promise<void> {
    await this.#output.whole(async () => {
      for (const number of numbers) {
        if (this.#output.over.aborted) return;
        await this.#sendFragment(number);
      }
    });
  }

  /** One that is not there is told with tags, and does not keep the others back. */
  async #sendFragment(number: string): Promise<void> {
    const entry = this.#stream.retains ? this.#stream.fragments.find(number) : undefined;
    if (entry === undefined || !(await this.#sendMedia(entry))) {
      this.#output.countFailed();
      await this.#output.send(exceptionChunk(number, 'FRAGMENT_NOT_FOUND'));
    }
  }

  /** Sends all of a fragment; false when it has been removed. */
  async #sendMedia(entry: FragmentEntry): Promise<boolean> {
    const reader = this.#stream.fragments.read(entry);
    try {
      const first = await reader.read(0, entry.clusterOffset).catch(() => undefined);
      if (first === undefined) return false;
      await this.#output.send(first);
      await this.#output.sendRange(reader, first.length, entry.clusterOffset);
      await this.#output.send(archivedFragmentTags(entry));
      // What fails from here on cuts the response: half of a fragment cannot be taken back.
      await this.#output.sendRange(reader, entry.clusterOffset, entry.size);
      this.#output.assertWhole();
      this.#output.countSent(entry);
      return true;
    } finally {
      await reader.close();
    }
  }
}
