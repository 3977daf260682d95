import { setTimeout as sleep } from 'node:timers/promises';
import { mergeSignals } from '../../internal/signal.js';
import { onAbort } from '../abort.js';
import { ServiceException } from '../exceptions.js';
import type { Exchange } from '../exchange.js';
import type { FragmentEntry } from '../fragments/entry.js';
import { LiveFragment } from '../fragments/live-fragment.js';
import type { FragmentReader } from '../fragments/reader.js';
import type { ResolvedOptions } from '../options.js';
import type { LocalService } from '../service.js';
import type { LocalStream, StreamUser } from '../streams/stream.js';
import { continuationTags, errorTags, fragmentTags } from './kvs-tags.js';
import { Pacer } from './pacer.js';
import type { StartPosition } from './start-selector.js';

/**
 * One GetMedia: sends the fragments from a start on, and those that are added while it runs. One
 * that is arriving is sent frame by frame as it comes.
 */
export class GetMediaSession implements StreamUser {
  readonly kind = 'getMedia';
  readonly receiving = false;
  readonly #exchange: Exchange;
  readonly #stream: LocalStream;
  readonly #options: ResolvedOptions;
  readonly #fragmentPacer: Pacer;
  /** Aborted when there is nobody to send to or nothing left to send. */
  readonly #over: AbortSignal;
  readonly #release: () => void;

  constructor(exchange: Exchange, stream: LocalStream, { options, quotas }: LocalService) {
    this.#exchange = exchange;
    this.#stream = stream;
    this.#options = options;
    const { outgoingRate, fragmentRate } = quotas.media;
    if (outgoingRate !== undefined) exchange.pace(outgoingRate);
    this.#fragmentPacer = new Pacer(fragmentRate ?? 0);
    const { signal, release } = mergeSignals(exchange.closed, stream.deleted);
    this.#over = signal;
    this.#release = release;
  }

  /** Runs until nothing has come for a while or the client is gone. */
  async run(start: StartPosition): Promise<void> {
    try {
      this.#exchange.begin({ 'content-type': 'video/webm' });
      await this.#sendAll(start);
      this.#exchange.end();
    } finally {
      this.#release();
    }
  }

  async #sendAll({ after: start, skips }: StartPosition): Promise<void> {
    const { fragments } = this.#stream;
    let after = start;
    let started = skips === undefined;
    while (!this.#over.aborted) {
      this.#stream.enforceRetention();
      const fragment = fragments.next(after);
      if (fragment === undefined) {
        if (!(await this.#waitForMore(after))) return;
        continue;
      }
      started ||= skips?.(fragment) !== true;
      if (started) {
        await this.#keepPace();
        if (!(await this.#sendFragment(fragment))) return;
      } else if (fragment instanceof LiveFragment) {
        // It may still grow until it holds the time of the start.
        await this.#change();
        continue;
      }
      after = fragment.number;
    }
  }

  /**
   * Waits for a fragment behind `after`. False when none came in time; the time begins anew for as
   * long as a producer is connected, whose next fragment may be long.
   */
  async #waitForMore(after: string): Promise<boolean> {
    const { fragments } = this.#stream;
    for (;;) {
      const inTime = await this.#change(this.#options.getMediaTimeout);
      if (fragments.next(after) !== undefined) return true;
      const live = [...this.#stream.users].some((user) => user.receiving);
      if (this.#over.aborted || (!inTime && !live)) return false;
    }
  }

  /** Waits until anything has changed about the fragments; false when it took longer than `timeout`. */
  async #change(timeout?: number): Promise<boolean> {
    const undo: (() => void)[] = [];
    const changed = await new Promise<boolean>((resolve) => {
      const wake = (): void => {
        resolve(true);
      };
      undo.push(this.#stream.fragments.onChange(wake));
      undo.push(onAbort(this.#over, wake));
      if (timeout === undefined) return;
      const timer = setTimeout(resolve, timeout, false);
      undo.push(() => {
        clearTimeout(timer);
      });
    });
    for (const step of undo) step();
    return changed;
  }

  /**
   * Sends a fragment with the service's tags. One that has been removed meanwhile is passed over.
   * False when it broke off, which ends the response: what has been sent cannot be taken back.
   */
  async #sendFragment(fragment: FragmentEntry | LiveFragment): Promise<boolean> {
    const reader = this.#stream.fragments.read(fragment);
    try {
      if (!(await this.#sendHeader(reader, fragment))) return true;
      if (!(fragment instanceof LiveFragment)) {
        await this.#sendRange(reader, fragment.clusterOffset, fragment.size);
      } else if (!(await this.#follow(reader, fragment))) {
        await this.#breakOff(fragment);
        return false;
      }
      await this.#send(continuationTags(fragment, this.#options.now()));
      return true;
    } finally {
      await reader.close();
    }
  }

  /** Waits while more fragments have been sent than a second may have. */
  async #keepPace(): Promise<void> {
    const delay = this.#fragmentPacer.delayAfter(1, performance.now());
    if (delay > 0) await sleep(delay, undefined, { signal: this.#over }).catch(() => undefined);
  }

  /** Sends what precedes the Cluster; false when the fragment is gone. */
  async #sendHeader(
    reader: FragmentReader,
    fragment: FragmentEntry | LiveFragment,
  ): Promise<boolean> {
    const first = await reader.read(0, fragment.clusterOffset).catch(() => undefined);
    if (first === undefined) return false;
    await this.#send(first);
    await this.#sendRange(reader, first.length, fragment.clusterOffset);
    await this.#send(fragmentTags(fragment));
    return true;
  }

  /**
   * Sends a Cluster and what follows it while they arrive. The end is sent only when the fragment is
   * stored, so that one which the producer has to send again is never taken for a whole one. False
   * when there will be no end.
   */
  async #follow(reader: FragmentReader, fragment: LiveFragment): Promise<boolean> {
    let at = fragment.clusterOffset;
    while (!this.#over.aborted && fragment.state !== 'failed') {
      const to = fragment.available;
      await this.#sendRange(reader, at, to);
      at = to;
      if (at < fragment.available) continue;
      if (fragment.state === 'stored') return true;
      await this.#change();
    }
    return false;
  }

  /** Tells the client that the fragment ends in the middle, so that it asks again for what follows. */
  async #breakOff({ number, sized }: LiveFragment): Promise<void> {
    if (this.#over.aborted) return;
    if (sized) {
      // Tags would be taken for a part of the Cluster. A response that is cut says it as clearly.
      throw new ServiceException('InternalFailure', `The fragment ${number} ends in the middle`);
    }
    await this.#send(errorTags('STREAM_WRITE_ERROR'));
  }

  async #sendRange(reader: FragmentReader, from: number, to: number): Promise<void> {
    for (let at = from; at < to && !this.#over.aborted;) {
      const bytes = await reader.read(at, to);
      await this.#send(bytes);
      at += bytes.length;
    }
  }

  /** Writes to the response and waits while the client is behind. */
  async #send(bytes: Uint8Array): Promise<void> {
    await this.#exchange.write(bytes, this.#over);
  }
}
