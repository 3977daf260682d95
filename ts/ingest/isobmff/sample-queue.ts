import type { ByteCursor } from '../byte-cursor.js';
import type { SeekableSource } from '../byte-source.js';
import type { KinesisVideoError } from '../../internal/errors.js';
import { nextBox, takeBox } from './find-movie.js';
import { FragmentReader } from './fragment.js';
import { missingBytes } from './missing.js';
import type { FragmentDefaults } from './movie.js';
import type { Sample, SampleCursor } from './sample.js';

/** The samples of one track, from the index and then from the fragments of the file. */
export class SampleQueue {
  readonly #runs: SampleCursor[];
  readonly #fragments: FragmentWalk | undefined;

  /** @param fragments - absent when there are none; shared by the queues of a file */
  constructor(first: SampleCursor, fragments: FragmentWalk | undefined) {
    this.#runs = [first];
    this.#fragments = fragments;
  }

  /** The sample at the head; undefined behind the last one. */
  async current(): Promise<Sample | undefined> {
    for (;;) {
      const [run] = this.#runs;
      if (run?.current !== undefined) return run.current;
      if (run !== undefined) this.#runs.shift();
      else if ((await this.#fragments?.next()) !== true) return undefined;
    }
  }

  /** Goes to the next sample. */
  advance(): void {
    this.#runs[0]?.advance();
  }

  /** Adds samples of a fragment. */
  add(run: SampleCursor): void {
    this.#runs.push(run);
  }
}

/** Walks over the fragments of a file and hands their samples to the queues of the tracks. */
export class FragmentWalk {
  /** By id of the track in the file. */
  readonly queues = new Map<number, SampleQueue>();
  readonly #source: SeekableSource;
  readonly #cursor: ByteCursor;
  readonly #reader: FragmentReader;
  #cut: KinesisVideoError | undefined;

  /** @param cursor - at the beginning of a box before the first fragment */
  constructor(
    source: SeekableSource,
    cursor: ByteCursor,
    defaults: ReadonlyMap<number, FragmentDefaults>,
  ) {
    this.#source = source;
    this.#cursor = cursor;
    this.#reader = new FragmentReader(defaults);
  }

  /** Says that the file ends inside of a box, once that has been seen. */
  get cut(): KinesisVideoError | undefined {
    return this.#cut;
  }

  /** Reads the next fragment; false when there is none. */
  async next(): Promise<boolean> {
    for (;;) {
      const header = await nextBox(this.#cursor);
      if (header === undefined) {
        if (this.#cursor.holds(1)) this.#cut ??= missingBytes(this.#source, 'unknown');
        return false;
      }
      if (header.type === 'moof') {
        const moof = await takeBox(this.#cursor, header);
        if (moof === undefined) {
          this.#cut ??= missingBytes(this.#source, header.type);
          return false;
        }
        for (const { trackId, cursor } of this.#reader.read(moof, header.offset)) {
          this.queues.get(trackId)?.add(cursor);
        }
        return true;
      }
      if (header.end === Infinity) return false;
      if (!(await this.#cursor.skipTo(header.end))) {
        this.#cut ??= missingBytes(this.#source, header.type);
        return false;
      }
    }
  }
}
