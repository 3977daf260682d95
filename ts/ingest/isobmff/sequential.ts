/** Reads the media of a stream in its order. */
import type { ByteCursor } from '../byte-cursor.js';
import type { ByteSource } from '../byte-source.js';
import type { MediaPacket } from '../types.js';
import { BoxError, type BoxHeader } from './box.js';
import { nextBox, takeBox } from './find-movie.js';
import { FragmentReader } from './fragment.js';
import { missingBytes, missingSamples } from './missing.js';
import type { Movie } from './movie.js';
import { checkSize, type SampleCursor } from './sample.js';
import type { SampleLane } from './sample-lane.js';

/** Samples that are announced and have not been reached, and where their packets go. */
export interface PendingSamples {
  readonly cursor: SampleCursor;
  readonly lane: SampleLane;
}

/** What is read, and of it which tracks. */
export interface SequentialMedia {
  readonly source: ByteSource;
  /** At the beginning of a box. */
  readonly cursor: ByteCursor;
  readonly movie: Movie;
  /** By id in the file. */
  readonly lanes: ReadonlyMap<number, SampleLane>;
  /** The samples that the index announces. */
  readonly samples: readonly PendingSamples[];
}

/** Reads packets up to the end. Throws BoxError or RangeError where the file is damaged. */
export async function* readSequentially(
  media: SequentialMedia,
): AsyncGenerator<MediaPacket[], void> {
  const { source, cursor, movie, lanes } = media;
  const fragments = new FragmentReader(movie.fragmentDefaults ?? new Map());
  const pending = new PendingSet(media.samples);
  for (;;) {
    const header = await nextBox(cursor);
    if (header === undefined) break;
    if (header.type === 'moof') {
      const moof = await takeBox(cursor, header);
      if (moof === undefined) throw missingBytes(source, header.type);
      for (const { trackId, cursor: samples } of fragments.read(moof, header.offset)) {
        const lane = lanes.get(trackId);
        if (lane !== undefined) pending.add({ cursor: samples, lane });
      }
      continue;
    }
    if (header.type === 'mdat') yield* readMediaData(cursor, header, pending);
    if (header.end === Infinity) break;
    if (!(await cursor.skipTo(header.end)) && pending.isEmpty)
      throw missingBytes(source, header.type);
  }
  if (!pending.isEmpty) throw missingSamples(source, pending.times());
  if (cursor.holds(1)) throw missingBytes(source, 'unknown');
}

/** Gives the samples that lie in an mdat box, as far as they are there. */
async function* readMediaData(
  cursor: ByteCursor,
  { end }: BoxHeader,
  pending: PendingSet,
): AsyncGenerator<MediaPacket[], void> {
  let batch: MediaPacket[] = [];
  for (;;) {
    const next = pending.lowest();
    const sample = next?.cursor.current;
    if (next === undefined || sample === undefined || sample.offset >= end) break;
    const ahead = sample.offset - cursor.position;
    if (ahead < 0) throw new BoxError(`a sample lies at byte ${sample.offset}, out of order`);
    checkSize(sample);
    if (!cursor.holds(ahead + sample.size)) {
      // Before waiting for more: in a live stream what is complete must not wait.
      if (batch.length > 0) yield batch;
      batch = [];
      if (!(await cursor.skipTo(sample.offset)) || !(await cursor.fill(sample.size))) return;
    } else {
      cursor.take(ahead);
    }
    const data = cursor.take(sample.size);
    if (sample.size > 0) batch.push(next.lane.packet(sample, data));
    next.cursor.advance();
    pending.prune();
  }
  if (batch.length > 0) yield batch;
}

/** The samples that are announced; of several runs, the one that lies first comes next. */
class PendingSet {
  #runs: PendingSamples[];

  constructor(samples: readonly PendingSamples[]) {
    this.#runs = [...samples];
    this.prune();
  }

  get isEmpty(): boolean {
    return this.#runs.length === 0;
  }

  add(samples: PendingSamples): void {
    if (samples.cursor.current !== undefined) this.#runs.push(samples);
  }

  lowest(): PendingSamples | undefined {
    let lowest: PendingSamples | undefined;
    let offset = Infinity;
    for (const run of this.#runs) {
      const current = run.cursor.current?.offset ?? Infinity;
      if (current < offset) {
        lowest = run;
        offset = current;
      }
    }
    return lowest;
  }

  /** Drops runs that have come to their end. */
  prune(): void {
    if (this.#runs.some(({ cursor }) => cursor.current === undefined)) {
      this.#runs = this.#runs.filter(({ cursor }) => cursor.current !== undefined);
    }
  }

  /** Milliseconds at which the next sample of each run is shown. */
  times(): number[] {
    return this.#runs.flatMap(({ cursor, lane }) => {
      return cursor.current === undefined ? [] : [lane.presentationTs(cursor.current)];
    });
  }
}
