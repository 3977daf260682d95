import type { MatroskaTag } from '../../parser/index.js';
import { readFragmentEvents, type FragmentEvents } from '../events/fragment-events.js';
import type { FragmentEntry } from '../fragments/entry.js';
import type { LiveFragment } from '../fragments/live-fragment.js';
import type { LocalStream } from '../streams/stream.js';
import { NO_FRAGMENT, type AckedFragment, type AckWriter } from './acks.js';
import type { FragmentSink } from './media-receiver.js';

/** Fragments that may wait for the disk before the producer is held back. */
const MAX_PENDING = 8;

/** What a recorder works with. */
export interface RecorderOptions {
  readonly stream: LocalStream;
  readonly acks: AckWriter;
  readonly now: () => number;
  /** Epoch ms that the media's times count from: 0 when they are absolute. */
  readonly origin: number;
  /** Called when a fragment has begun, and is told to be; it may throw AckError. */
  readonly onBegun: () => void;
  /** Called when a fragment is stored of a stream that retains it, with what its tags ask for. */
  readonly onPersisted: (entry: FragmentEntry, events: FragmentEvents) => void;
  /** Called when a complete fragment could not be stored. */
  readonly onFailure: (error: unknown, fragment: AckedFragment) => void;
}

/** Stores the fragments of a PutMedia and acknowledges each step. */
export class FragmentRecorder implements FragmentSink {
  readonly #options: RecorderOptions;
  #open: LiveFragment | undefined;
  /** Tags of the open fragment, or of the next one. */
  #tags: MatroskaTag[] = [];
  /** When the open fragment began, by `performance.now()`. */
  #beganAt = 0;
  #pending = 0;
  #lastCommit: Promise<void> = Promise.resolve();

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** The fragment that is being received, once its timecode is known. */
  get current(): AckedFragment {
    const open = this.#open;
    return open?.timecode === undefined ? NO_FRAGMENT : acked(open, open.timecode);
  }

  begin(header: Uint8Array, sized: boolean): void {
    const { stream, now } = this.#options;
    this.#beganAt = performance.now();
    const serverTimestamp = Math.trunc(now());
    const number = stream.nextFragmentNumber(serverTimestamp);
    this.#open = stream.fragments.begin({ number, serverTimestamp, header, sized });
  }

  identify(timecode: number, milliseconds: number): void {
    const open = this.#open;
    if (open === undefined) return;
    open.identify(timecode, this.#options.origin + milliseconds);
    this.#options.acks.buffering(acked(open, timecode), this.#beganAt);
    this.#options.onBegun();
  }

  append(bytes: Uint8Array): void {
    this.#open?.append(bytes);
  }

  advance(bytes: number, duration: number): void {
    this.#open?.advance(bytes, duration);
  }

  tag(tags: readonly MatroskaTag[]): void {
    this.#tags.push(...tags);
  }

  complete(duration: number, frames: number): void {
    const open = this.#open;
    if (open?.timecode === undefined) return;
    this.#open = undefined;
    const { stream, acks, onPersisted, onFailure } = this.#options;
    const fragment = acked(open, open.timecode);
    const receivedAt = performance.now();
    acks.received(fragment, receivedAt);
    open.frames = frames;
    stream.metrics.add('PutMedia.IncomingFragments');
    stream.metrics.add('PutMedia.IncomingFrames', frames);
    stream.metrics.add('PutMedia.FragmentIngestionLatency', receivedAt - this.#beganAt);
    const events = readFragmentEvents(this.#tags.splice(0));

    const retained = stream.retains;
    this.#pending += 1;
    this.#lastCommit = stream.fragments
      .commit(open, duration, retained)
      .then(
        (entry) => {
          stream.metrics.add('PutMedia.FragmentPersistLatency', performance.now() - receivedAt);
          stream.metrics.add('PutMedia.Success', 1);
          if (retained) {
            acks.persisted(fragment, receivedAt);
            onPersisted(entry, events);
          }
          stream.enforceRetention();
        },
        (error: unknown) => {
          onFailure(error, fragment);
        },
      )
      .finally(() => {
        this.#pending -= 1;
      });
  }

  /** A promise while the disk or the reader of the acknowledgements is behind. */
  pressure(): Promise<unknown> | undefined {
    const disk = this.#open?.pressure();
    const queue = this.#pending >= MAX_PENDING ? this.#lastCommit : undefined;
    return disk ?? queue ?? this.#options.acks.pressure();
  }

  /** Forgets the fragment that is being received, and waits until all complete ones are stored. */
  async finish(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    if (open !== undefined) await this.#options.stream.fragments.discard(open);
    await this.#lastCommit;
  }
}

function acked({ number }: LiveFragment, timecode: number): AckedFragment {
  return { timecode, number };
}
