import { setTimeout as sleep } from 'node:timers/promises';
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
import { MediaOutput } from './media-output.js';
import { Pacer } from './pacer.js';
import type { StartPosition } from './start-selector.js';

/**
 * One GetMedia: sends the fragments from a start on, and those that are added while it runs. One
 * that is arriving is sent frame by frame as it comes.
 */
export class GetMediaSession implements StreamUser {
  readonly kind = 'getMedia';
  readonly receiving = false;
  readonly #stream: LocalStream;
  readonly #options: ResolvedOptions;
  readonly #fragmentPacer: Pacer;
  readonly #output: MediaOutput;

  constructor(exchange: Exchange, stream: LocalStream, service: LocalService) {
    this.#stream = stream;
    this.#options = service.options;
    this.#fragmentPacer = new Pacer(service.quotas.media.fragmentRate ?? 0);
    this.#output = new MediaOutput('GetMedia', exchange, stream, service);
  }

  /** Runs until nothing has come for a while or the client is gone. */
  async run(start: StartPosition): Promise<void> {
    await this.#output.whole(() => this.#sendAll(start));
  }

  async #sendAll({ after: start, skips }: StartPosition): Promise<void> {
    const { fragments } = this.#stream;
    let after = start;
    let started = skips === undefined;
    while (!this.#output.over.aborted) {
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
      if (this.#output.over.aborted || (!inTime && !live)) return false;
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
      undo.push(onAbort(this.#output.over, wake));
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
        await this.#output.sendRange(reader, fragment.clusterOffset, fragment.size);
        this.#output.assertWhole();
      } else if (!(await this.#follow(reader, fragment))) {
        await this.#breakOff(fragment);
        return false;
      }
      const now = this.#options.now();
      await this.#output.send(continuationTags(fragment, now));
      this.#output.countSent(fragment);
      this.#stream.metrics.set('GetMedia.MillisBehindNow', now - fragment.serverTimestamp);
      return true;
    } finally {
      await reader.close();
    }
  }

  /** Waits while more fragments have been sent than a second may have. */
  async #keepPace(): Promise<void> {
    const delay = this.#fragmentPacer.delayAfter(1, performance.now());
    if (delay > 0)
      await sleep(delay, undefined, { signal: this.#output.over }).catch(() => undefined);
  }

  /** Sends what precedes the Cluster; false when the fragment is gone. */
  async #sendHeader(
    reader: FragmentReader,
    fragment: FragmentEntry | LiveFragment,
  ): Promise<boolean> {
    const first = await reader.read(0, fragment.clusterOffset).catch(() => undefined);
    if (first === undefined) return false;
    await this.#output.send(first);
    await this.#output.sendRange(reader, first.length, fragment.clusterOffset);
    await this.#output.send(fragmentTags(fragment));
    return true;
  }

  /**
   * Sends a Cluster and what follows it while they arrive. The end is sent only when the fragment is
   * stored, so that one which the producer has to send again is never taken for a whole one. False
   * when there will be no end.
   */
  async #follow(reader: FragmentReader, fragment: LiveFragment): Promise<boolean> {
    let at = fragment.clusterOffset;
    while (!this.#output.over.aborted && fragment.state !== 'failed') {
      const to = fragment.available;
      await this.#output.sendRange(reader, at, to);
      at = to;
      if (at < fragment.available) continue;
      if (fragment.state === 'stored') return true;
      await this.#change();
    }
    return false;
  }

  /** Tells the client that the fragment ends in the middle, so that it asks again for what follows. */
  async #breakOff({ number, sized }: LiveFragment): Promise<void> {
    this.#output.assertWhole();
    if (this.#output.over.aborted) return;
    this.#output.countFailed();
    if (sized) {
      // Tags would be taken for a part of the Cluster. A response that is cut says it as clearly.
      throw new ServiceException('InternalFailure', `The fragment ${number} ends in the middle`);
    }
    await this.#output.send(errorTags('STREAM_WRITE_ERROR'));
  }
}
