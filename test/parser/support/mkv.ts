/**
 * A tiny Matroska writer for tests, independent of the code under test: ids are spelt in hex, and
 * sizes take the form that the test asks for.
 */

/** Something that can stand inside an element. */
export type Part = Buffer | readonly Part[];

/** An element with a size of `sizeLength` bytes, the shortest that fits unless told. */
export function el(id: string, content: Part = [], sizeLength?: number): Buffer {
  const body = flat(content);
  return Buffer.concat([Buffer.from(id, 'hex'), size(body.length, sizeLength), body]);
}

/** An element whose size is left open, written in the 8-byte form. */
export function open(id: string, content: Part = [], form = '01ffffffffffffff'): Buffer {
  return Buffer.concat([Buffer.from(id + form, 'hex'), flat(content)]);
}

export function size(value: number, length = value < 127 ? 1 : 8): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value) | (1n << BigInt(7 * length)));
  return bytes.subarray(8 - length);
}

export function uint(value: number | bigint, length = 8): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes.subarray(8 - length);
}

export function text(value: string): Buffer {
  return Buffer.from(value);
}

function flat(part: Part): Buffer {
  return Buffer.isBuffer(part) ? part : Buffer.concat(part.map(flat));
}

export function ebmlHeader(docType = 'matroska'): Buffer {
  return el('1a45dfa3', [
    el('4286', uint(1, 1)),
    el('42f7', uint(1, 1)),
    el('42f2', uint(4, 1)),
    el('42f3', uint(8, 1)),
    el('4282', text(docType)),
    el('4287', uint(2, 1)),
    el('4285', uint(2, 1)),
  ]);
}

export function info(timestampScale = 1_000_000): Buffer {
  return el('1549a966', [
    el('2ad7b1', uint(timestampScale)),
    el('4d80', text('test')),
    el('5741', text('test')),
  ]);
}

export function videoTrack(number = 1, codecPrivate = Buffer.alloc(0)): Buffer {
  return el('ae', [
    el('d7', uint(number, 1)),
    el('73c5', uint(0xfedcba9876543210n)),
    el('83', uint(1, 1)),
    el('86', text('V_MPEG4/ISO/AVC')),
    el('e0', [el('b0', uint(640, 2)), el('ba', uint(480, 2))]),
    ...(codecPrivate.length > 0 ? [el('63a2', codecPrivate)] : []),
  ]);
}

export function audioTrack(number = 2): Buffer {
  const frequency = Buffer.alloc(8);
  frequency.writeDoubleBE(48000);
  return el('ae', [
    el('d7', uint(number, 1)),
    el('73c5', uint(number)),
    el('83', uint(2, 1)),
    el('86', text('A_AAC')),
    el('e1', [el('b5', frequency), el('9f', uint(2, 1)), el('6264', uint(16, 1))]),
  ]);
}

export function tracks(...entries: Buffer[]): Buffer {
  return el('1654ae6b', entries.length > 0 ? entries : [videoTrack()]);
}

export function blockContent(track: number, time: number, frame: Buffer, flags = 0x80): Buffer {
  const head = Buffer.from([0x80 | track, 0, 0, flags]);
  head.writeInt16BE(time, 1);
  return Buffer.concat([head, frame]);
}

export function simpleBlock(track: number, time: number, frame: Buffer | number = 100): Buffer {
  const data = typeof frame === 'number' ? Buffer.alloc(frame, track) : frame;
  return el('a3', blockContent(track, time, data), 8);
}

export function blockGroup(track: number, time: number, frame: Buffer, duration: number): Buffer {
  return el('a0', [el('a1', blockContent(track, time, frame, 0)), el('9b', uint(duration, 2))]);
}

export function timestamp(value: number): Buffer {
  return el('e7', uint(value));
}

/** A Cluster of unknown size, as the producers of the service write it. */
export function cluster(time: number, ...blocks: Buffer[]): Buffer {
  return open('1f43b675', [timestamp(time), ...blocks], 'ff');
}

/** A Cluster of known size, as files have it. */
export function sizedCluster(time: number, ...blocks: Buffer[]): Buffer {
  return el('1f43b675', [timestamp(time), ...blocks]);
}

/** Tags with one Tag about the Segment. */
export function tags(values: Record<string, string>): Buffer {
  const simple = Object.entries(values).map(([name, value]) =>
    el('67c8', [el('45a3', text(name)), el('4487', text(value))]),
  );
  return el('1254c367', el('7373', simple));
}

/** What a live stream begins with: everything up to its first Cluster. */
export function liveHeader(...entries: Buffer[]): Buffer {
  return Buffer.concat([ebmlHeader(), open('18538067', [], 'ff'), info(), tracks(...entries)]);
}

/** What a live stream begins with whose frames lack their first `size` bytes (header stripping). */
export function strippedHeader(size: number): Buffer {
  const compression = el('5034', [el('4254', uint(3, 1)), el('4255', Buffer.alloc(size))]);
  const entry = videoTrack().subarray(2);
  const track = el('ae', [entry, el('6d80', el('6240', compression))]);
  return liveHeader(track);
}

/** A live stream of one video track, with a fragment for each of `times`. */
export function liveStream(times: readonly number[], frame = 100): Buffer {
  const clusters = times.map((time) =>
    cluster(time, simpleBlock(1, 0, frame), simpleBlock(1, 40, frame)),
  );
  return Buffer.concat([liveHeader(), ...clusters]);
}
