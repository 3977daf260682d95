import { abortable } from '../internal/signal.js';
import { KinesisVideoError } from '../internal/errors.js';
import { kInOrder } from '../internal/symbols.js';
import type { ByteSource } from './byte-source.js';
import type { MediaFormat, MediaInput, MediaPacket, MediaTrack, SkippedTrack } from './types.js';

/** What a reader of one format finds out before the first packet, and how it goes on. */
export interface MediaReader {
  readonly format: MediaFormat;
  readonly tracks: readonly MediaTrack[];
  readonly skippedTracks: readonly SkippedTrack[];
  readonly annexB: boolean;
  readonly contentType: string;
  readonly duration?: number;
  readonly frameRate?: number;
  readonly assumedFrameRate?: number;
  /**
   * The packets, in the order to send them, as many at a time as are ready: one promise for each
   * packet would cost more than reading it. Called once.
   */
  batches(): AsyncGenerator<readonly MediaPacket[], void>;
  /** Releases what the reader holds besides the source. */
  dispose?(): void;
}

/** A reader and its source as the MediaInput that users get. */
export class OpenedMedia implements MediaInput {
  readonly format: MediaFormat;
  readonly tracks: readonly MediaTrack[];
  readonly skippedTracks: readonly SkippedTrack[];
  readonly annexB: boolean;
  readonly contentType: string;
  declare readonly duration?: number;
  declare readonly frameRate?: number;
  declare readonly assumedFrameRate?: number;

  readonly #reader: MediaReader;
  readonly #source: ByteSource;
  readonly #signal: AbortSignal | undefined;
  #taken = false;
  #closed: Promise<void> | undefined;

  constructor(reader: MediaReader, source: ByteSource, signal: AbortSignal | undefined) {
    this.format = reader.format;
    const order = Symbol(source.name);
    this.tracks = reader.tracks.map((track) => Object.freeze({ ...track, [kInOrder]: order }));
    this.skippedTracks = reader.skippedTracks;
    this.annexB = reader.annexB;
    this.contentType = reader.contentType;
    if (reader.duration !== undefined) this.duration = reader.duration;
    if (reader.frameRate !== undefined) this.frameRate = reader.frameRate;
    if (reader.assumedFrameRate !== undefined) this.assumedFrameRate = reader.assumedFrameRate;
    this.#reader = reader;
    this.#source = source;
    this.#signal = signal;
  }

  packets(): AsyncIterable<MediaPacket> {
    if (this.#taken) {
      throw new KinesisVideoError(
        'STATUS_INVALID_OPERATION',
        `The packets of ${this.#source.name} can be read once; open it again to read them again.`,
      );
    }
    this.#taken = true;
    return this.#run();
  }

  close(): Promise<void> {
    this.#closed ??= this.#release();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async *#run(): AsyncGenerator<MediaPacket, void> {
    const batches = this.#reader.batches();
    try {
      for (;;) {
        const step = await abortable(batches.next(), this.#signal);
        if (step.done === true) return;
        for (const packet of step.value) {
          this.#signal?.throwIfAborted();
          if (this.#closed !== undefined) return;
          yield packet;
        }
      }
    } catch (error) {
      // Reading fails when the source is closed under it, and then that was the wish.
      if (this.#closed === undefined || this.#signal?.aborted === true) throw error;
    } finally {
      await this.close();
    }
  }

  async #release(): Promise<void> {
    this.#reader.dispose?.();
    await this.#source.close();
  }
}
