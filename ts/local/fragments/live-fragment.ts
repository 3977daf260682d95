import type { FragmentEntry } from './entry.js';
import type { FragmentWriter } from './writer.js';

/** What is known about a fragment when its Cluster begins. */
export interface FragmentStart {
  readonly number: string;
  /** Milliseconds since the Unix epoch. */
  readonly serverTimestamp: number;
  /** What its file begins with, up to the Cluster. */
  readonly header: Uint8Array;
  /** Whether the Cluster tells its size, so that nothing else can stand where a part of it is missing. */
  readonly sized: boolean;
}

/** How far a fragment has come: `stored` once it is in the index, `failed` when it never will be. */
export type LiveState = 'arriving' | 'stored' | 'failed';

/**
 * A fragment that is being received or written to disk, which can be read meanwhile. What the
 * writer still holds is read from memory; a reader that is further behind reads the file, so that
 * it costs no memory and holds nobody up.
 */
export class LiveFragment {
  readonly number: string;
  readonly serverTimestamp: number;
  readonly sized: boolean;
  /** Frames of all tracks, once all have come. */
  frames = 0;
  /** Where in the file the Cluster begins. */
  readonly clusterOffset: number;
  readonly #writer: FragmentWriter;
  readonly #onChange: () => void;
  #times: { timecode: number; producerTimestamp: number } | undefined;
  #available: number;
  #duration = 0;
  #state: LiveState = 'arriving';

  /** @param onChange - called whenever there is more to read, or it is certain that there is none */
  constructor(start: FragmentStart, writer: FragmentWriter, onChange: () => void) {
    this.number = start.number;
    this.serverTimestamp = start.serverTimestamp;
    this.sized = start.sized;
    this.clusterOffset = start.header.length;
    this.#available = start.header.length;
    this.#writer = writer;
    this.#onChange = onChange;
    writer.write(start.header);
  }

  /** The Cluster's timestamp as sent; undefined before it is known. */
  get timecode(): number | undefined {
    return this.#times?.timecode;
  }

  /** Milliseconds since the Unix epoch; 0 before the Cluster's timestamp is known. */
  get producerTimestamp(): number {
    return this.#times?.producerTimestamp ?? 0;
  }

  /** Milliseconds from the first frame to the last one so far. */
  get duration(): number {
    return this.#duration;
  }

  /** Bytes from the start of the file that can be read now. They end with a whole element. */
  get available(): number {
    return this.#available;
  }

  get state(): LiveState {
    return this.#state;
  }

  /** Takes the Cluster's timestamp, without which the fragment cannot be handed out. */
  identify(timecode: number, producerTimestamp: number): void {
    this.#times = { timecode, producerTimestamp };
    this.#onChange();
  }

  /** Adds bytes, which readers get when `advance` has been called. */
  append(bytes: Uint8Array): void {
    this.#writer.write(bytes);
  }

  /** Shows readers the first `bytes` behind the header, in which frames lie `duration` ms apart. */
  advance(bytes: number, duration: number): void {
    this.#available = this.clusterOffset + bytes;
    this.#duration = duration;
    this.#onChange();
  }

  /** A promise while the disk is behind. */
  pressure(): Promise<void> | undefined {
    return this.#writer.pressure();
  }

  /** The bytes from `from` to `to`, or the first of them, if they are still in memory. */
  peek(from: number, to: number): Uint8Array | undefined {
    return this.#writer.peek(from, to);
  }

  /** Writes the file completely; what it says about itself then belongs into the index. */
  async complete(duration: number, durable: boolean): Promise<FragmentEntry> {
    this.advance(this.#writer.size - this.clusterOffset, duration);
    await this.#writer.commit(durable);
    const { number, producerTimestamp, serverTimestamp, frames, clusterOffset } = this;
    const times = { producerTimestamp, serverTimestamp, timecode: this.timecode ?? 0, duration };
    return { number, ...times, frames, size: this.available, clusterOffset };
  }

  /** Removes what has been written. */
  async discard(): Promise<void> {
    await this.#writer.discard();
  }

  /** Marks the end. */
  settle(state: 'stored' | 'failed'): void {
    this.#state = state;
    this.#onChange();
  }
}
