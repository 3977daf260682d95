/** Reading the content of elements (RFC 8794 section 7). */
import { MatroskaError } from './errors.js';

const UTF8 = new TextDecoder();
/** Matroska dates count from the start of 2001 (RFC 8794 section 7.6). */
const DATE_EPOCH_MS = Date.UTC(2001, 0, 1);

/** Reads an unsigned integer of up to 8 bytes; an empty one is 0. Throws when it exceeds 2^53 - 1. */
export function readUnsigned(data: Uint8Array): number {
  const value = readUnsignedBig(data);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new MatroskaError('INVALID_VALUE', `The integer ${value} is larger than 2^53 - 1`);
  }
  return Number(value);
}

/** Reads an unsigned integer of up to 8 bytes exactly, for ids that use all 64 bits. */
export function readUnsignedBig(data: Uint8Array): bigint {
  checkLength(data, 8, 'An unsigned integer');
  let high = 0;
  let low = 0;
  for (const byte of data) {
    high = (high * 256 + (low >>> 24)) % 0x1_0000_0000;
    low = ((low << 8) | byte) >>> 0;
  }
  return (BigInt(high) << 32n) | BigInt(low);
}

/** Reads a signed integer of up to 8 bytes; an empty one is 0. Throws outside of ±(2^53 - 1). */
export function readSigned(data: Uint8Array): number {
  const value = BigInt.asIntN(Math.max(data.length, 1) * 8, readUnsignedBig(data));
  if (value > BigInt(Number.MAX_SAFE_INTEGER) || value < BigInt(Number.MIN_SAFE_INTEGER)) {
    throw new MatroskaError('INVALID_VALUE', `The integer ${value} is outside of ±(2^53 - 1)`);
  }
  return Number(value);
}

/** Reads a float of 0, 4 or 8 bytes. */
export function readFloat(data: Uint8Array): number {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (data.length === 0) return 0;
  if (data.length === 4) return view.getFloat32(0);
  if (data.length === 8) return view.getFloat64(0);
  throw new MatroskaError('INVALID_VALUE', `A float has ${data.length} bytes; 0, 4 or 8 are valid`);
}

/** Reads text up to the first zero byte, which ends it early (RFC 8794 section 13). */
export function readString(data: Uint8Array): string {
  const end = data.indexOf(0);
  return UTF8.decode(end < 0 ? data : data.subarray(0, end));
}

/** Reads a date as milliseconds since the Unix epoch. */
export function readDate(data: Uint8Array): number {
  checkLength(data, 8, 'A date');
  const nanoseconds = BigInt.asIntN(64, readUnsignedBig(data));
  return DATE_EPOCH_MS + Number(nanoseconds / 1000n) / 1000;
}

function checkLength(data: Uint8Array, limit: number, what: string): void {
  if (data.length > limit) {
    throw new MatroskaError(
      'INVALID_VALUE',
      `${what} has ${data.length} bytes; at most ${limit} are valid`,
    );
  }
}
