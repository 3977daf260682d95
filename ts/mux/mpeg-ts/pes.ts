/** Packetized elementary streams (ISO/IEC 13818-1 clause 2.4.3.6). */
import { join, u16, u8 } from '../bytes.js';

const START = u8(0, 0, 1);
/** Marker bits, and the alignment of the payload with an access unit. */
const FLAGS = 0x84;
const TIMES = { PTS: 0x80, PTS_AND_DTS: 0xc0 } as const;
const TIME_RANGE = 2 ** 33;
/** Longer packets leave their length open, which only video may do. */
const MAX_LENGTH = 0xffff;

/** One access unit with its times, in units of 90 kHz. */
export interface AccessUnit {
  readonly streamId: number;
  readonly presentationTime: number;
  readonly decodeTime: number;
  readonly data: Uint8Array;
}

/** A PES packet that holds one access unit. */
export function pesPacket(unit: AccessUnit): Uint8Array {
  const { streamId, presentationTime, decodeTime, data } = unit;
  const times =
    presentationTime === decodeTime
      ? timestamp(2, presentationTime)
      : join([timestamp(3, presentationTime), timestamp(1, decodeTime)]);
  const flags = presentationTime === decodeTime ? TIMES.PTS : TIMES.PTS_AND_DTS;
  const length = 3 + times.length + data.length;
  return join([
    START,
    u8(streamId),
    u16(length > MAX_LENGTH ? 0 : length),
    u8(FLAGS, flags, times.length),
    times,
    data,
  ]);
}

/** 33 bits in three parts, each followed by a marker bit. */
function timestamp(prefix: number, time: number): Uint8Array {
  const wrapped = ((time % TIME_RANGE) + TIME_RANGE) % TIME_RANGE;
  const high = Math.floor(wrapped / 2 ** 30);
  const middle = Math.floor(wrapped / 2 ** 15) & 0x7fff;
  const low = wrapped % 2 ** 15;
  return join([u8((prefix << 4) | (high << 1) | 1), u16((middle << 1) | 1, (low << 1) | 1)]);
}
