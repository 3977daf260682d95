/** The tables that tell what is in a transport stream (ISO/IEC 13818-1 clause 2.4.4). */
import { join, u16, u32, u8 } from '../bytes.js';

const TABLE = { PAT: 0, PMT: 2 } as const;
const PROGRAM = 1;
const CRC_BYTES = 4;
const CRC_POLYNOMIAL = 0x04c1_1db7;

/** An elementary stream: the packets that carry it, and what is in them. */
export interface StreamEntry {
  readonly pid: number;
  readonly streamType: number;
}

/** The program association: one program, described in packets of `pid`. */
export function programAssociation(pid: number): Uint8Array {
  return section(TABLE.PAT, PROGRAM, u16(PROGRAM, 0xe000 | pid));
}

/** The program map. `clock` is the pid of the packets with the program's clock. */
export function programMap(clock: number, streams: readonly StreamEntry[]): Uint8Array {
  const entries = streams.map(({ pid, streamType }) =>
    join([u8(streamType), u16(0xe000 | pid, 0xf000)]),
  );
  return section(TABLE.PMT, PROGRAM, join([u16(0xe000 | clock, 0xf000), ...entries]));
}

/** A whole section, with the pointer that precedes it in its packet. */
function section(tableId: number, id: number, content: Uint8Array): Uint8Array {
  // What follows the length: id, version, section numbers, content and checksum.
  const length = 5 + content.length + CRC_BYTES;
  const body = join([u8(tableId), u16(0xb000 | length, id), u8(0xc1, 0, 0), content]);
  return join([u8(0), body, u32(crc32(body))]);
}

/** The checksum of annex A. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit += 1) {
      crc = crc < 0 ? (crc << 1) ^ CRC_POLYNOMIAL : crc << 1;
    }
  }
  return crc >>> 0;
}
