import { MatroskaError } from './errors.js';
import { vintLength, vintValue } from './header.js';

/** The start of a SimpleBlock or Block (RFC 9559 sections 10.1 and 10.2). */
export interface BlockHeader {
  /** The track that its frames belong to. */
  readonly trackNumber: number;
  /** Time relative to the Cluster's timestamp, in units of the timestamp scale, signed 16 bits. */
  readonly relativeTime: number;
  /** True for a key frame; in a Block the bit is reserved, look for ReferenceBlock instead. */
  readonly keyFrame: boolean;
  /** True when no decoder needs the frame. */
  readonly discardable: boolean;
  /** True when the block holds several frames. */
  readonly laced: boolean;
  /** Bytes before the frame. */
  readonly length: number;
}

const FLAG_KEY_FRAME = 0x80;
const FLAG_DISCARDABLE = 0x01;
const FLAGS_LACING = 0x06;
/** Relative time and flags. */
const FIXED_SIZE = 3;
const MAX_BLOCK_HEADER_SIZE = 8 + FIXED_SIZE;

/** Reads the start of a block; undefined when `bytes` ends before it does. */
export function readBlockHeader(bytes: Uint8Array): BlockHeader | undefined {
  const first = bytes[0];
  if (first === undefined) return undefined;
  const vint = vintLength(first);
  if (vint > 8) {
    throw new MatroskaError('INVALID_VALUE', 'The track number of a block begins with a zero byte');
  }
  const flags = bytes[vint + 2];
  if (flags === undefined) return undefined;
  const time = ((bytes[vint] ?? 0) << 8) | (bytes[vint + 1] ?? 0);
  return {
    trackNumber: vintValue(bytes, 0, vint),
    relativeTime: (time << 16) >> 16,
    keyFrame: (flags & FLAG_KEY_FRAME) !== 0,
    discardable: (flags & FLAG_DISCARDABLE) !== 0,
    laced: (flags & FLAGS_LACING) !== 0,
    length: vint + FIXED_SIZE,
  };
}

/** Finds the header of a block whose content arrives in pieces. */
export class BlockHeaderScanner {
  readonly #start = new Uint8Array(MAX_BLOCK_HEADER_SIZE);
  #fill = 0;
  #found = false;

  /** Begins with a new block. */
  reset(): void {
    this.#fill = 0;
    this.#found = false;
  }

  /** Takes the next piece; returns the header once, as soon as it is complete. */
  push(piece: Uint8Array): BlockHeader | undefined {
    if (this.#found) return undefined;
    const header = this.#fill === 0 ? readBlockHeader(piece) : this.#append(piece);
    if (header !== undefined) this.#found = true;
    else if (this.#fill === 0) this.#append(piece);
    return header;
  }

  /** Ends the block. Throws TRUNCATED when its content was shorter than a header. */
  end(): void {
    if (!this.#found) {
      throw new MatroskaError('TRUNCATED', `A block has only ${this.#fill} bytes of content`);
    }
  }

  #append(piece: Uint8Array): BlockHeader | undefined {
    const taken = piece.subarray(0, MAX_BLOCK_HEADER_SIZE - this.#fill);
    this.#start.set(taken, this.#fill);
    this.#fill += taken.length;
    return readBlockHeader(this.#start.subarray(0, this.#fill));
  }
}
