/** Boxes of ISO base media files (ISO/IEC 14496-12 clause 4.2). */

/** Says what is wrong with a box; whoever knows the name of the file makes a sentence of it. */
export class BoxError extends Error {
  override readonly name = 'BoxError';
}

/** The header of a box and where the box lies. */
export interface BoxHeader {
  readonly type: string;
  /** Where the header begins. */
  readonly offset: number;
  /** Bytes of the header. */
  readonly headerBytes: number;
  /** Where the next box begins; Infinity for a box that reaches to the end of the file. */
  readonly end: number;
}

/** The longest header: a size, a type and a 64-bit size. */
export const MAX_HEADER_BYTES = 16;

const SHORT_HEADER_BYTES = 8;
/** size values with a meaning. */
const TO_END_OF_FILE = 0;
const LARGE_SIZE_FOLLOWS = 1;

/** Types of the boxes that a file begins with. */
const FIRST_BOXES = [
  'ftyp',
  'styp',
  'moov',
  'mdat',
  'free',
  'skip',
  'wide',
  'pnot',
  'moof',
  'sidx',
];

/** Whether a file can begin with a box of this type. */
export function isFirstBox(type: string): boolean {
  return FIRST_BOXES.includes(type);
}

/**
 * Reads the header at the beginning of `bytes`, which lies at `offset` in the file. Undefined when
 * `bytes` ends before it does. Throws BoxError when the size is impossible.
 */
export function readBoxHeader(bytes: Buffer, offset: number): BoxHeader | undefined {
  if (bytes.length < SHORT_HEADER_BYTES) return undefined;
  const type = bytes.toString('latin1', 4, 8);
  const size = bytes.readUInt32BE(0);
  if (size === TO_END_OF_FILE) {
    return { type, offset, headerBytes: SHORT_HEADER_BYTES, end: Infinity };
  }
  if (size === LARGE_SIZE_FOLLOWS) {
    if (bytes.length < MAX_HEADER_BYTES) return undefined;
    const large = Number(bytes.readBigUInt64BE(8));
    if (large < MAX_HEADER_BYTES) throw new BoxError(`a box claims ${large} bytes`);
    return { type, offset, headerBytes: MAX_HEADER_BYTES, end: offset + large };
  }
  if (size < SHORT_HEADER_BYTES) throw new BoxError(`a box claims ${size} bytes`);
  return { type, offset, headerBytes: SHORT_HEADER_BYTES, end: offset + size };
}

/** A box within another one. */
export interface ChildBox {
  readonly type: string;
  /** What follows its header. */
  readonly data: Buffer;
}

/** The boxes in `data`. QuickTime may end them with zeros. Throws BoxError for one that is too large. */
export function* childBoxes(data: Buffer): Generator<ChildBox, void> {
  let at = 0;
  while (at + SHORT_HEADER_BYTES <= data.length) {
    const header = readBoxHeader(data.subarray(at), at);
    if (header === undefined) return;
    const end = Math.min(header.end, header.end === Infinity ? data.length : header.end);
    if (end > data.length) {
      throw new BoxError(`the box "${header.type}" is larger than the one around it`);
    }
    yield { type: header.type, data: data.subarray(at + header.headerBytes, end) };
    at = end;
  }
}

/** The first child of a type. */
export function findBox(data: Buffer, type: string): Buffer | undefined {
  for (const child of childBoxes(data)) {
    if (child.type === type) return child.data;
  }
  return undefined;
}

/** The content of a box with a version and flags (clause 4.2.2). */
export interface FullBox {
  readonly version: number;
  readonly flags: number;
  readonly data: Buffer;
}

/** Takes version and flags off. Throws RangeError when the box is too short for them. */
export function fullBox(data: Buffer): FullBox {
  return { version: data.readUInt8(0), flags: data.readUIntBE(1, 3), data: data.subarray(4) };
}

/** A number of 64 bits; exact up to 2^53. */
export function readUint64(data: Buffer, at: number): number {
  return data.readUInt32BE(at) * 2 ** 32 + data.readUInt32BE(at + 4);
}

/** Entries of equal size behind a 32-bit count: the shape of most tables. */
export class BoxTable {
  readonly count: number;
  readonly #data: Buffer;
  readonly #entryBytes: number;
  readonly #start: number;

  /** Throws BoxError when the box has no room for the entries that it claims. */
  constructor(data: Buffer, entryBytes: number, countAt = 0) {
    this.count = data.readUInt32BE(countAt);
    this.#data = data;
    this.#entryBytes = entryBytes;
    this.#start = countAt + 4;
    if (this.count * entryBytes > data.length - this.#start) {
      throw new BoxError(`a table claims ${this.count} entries and has room for fewer`);
    }
  }

  /** An unsigned number of 32 bits in an entry. */
  uint32(entry: number, at = 0): number {
    return this.#data.readUInt32BE(this.#start + entry * this.#entryBytes + at);
  }

  /** A signed number of 32 bits in an entry. */
  int32(entry: number, at = 0): number {
    return this.#data.readInt32BE(this.#start + entry * this.#entryBytes + at);
  }

  /** An unsigned number of 64 bits in an entry. */
  uint64(entry: number): number {
    return readUint64(this.#data, this.#start + entry * this.#entryBytes);
  }
}
