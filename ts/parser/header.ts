/** Element headers: an id and a size, each a variable-size integer (RFC 8794 sections 4 to 6). */
import { MatroskaError } from './errors.js';

/** Longest header: an id of 4 bytes and a size of 8. */
export const MAX_HEADER_SIZE = 12;
const MAX_ID_LENGTH = 4;
const MAX_SIZE_LENGTH = 8;

/** An element's id and the size of its content. */
export interface ElementHeader {
  readonly id: number;
  /** Bytes of content; undefined when the size is left open. */
  readonly size: number | undefined;
  /** Bytes of the header itself. */
  readonly length: number;
}

/**
 * Reads the header at `at`. Undefined when `bytes` ends before the header does; throws
 * INVALID_ID or INVALID_SIZE when no further bytes could make it valid. `base` is the offset of
 * `bytes` in the input, for messages.
 */
export function readHeader(bytes: Uint8Array, at: number, base = 0): ElementHeader | undefined {
  const first = bytes[at];
  if (first === undefined) return undefined;
  const idLength = vintLength(first);
  if (idLength > MAX_ID_LENGTH) throw invalidId(first, base + at);
  const sizeAt = at + idLength;
  const sizeFirst = bytes[sizeAt];
  if (sizeFirst === undefined) return undefined;
  const sizeLength = vintLength(sizeFirst);
  if (sizeLength > MAX_SIZE_LENGTH) {
    throw new MatroskaError(
      'INVALID_SIZE',
      'An element size begins with a zero byte',
      base + sizeAt,
    );
  }
  const end = sizeAt + sizeLength;
  if (end > bytes.length) return undefined;
  const id = unsignedAt(bytes, at, sizeAt);
  if (isReservedId(id, idLength)) throw invalidId(id, base + at);
  return { id, size: readSize(bytes, sizeAt, end, base), length: end - at };
}

/** Length of a variable-size integer by its first byte: 1 to 8, or 9 when the byte is zero. */
export function vintLength(firstByte: number): number {
  return Math.clz32(firstByte) - 23;
}

/** Value of the variable-size integer in `bytes[at, end)` without its length marker. */
export function vintValue(bytes: Uint8Array, at: number, end: number): number {
  const length = end - at;
  let value = (bytes[at] ?? 0) & (0xff >> length);
  for (let i = at + 1; i < end; i += 1) value = value * 256 + (bytes[i] ?? 0);
  return value;
}

function readSize(bytes: Uint8Array, at: number, end: number, base: number): number | undefined {
  const size = vintValue(bytes, at, end);
  // All data bits set means "unknown". Beyond 2^53 the value is rounded, so look at the bytes.
  let unknown = bytes[at] === 0x1ff >> (end - at);
  for (let i = at + 1; i < end && unknown; i += 1) unknown = bytes[i] === 0xff;
  if (unknown) return undefined;
  if (size > Number.MAX_SAFE_INTEGER) {
    throw new MatroskaError('INVALID_SIZE', 'An element size exceeds 2^53 - 1 bytes', base + at);
  }
  return size;
}

function unsignedAt(bytes: Uint8Array, at: number, end: number): number {
  let value = 0;
  for (let i = at; i < end; i += 1) value = value * 256 + (bytes[i] ?? 0);
  return value;
}

/** Ids whose data bits are all zero or all one are reserved (RFC 8794 section 5). */
function isReservedId(id: number, length: number): boolean {
  const allOnes = (1 << (7 * length)) - 1;
  const data = id & allOnes;
  return data === 0 || data === allOnes;
}

function invalidId(value: number, offset: number): MatroskaError {
  return new MatroskaError(
    'INVALID_ID',
    `0x${value.toString(16)} does not begin a valid EBML element id`,
    offset,
  );
}
