import { once } from 'node:events';
import { open, type FileHandle } from 'node:fs/promises';
import { mergeSignals } from '../../internal/signal.js';
import { onAbort } from '../abort.js';
import type { Exchange } from '../exchange.js';
import type { FragmentEntry } from '../fragments/index-file.js';
import type { ResolvedOptions } from '../options.js';
import type { LocalStream, StreamUser } from '../streams/stream.js';
import { continuationTags, fragmentTags } from './kvs-tags.js';
import type { StartPosition } from './start-selector.js';

const READ_SIZE = 256 * 1024;

/** One GetMedia: sends the fragments from a start on, and those that are added while it runs. */
export class GetMediaSession implements StreamUser {
  readonly kind = 'getMedia';
  readonly receiving = false;
  readonly #exchange: Exchange;
  readonly #stream: LocalStream;
  readonly #options: ResolvedOptions;
  /** Aborted when there is nobody to send to or nothing left to send. */
  readonly #over: AbortSignal;
  readonly #release: () => void;

  constructor(exchange: Exchange, stream: LocalStream, options: ResolvedOptions) {
    this.#exchange = exchange;
    this.#stream = stream;
    this.#options = options;
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

  async #sendAll(start: StartPosition): Promise<void> {
    let { after } = start;
    let started = start.skips === undefined;
    while (!this.#over.aborted) {
      this.#stream.enforceRetention();
      const entry = this.#stream.fragments.after(after);
      if (entry === undefined) {
        if (!(await this.#waitForMore(after))) return;
        continue;
      }
      after = entry.number;
      started ||= start.skips?.(entry) !== true;
      if (started) await this.#sendFragment(entry);
    }
  }

  /**
   * Waits for a fragment behind `after`. False when none came in time; the time begins anew for as
   * long as a producer is connected, whose next fragment may be long.
   */
  async #waitForMore(after: string): Promise<boolean> {
    const { fragments } = this.#stream;
    for (;;) {
      await this.#commitOrTimeout();
      if (fragments.after(after) !== undefined) return true;
      const live = [...this.#stream.users].some((user) => user.receiving);
      if (this.#over.aborted || !live) return false;
    }
  }

  async #commitOrTimeout(): Promise<void> {
    const undo: (() => void)[] = [];
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.#options.getMediaTimeout);
      undo.push(() => {
        clearTimeout(timer);
      });
      undo.push(this.#stream.fragments.onCommit(resolve));
      undo.push(onAbort(this.#over, resolve));
    });
    for (const step of undo) step();
  }

  /** Sends a fragment with the service's tags; one that has been removed meanwhile is passed over. */
  async #sendFragment(entry: FragmentEntry): Promise<void> {
    let file: FileHandle;
    try {
      file = await open(this.#stream.fragments.path(entry.number));
    } catch {
      return;
    }
    try {
      await this.#sendRange(file, 0, entry.clusterOffset);
      await this.#send(fragmentTags(entry));
      await this.#sendRange(file, entry.clusterOffset, entry.size);
      await this.#send(continuationTags(entry, this.#options.now()));
    } finally {
      await file.close();
    }
  }

  async #sendRange(file: FileHandle, from: number, to: number): Promise<void> {
    for (let at = from; at < to && !this.#over.aborted;) {
      const buffer = Buffer.allocUnsafe(Math.min(READ_SIZE, to - at));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) throw new Error(`The file of a fragment ends at ${at} of ${to} bytes`);
      await this.#send(buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
  }

  /** Writes to the response and waits while the client is behind. */
  async #send(bytes: Buffer): Promise<void> {
    const { response } = this.#exchange;
    if (this.#over.aborted || response.write(bytes)) return;
    await once(response, 'drain', { signal: this.#over }).catch(() => undefined);
  }
}
