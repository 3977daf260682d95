/** Boxes, of which files in the format of ISO/IEC 14496-12 consist. */
import { ascii, join, u32 } from '../bytes.js';

/** Bytes, or text that stands for its own. */
export type Part = Uint8Array | string;

/** A box: its size, its type, and what is in it. */
export function box(type: string, ...content: readonly Part[]): Uint8Array {
  const parts = content.map(toBytes);
  const size = 8 + parts.reduce((sum, { length }) => sum + length, 0);
  return join([u32(size), toBytes(type), ...parts]);
}

/** A box with a version and flags. */
export function fullBox(
  type: string,
  version: number,
  flags: number,
  ...content: readonly Part[]
): Uint8Array {
  return box(type, u32(version * 0x1_00_00_00 + flags), ...content);
}

function toBytes(part: Part): Uint8Array {
  return typeof part === 'string' ? ascii(part) : part;
}
