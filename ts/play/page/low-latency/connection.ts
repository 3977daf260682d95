import { FragmentParser, type FragmentHandler } from '../../../parser/index.js';
import { openMedia, PageError } from '../api.js';

/** Pause before another attempt: the first, and the longest, in milliseconds. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 2000;

/** The media: fragments, each with its frames as soon as they are there. */
type MediaHandler = Required<Omit<FragmentHandler, 'bytes'>>;

/** What becomes of a connection, besides the media. */
export interface ConnectionEvents extends MediaHandler {
  received(bytes: number): void;
  /** There is nothing to read, or it broke off; it is tried again. */
  waiting(reason: string | undefined): void;
  /** What comes next does not continue what came before. */
  restarted(): void;
  /** Resolves when it is worth reading on. */
  ready(): Promise<void>;
}

/**
 * Reads GetMedia for as long as it is wanted: when the service ends it, because nothing came for a while
 * or because it has lasted long enough, it is opened anew.
 */
export class Connection {
  readonly #events: ConnectionEvents;
  readonly #stop = new AbortController();
  /** The last fragment that has been read whole, and the one that is read. */
  #afterFragment: string | undefined;
  #fragment: string | undefined;
  /** Whether the fragment that is read has been read before. */
  #isRepeated = false;

  constructor(events: ConnectionEvents) {
    this.#events = events;
  }

  /** Reads what is new until it is closed. Rejects with what makes no sense to try again. */
  async follow(): Promise<void> {
    let pause = FIRST_PAUSE;
    for (;;) {
      let hasMedia = false;
      let reason: string | undefined;
      try {
        hasMedia = await this.#read('now');
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        if (!isTemporary(error)) throw error;
        reason = error instanceof Error ? error.message : String(error);
      }
      if (this.#stop.signal.aborted) return;
      if (hasMedia) pause = FIRST_PAUSE;
      this.#events.waiting(reason);
      await sleep(pause, this.#stop.signal);
      pause = Math.min(pause * 2, LONGEST_PAUSE);
      this.#events.restarted();
    }
  }

  /**
   * Reads from a moment until `isOver` says so or there is no more. What breaks off is continued after
   * the last whole fragment.
   */
  async replay(start: number, isOver: () => boolean): Promise<void> {
    let pause = FIRST_PAUSE;
    let from = `time:${Math.floor(start)}`;
    for (;;) {
      try {
        await this.#read(from, isOver);
        return;
      } catch (error) {
        if (this.#stop.signal.aborted || isOver()) return;
        if (!isTemporary(error) || pause > LONGEST_PAUSE) throw error;
        this.#events.waiting(String(error));
      }
      if (this.#afterFragment !== undefined) from = `after:${this.#afterFragment}`;
      await sleep(pause, this.#stop.signal);
      pause *= 2;
      this.#events.restarted();
    }
  }

  close(): void {
    this.#stop.abort();
  }

  /** Reads one answer to its end; returns whether there was a fragment in it. */
  async #read(start: string, isOver = (): boolean => false): Promise<boolean> {
    const { signal } = this.#stop;
    const media = await openMedia(start, signal);
    let hasMedia = false;
    const parser = new FragmentParser(
      this.#handler(() => {
        hasMedia = true;
      }),
    );
    try {
      for (;;) {
        await this.#events.ready();
        const { done, value } = await media.read();
        if (done || isOver()) break;
        this.#events.received(value.length);
        parser.push(value);
      }
      if (!isOver()) parser.end();
    } finally {
      media.cancel().catch(() => undefined);
    }
    return hasMedia;
  }

  /**
   * Passes on what is new: asked for the newest fragment, the service may send the one that was read
   * last. Numbers that are lower are those of a stream that was made anew.
   */
  #handler(onFragment: () => void): MediaHandler {
    const events = this.#events;
    return {
      fragment: (header) => {
        this.#fragment = header.fragmentNumber;
        this.#isRepeated = this.#fragment !== undefined && this.#fragment === this.#afterFragment;
        if (this.#isRepeated) return;
        onFragment();
        events.fragment(header);
      },
      frame: (frame) => {
        if (!this.#isRepeated) events.frame(frame);
      },
      end: (end) => {
        if (this.#isRepeated) return;
        this.#afterFragment = this.#fragment;
        events.end(end);
      },
      error: (error) => {
        events.error(error);
      },
    };
  }
}

/** Whether another attempt may succeed. */
function isTemporary(error: unknown): boolean {
  return !(error instanceof PageError) || error.isTemporary;
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
