/** The sample table of a track (ISO/IEC 14496-12 clauses 8.6 and 8.7), read from front to back. */
import { BoxError, BoxTable, findBox, fullBox } from './box.js';
import type { Sample, SampleCursor } from './sample.js';

/** Repeats each entry of a table as often as its first number says. */
class RunCursor {
  readonly #table: BoxTable | undefined;
  #entry = 0;
  #left = 0;

  constructor(table: BoxTable | undefined) {
    this.#table = table;
    this.#left = table !== undefined && table.count > 0 ? table.uint32(0) : 0;
    this.#skipEmpty();
  }

  /** The second number of the current entry; of the last one when the table has come to its end. */
  value(signed: boolean): number {
    const table = this.#table;
    if (table === undefined || table.count === 0) return 0;
    const entry = Math.min(this.#entry, table.count - 1);
    return signed ? table.int32(entry, 4) : table.uint32(entry, 4);
  }

  advance(): void {
    this.#left -= 1;
    this.#skipEmpty();
  }

  #skipEmpty(): void {
    while (this.#left <= 0 && this.#table !== undefined && this.#entry < this.#table.count) {
      this.#entry += 1;
      this.#left = this.#entry < this.#table.count ? this.#table.uint32(this.#entry) : 0;
    }
  }
}

/** Sizes of samples (clause 8.7.3). */
interface SampleSizes {
  readonly count: number;
  at(index: number): number;
}

function readSizes(table: Buffer): SampleSizes {
  const stsz = findBox(table, 'stsz');
  if (stsz !== undefined) {
    const { data } = fullBox(stsz);
    const size = data.readUInt32BE(0);
    if (size > 0) return { count: data.readUInt32BE(4), at: () => size };
    const sizes = new BoxTable(data, 4, 4);
    return { count: sizes.count, at: (index) => sizes.uint32(index) };
  }
  const stz2 = findBox(table, 'stz2');
  if (stz2 === undefined) throw new BoxError('a track has no sample sizes');
  return readCompactSizes(fullBox(stz2).data);
}

/** Sizes of 4, 8 or 16 bits (clause 8.7.3.3). */
function readCompactSizes(data: Buffer): SampleSizes {
  const bits = data.readUInt8(3);
  const count = data.readUInt32BE(4);
  const sizes = data.subarray(8);
  if (![4, 8, 16].includes(bits) || (count * bits) / 8 > sizes.length) {
    throw new BoxError('a table of sample sizes is too short');
  }
  return {
    count,
    at: (index) => {
      if (bits === 16) return sizes.readUInt16BE(index * 2);
      const byte = sizes.readUInt8(Math.floor((index * bits) / 8));
      if (bits === 8) return byte;
      return index % 2 === 0 ? byte >> 4 : byte & 15;
    },
  };
}

/** Positions of chunks, runs of samples without a gap (clauses 8.7.4 and 8.7.5). */
class ChunkCursor {
  readonly #samplesPerChunk: BoxTable;
  readonly #offsets: BoxTable;
  readonly #large: boolean;
  #chunk = -1;
  #run = 0;
  #left = 0;
  #position = 0;

  constructor(table: Buffer) {
    const stsc = findBox(table, 'stsc');
    const co64 = findBox(table, 'co64');
    const offsets = co64 ?? findBox(table, 'stco');
    if (stsc === undefined || offsets === undefined) throw new BoxError('a track has no chunks');
    this.#samplesPerChunk = new BoxTable(fullBox(stsc).data, 12);
    this.#large = co64 !== undefined;
    this.#offsets = new BoxTable(fullBox(offsets).data, this.#large ? 8 : 4);
    this.#enterChunk();
  }

  /** Where the current sample lies; undefined behind the last chunk. */
  get position(): number | undefined {
    return this.#left > 0 ? this.#position : undefined;
  }

  advance(size: number): void {
    this.#position += size;
    this.#left -= 1;
    if (this.#left === 0) this.#enterChunk();
  }

  /** Goes to the next chunk that has samples. */
  #enterChunk(): void {
    const runs = this.#samplesPerChunk;
    while (this.#left === 0 && this.#chunk + 1 < this.#offsets.count) {
      this.#chunk += 1;
      // first_chunk counts from 1.
      while (this.#run + 1 < runs.count && runs.uint32(this.#run + 1) <= this.#chunk + 1) {
        this.#run += 1;
      }
      this.#left = runs.count === 0 ? 0 : runs.uint32(this.#run, 4);
      const offsets = this.#offsets;
      this.#position = this.#large ? offsets.uint64(this.#chunk) : offsets.uint32(this.#chunk);
    }
  }
}

/** Goes through the samples of a track's table. */
export class SampleTableCursor implements SampleCursor {
  readonly #sizes: SampleSizes;
  readonly #chunks: ChunkCursor;
  readonly #durations: RunCursor;
  readonly #offsets: RunCursor;
  readonly #keys: BoxTable | undefined;
  readonly #decodingShift: number;
  #index = 0;
  #nextKey = 0;
  #time = 0;
  #current: Sample | undefined;

  /** @param table - the content of an stbl box. Throws BoxError or RangeError when it is damaged. */
  constructor(table: Buffer) {
    const runs = (type: string): BoxTable | undefined => {
      const box = findBox(table, type);
      return box && new BoxTable(fullBox(box).data, 8);
    };
    this.#sizes = readSizes(table);
    this.#chunks = new ChunkCursor(table);
    this.#durations = new RunCursor(runs('stts'));
    const offsets = runs('ctts');
    this.#offsets = new RunCursor(offsets);
    this.#decodingShift = lowestOffset(offsets);
    const stss = findBox(table, 'stss');
    this.#keys = stss && new BoxTable(fullBox(stss).data, 4);
    this.#load();
  }

  get current(): Sample | undefined {
    return this.#current;
  }

  advance(): void {
    if (this.#current === undefined) return;
    this.#chunks.advance(this.#current.size);
    this.#time += this.#current.duration;
    this.#durations.advance();
    this.#offsets.advance();
    this.#index += 1;
    this.#load();
  }

  #load(): void {
    const offset = this.#chunks.position;
    if (offset === undefined || this.#index >= this.#sizes.count) {
      this.#current = undefined;
      return;
    }
    this.#current = {
      offset,
      size: this.#sizes.at(this.#index),
      decodingTime: this.#time + this.#decodingShift,
      presentationTime: this.#time + this.#offsets.value(true),
      duration: this.#durations.value(false),
      keyFrame: this.#isKey(),
    };
  }

  /** Whether the sample is listed in stss, whose numbers count from 1; without it all are keys. */
  #isKey(): boolean {
    const keys = this.#keys;
    if (keys === undefined) return true;
    const number = this.#index + 1;
    while (this.#nextKey < keys.count && keys.uint32(this.#nextKey) < number) this.#nextKey += 1;
    return this.#nextKey < keys.count && keys.uint32(this.#nextKey) === number;
  }
}

/**
 * The lowest composition offset, if it is below zero: by so much decoding times must be moved for
 * no sample to be shown before it is decoded. Old files have unsigned offsets; those of version 0
 * that look negative were meant so, too, since 2^31 units are no offset.
 */
function lowestOffset(offsets: BoxTable | undefined): number {
  let lowest = 0;
  for (let entry = 0; entry < (offsets?.count ?? 0); entry += 1) {
    lowest = Math.min(lowest, offsets?.int32(entry, 4) ?? 0);
  }
  return lowest;
}
