/** Movie fragments (ISO/IEC 14496-12 clause 8.8): the samples that a moof box announces. */
import { BoxError, childBoxes, findBox, fullBox, readUint64, type FullBox } from './box.js';
import type { FragmentDefaults } from './movie.js';
import type { Sample, SampleCursor } from './sample.js';

/** Flags of the tfhd box (clause 8.8.7). */
const TFHD = {
  BASE_DATA_OFFSET: 0x1,
  DESCRIPTION_INDEX: 0x2,
  DURATION: 0x8,
  SIZE: 0x10,
  FLAGS: 0x20,
  BASE_IS_MOOF: 0x2_0000,
} as const;

/** Flags of the trun box (clause 8.8.8). */
const TRUN = {
  DATA_OFFSET: 0x1,
  FIRST_FLAGS: 0x4,
  DURATION: 0x100,
  SIZE: 0x200,
  FLAGS: 0x400,
  COMPOSITION_OFFSET: 0x800,
} as const;

/** Flags of a sample (clause 8.8.3.1): it is not a sync sample; it depends on others. */
const NOT_SYNC = 0x1_0000;
const DEPENDS_ON_OTHERS = 0x100_0000;

/** The samples of one run, and whose they are. */
export interface FragmentRun {
  readonly trackId: number;
  readonly cursor: SampleCursor;
}

/** Follows the time of each track from fragment to fragment. */
export class FragmentReader {
  readonly #defaults: ReadonlyMap<number, FragmentDefaults>;
  /** Decoding time of the next sample, by track. */
  readonly #times = new Map<number, number>();

  constructor(defaults: ReadonlyMap<number, FragmentDefaults>) {
    this.#defaults = defaults;
  }

  /**
   * Reads a moof box.
   *
   * @param moof - its content
   * @param offset - where the box begins in the file
   * @throws BoxError or RangeError when it is damaged
   */
  read(moof: Buffer, offset: number): FragmentRun[] {
    const runs: FragmentRun[] = [];
    let end = offset;
    for (const { type, data } of childBoxes(moof)) {
      if (type !== 'traf') continue;
      const tfhd = findBox(data, 'tfhd');
      if (tfhd === undefined) throw new BoxError('a fragment of a track has no header');
      const header = this.#readHeader(fullBox(tfhd), offset, end);
      const tfdt = findBox(data, 'tfdt');
      let time = tfdt ? readDecodeTime(fullBox(tfdt)) : (this.#times.get(header.trackId) ?? 0);
      let position = header.base;
      for (const { type: child, data: trun } of childBoxes(data)) {
        if (child !== 'trun') continue;
        const run = new RunSamples(fullBox(trun), header, position, time);
        runs.push({ trackId: header.trackId, cursor: run });
        time += run.totalDuration;
        position = run.end;
      }
      this.#times.set(header.trackId, time);
      end = position;
    }
    return runs;
  }

  #readHeader({ flags, data }: FullBox, moof: number, previousEnd: number): RunHeader {
    const trackId = data.readUInt32BE(0);
    const track = this.#defaults.get(trackId);
    let at = 4;
    const next = (flag: number): number | undefined => {
      if ((flags & flag) === 0) return undefined;
      at += 4;
      return data.readUInt32BE(at - 4);
    };
    let base = (flags & TFHD.BASE_IS_MOOF) === 0 ? previousEnd : moof;
    if ((flags & TFHD.BASE_DATA_OFFSET) !== 0) {
      base = readUint64(data, at);
      at += 8;
    }
    next(TFHD.DESCRIPTION_INDEX);
    return {
      trackId,
      base,
      duration: next(TFHD.DURATION) ?? track?.duration ?? 0,
      size: next(TFHD.SIZE) ?? track?.size ?? 0,
      flags: next(TFHD.FLAGS) ?? track?.flags ?? 0,
    };
  }
}

interface RunHeader extends FragmentDefaults {
  readonly trackId: number;
  /** What the run's data offset counts from. */
  readonly base: number;
}

