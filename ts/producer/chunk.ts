/** Chunks of WebCodecs encoders, as frames. */
import { isAnyArrayBuffer } from 'node:util/types';
import type { KinesisVideoError } from '../internal/errors.js';
import { expected, unknownOption } from '../internal/options.js';
import type { Frame } from './frame.js';
import type { KinesisVideoStream } from './stream.js';
import type { ResolvedTrack } from './track-info.js';

/** An `EncodedVideoChunk` or `EncodedAudioChunk` of WebCodecs. Times are microseconds. */
export interface EncodedChunk {
  /** `key` when decoding can start here. */
  readonly type: 'key' | 'delta';
  /** When it is shown. */
  readonly timestamp: number;
  /** For how long it is shown, when the encoder knows. */
  readonly duration?: number | null | undefined;
  /** Bytes of the payload. */
  readonly byteLength: number;
  /** Copies the payload into the beginning of `destination`. */
  copyTo(destination: Uint8Array): void;
}

/**
 * The same as a plain object, in the form of an `EncodedVideoChunkInit`: what is left of a chunk that
 * came from another process or thread, since chunks themselves cannot be cloned.
 */
export interface EncodedChunkInit {
  /** `key` when decoding can start here. */
  readonly type: 'key' | 'delta';
  /** When it is shown, in microseconds. */
  readonly timestamp: number;
  /** For how many microseconds it is shown, when that is known. */
  readonly duration?: number | null | undefined;
  /** The payload. */
  readonly data: ArrayBufferLike | ArrayBufferView;
}

/** What `putChunk` takes. */
export type Chunk = EncodedChunk | EncodedChunkInit;

/** What goes with a chunk. */
export interface PutChunkOptions {
  /** Which track it belongs to. Default 1. */
  readonly trackId?: number | undefined;
  /**
   * Milliseconds since the epoch that the timestamp 0 stands for. By default the first chunk of a track
   * is one of now, and what follows counts from it. The timestamps of a camera and of a microphone need
   * not count from the same moment.
   */
  readonly timeOrigin?: number | undefined;
  /**
   * The second argument of an encoder's `output`, as it is: a description of the codec in it becomes
   * the codec private data of the track, as of this chunk.
   */
  readonly metadata?: ChunkMetadata | undefined;
}

/** An `EncodedVideoChunkMetadata` or `EncodedAudioChunkMetadata`, as far as it is of account. */
export interface ChunkMetadata {
  /** What a decoder has to know: only the codec private data is used. */
  readonly decoderConfig?:
    { readonly description?: ArrayBufferLike | ArrayBufferView | undefined } | undefined;
}

const OPTIONS: readonly (keyof PutChunkOptions)[] = ['trackId', 'timeOrigin', 'metadata'];
const MICROSECONDS = 1000;
/** How much larger than asked for the buffer is made, since chunks differ. */
const HEADROOM = 1.5;

/** A stream, which is told of each change of a format. */
type FormatOwner = Pick<KinesisVideoStream, 'setCodecPrivateData'>;

/** Reads the chunks of one stream. */
export class ChunkReader {
  readonly #stream: FormatOwner;
  /** By track: its codec private data. */
  readonly #formats: Map<number, Uint8Array>;
  /** By track: what the timestamp 0 stands for, where nobody said so. */
  readonly #origins = new Map<number, number>();
  #buffer = new Uint8Array(0);

  constructor(stream: FormatOwner, tracks: readonly ResolvedTrack[]) {
    this.#stream = stream;
    this.#formats = new Map(tracks.map((track) => [track.trackId, track.codecPrivateData]));
  }

  /** Takes the codec private data that a track has from now on. */
  formatIs(trackId: number, data: Uint8Array): void {
    this.#formats.set(trackId, data.slice());
  }

  /**
   * The frame that a chunk is. Its bytes are valid until the next call.
   *
   * @throws KinesisVideoError STATUS_INVALID_ARG for something else; as `setCodecPrivateData`
   */
  read(chunk: Chunk, options?: PutChunkOptions | null): Frame {
    checkChunk(chunk);
    const { trackId = 1, timeOrigin, metadata } = checkOptions(options ?? {});
    const { type, timestamp, duration } = chunk;
    const time = timestamp / MICROSECONDS;
    const data = 'copyTo' in chunk ? this.#copy(chunk) : bytesOf(chunk.data, 'data of the chunk');
    this.#readFormat(trackId, metadata);
    return {
      data,
      keyFrame: type === 'key',
      presentationTs: time + (timeOrigin ?? this.#originOf(trackId, time)),
      duration: (duration ?? 0) / MICROSECONDS,
      trackId,
    };
  }

  /** Encoders that are made anew tell what is known; only a change begins a connection of its own. */
  #readFormat(trackId: number, metadata: ChunkMetadata | undefined): void {
    const description = metadata?.decoderConfig?.description;
    if (description === undefined) return;
    const data = bytesOf(description, 'metadata.decoderConfig.description');
    const known = this.#formats.get(trackId);
    if (known !== undefined && Buffer.compare(known, data) === 0) return;
    this.#stream.setCodecPrivateData(trackId, data);
  }

  #originOf(trackId: number, time: number): number {
    const known = this.#origins.get(trackId);
    if (known !== undefined) return known;
    const origin = Date.now() - time;
    this.#origins.set(trackId, origin);
    return origin;
  }

  #copy(chunk: EncodedChunk): Uint8Array {
    const { byteLength } = chunk;
    if (this.#buffer.length < byteLength) {
      this.#buffer = new Uint8Array(Math.ceil(byteLength * HEADROOM));
    }
    const part = this.#buffer.subarray(0, byteLength);
    chunk.copyTo(part);
    return part;
  }
}

/** Told by what it is and not by its class: it may come from another realm, such as Electron's. */
function bytesOf(value: unknown, name: string): Uint8Array {
  if (ArrayBuffer.isView(value)) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  if (isAnyArrayBuffer(value)) return new Uint8Array(value);
  throw expected('an ArrayBuffer or a view of one', name, value);
}

function checkChunk(chunk: Chunk): void {
  const given: unknown = chunk;
  if (typeof given !== 'object' || given === null) throw noChunk(given);
  const { type, timestamp, duration } = given as Partial<EncodedChunk>;
  if (type !== 'key' && type !== 'delta') {
    throw expected("'key' or 'delta'", 'type of the chunk', type);
  }
  if (typeof timestamp !== 'number' || !Number.isFinite(timestamp)) {
    throw expected('a number of microseconds', 'timestamp of the chunk', timestamp);
  }
  if (duration !== undefined && duration !== null && typeof duration !== 'number') {
    throw expected('a number of microseconds, or null,', 'duration of the chunk', duration);
  }
  if (!('copyTo' in given) && !('data' in given)) throw noChunk(given);
}

function noChunk(given: unknown): KinesisVideoError {
  const what =
    'an EncodedVideoChunk, an EncodedAudioChunk, or an object with type, timestamp and data';
  return expected(what, 'the chunk', given);
}

/** A misspelt option would silently do nothing, such as a trackID. */
function checkOptions(options: PutChunkOptions): PutChunkOptions {
  for (const key of Object.keys(options)) {
    if (!OPTIONS.includes(key as keyof PutChunkOptions)) {
      throw unknownOption('putChunk', key, OPTIONS);
    }
  }
  const { timeOrigin } = options;
  if (timeOrigin !== undefined && !Number.isFinite(timeOrigin)) {
    const what = 'milliseconds since the epoch, such as Date.now(),';
    throw expected(what, 'timeOrigin of putChunk', timeOrigin);
  }
  return options;
}
