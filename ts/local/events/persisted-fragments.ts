import { setMaxListeners } from 'node:events';
import type { FragmentEntry } from '../fragments/entry.js';
import type { LocalStream } from '../streams/stream.js';
import type { FragmentEvents } from './fragment-events.js';

/** A fragment that is on disk, and what its tags ask for. */
export interface PersistedFragment {
  readonly stream: LocalStream;
  readonly entry: FragmentEntry;
  readonly events: FragmentEvents;
}

/**
 * Does something about a fragment. What it takes time for goes on behind the media: `closing` is
 * aborted when the endpoint ends, which then waits for the promise.
 */
export type PersistedListener = (
  fragment: PersistedFragment,
  closing: AbortSignal,
) => Promise<void> | undefined;

/** Tells about each fragment once it is persisted. Streams that retain nothing persist nothing. */
export class PersistedFragments {
  readonly #log: (sentence: string) => void;
  readonly #listeners = new Set<PersistedListener>();
  readonly #work = new Set<Promise<void>>();
  readonly #closing = new AbortController();

  /** @param log - is told when a listener fails */
  constructor(log: (sentence: string) => void) {
    this.#log = log;
    // Each fragment that is being dealt with may listen.
    setMaxListeners(0, this.#closing.signal);
  }

  /** Has `listener` called for each fragment from now on. */
  onPersisted(listener: PersistedListener): void {
    this.#listeners.add(listener);
  }

  /** Calls the listeners. Never throws, and waits for none of them. */
  tell(fragment: PersistedFragment): void {
    if (this.#closing.signal.aborted) return;
    for (const listener of this.#listeners) {
      const work = this.#run(listener, fragment);
      this.#work.add(work);
      void work.finally(() => this.#work.delete(work));
    }
  }

  /** Cuts short what listeners still do, and waits for its end. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#work);
  }

  async #run(listener: PersistedListener, fragment: PersistedFragment): Promise<void> {
    try {
      await listener(fragment, this.#closing.signal);
    } catch (error) {
      const { stream, entry } = fragment;
      const which = `the fragment ${entry.number} of '${stream.record.streamName}'`;
      this.#log(`What ${which} asked for failed: ${String(error)}`);
    }
  }
}