function readDecodeTime({ version, data }: FullBox): number {
  return version === 1 ? readUint64(data, 0) : data.readUInt32BE(0);
}

/** The samples of a trun box. */
class RunSamples implements SampleCursor {
  readonly totalDuration: number;
  /** Where the data of the run ends. */
  readonly end: number;
  readonly #header: RunHeader;
  readonly #flags: number;
  readonly #entries: Buffer;
  readonly #entryBytes: number;
  readonly #count: number;
  readonly #firstFlags: number | undefined;
  #index = 0;
  #offset: number;
  #time: number;
  #current: Sample | undefined;

  constructor({ flags, data }: FullBox, header: RunHeader, position: number, time: number) {
    this.#header = header;
    this.#flags = flags;
    let at = 4;
    this.#offset = position;
    if (this.#has(TRUN.DATA_OFFSET)) {
      this.#offset = header.base + data.readInt32BE(at);
      at += 4;
    }
    if (this.#has(TRUN.FIRST_FLAGS)) {
      this.#firstFlags = data.readUInt32BE(at);
      at += 4;
    }
    const fields = [TRUN.DURATION, TRUN.SIZE, TRUN.FLAGS, TRUN.COMPOSITION_OFFSET];
    this.#entryBytes = 4 * fields.filter((field) => this.#has(field)).length;
    this.#count = data.readUInt32BE(0);
    this.#entries = data.subarray(at);
    if (this.#count * this.#entryBytes > this.#entries.length) {
      throw new BoxError(`a run claims ${this.#count} samples and has room for fewer`);
    }
    this.#time = time;
    this.totalDuration = this.#sum(TRUN.DURATION, header.duration);
    this.end = this.#offset + this.#sum(TRUN.SIZE, header.size);
    this.#load();
  }

  get current(): Sample | undefined {
    return this.#current;
  }

  advance(): void {
    if (this.#current === undefined) return;
    this.#offset += this.#current.size;
    this.#time += this.#current.duration;
    this.#index += 1;
    this.#load();
  }

  #load(): void {
    // Where nothing tells a size, there is nothing to read either.
    const hasSize = this.#has(TRUN.SIZE) || this.#header.size > 0;
    if (this.#index >= this.#count || !hasSize) {
      this.#current = undefined;
      return;
    }
    const ownFlags = this.#field(this.#index, TRUN.FLAGS) ?? this.#header.flags;
    const flags = this.#index === 0 ? (this.#firstFlags ?? ownFlags) : ownFlags;
    // Signed whatever the version: no offset is 2^31 units long.
    const compositionOffset = (this.#field(this.#index, TRUN.COMPOSITION_OFFSET) ?? 0) | 0;
    this.#current = {
      offset: this.#offset,
      size: this.#field(this.#index, TRUN.SIZE) ?? this.#header.size,
      decodingTime: this.#time + Math.min(0, compositionOffset),
      presentationTime: this.#time + compositionOffset,
      duration: this.#field(this.#index, TRUN.DURATION) ?? this.#header.duration,
      keyFrame: (flags & (NOT_SYNC | DEPENDS_ON_OTHERS)) === 0,
    };
  }

  #has(field: number): boolean {
    return (this.#flags & field) !== 0;
  }

  /** A field of an entry: they stand in the order of their flags. */
  #field(index: number, field: number): number | undefined {
    if (!this.#has(field)) return undefined;
    let at = index * this.#entryBytes;
    for (let before: number = TRUN.DURATION; before < field; before *= 2) {
      if (this.#has(before)) at += 4;
    }
    return this.#entries.readUInt32BE(at);
  }

  #sum(field: number, otherwise: number): number {
    if (!this.#has(field)) return this.#count * otherwise;
    let total = 0;
    for (let index = 0; index < this.#count; index += 1) total += this.#field(index, field) ?? 0;
    return total;
  }
}
