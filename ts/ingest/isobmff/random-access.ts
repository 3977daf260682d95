/** Reads the media of a file track by track, wherever it lies. */
import type { SeekableSource } from '../byte-source.js';
import { interleaveTracks } from '../interleave.js';
import type { MediaPacket, MediaTrack } from '../types.js';
import { missingSamples } from './missing.js';
import { checkSize } from './sample.js';
import type { SampleLane } from './sample-lane.js';
import type { FragmentWalk, SampleQueue } from './sample-queue.js';

/** How much is read at once for a track. */
const WINDOW_BYTES = 512 * 1024;

/** Reads packets up to the end. Throws BoxError or RangeError where the index is damaged. */
export async function* readByTrack(
  source: SeekableSource,
  tracks: readonly MediaTrack[],
  readers: ReadonlyMap<number, TrackReader>,
  fragments: FragmentWalk | undefined,
): AsyncGenerator<MediaPacket[], void> {
  const next = async (trackId: number): Promise<MediaPacket | undefined> => {
    return readers.get(trackId)?.next();
  };
  yield* interleaveTracks(next, tracks);
  const missing = [...readers.values()].flatMap((reader) => reader.missingFrom ?? []);
  if (missing.length > 0) throw missingSamples(source, missing);
  if (fragments?.cut !== undefined) throw fragments.cut;
}

/** Gives the packets of one track. */
export class TrackReader {
  readonly #source: SeekableSource;
  readonly #samples: SampleQueue;
  readonly #lane: SampleLane;
  #window: Buffer = Buffer.alloc(0);
  #windowAt = 0;
  #missingFrom: number | undefined;

  constructor(source: SeekableSource, samples: SampleQueue, lane: SampleLane) {
    this.#source = source;
    this.#samples = samples;
    this.#lane = lane;
  }

  /** Milliseconds at which the first sample is shown that the file ends before. */
  get missingFrom(): number | undefined {
    return this.#missingFrom;
  }

  /** The next packet; undefined at the end, or where the file ends. */
  async next(): Promise<MediaPacket | undefined> {
    for (;;) {
      const sample = await this.#samples.current();
      if (sample === undefined) return undefined;
      checkSize(sample);
      const data = await this.#read(sample.offset, sample.size);
      if (data === undefined) {
        this.#missingFrom = this.#lane.presentationTs(sample);
        return undefined;
      }
      this.#samples.advance();
      if (sample.size > 0) return this.#lane.packet(sample, data);
    }
  }

  async #read(offset: number, size: number): Promise<Buffer | undefined> {
    if (offset + size > this.#source.size) return undefined;
    let at = offset - this.#windowAt;
    if (at < 0 || at + size > this.#window.length) {
      this.#window = await this.#source.readAt(offset, Math.max(size, WINDOW_BYTES));
      this.#windowAt = offset;
      at = 0;
    }
    const data = this.#window.subarray(at, at + size);
    return data.length === size ? data : undefined;
  }
}
