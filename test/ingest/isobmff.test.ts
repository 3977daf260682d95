/** Indexes of MP4 and MOV files that no encoder at hand writes, and damaged ones. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { openMedia } from '../../ts/ingest/index.js';
import { readElementaryStreamDescriptor } from '../../ts/ingest/isobmff/esds.js';
import { readMovie } from '../../ts/ingest/isobmff/movie.js';
import { SampleTableCursor } from '../../ts/ingest/isobmff/sample-table.js';
import type { Sample } from '../../ts/ingest/isobmff/sample.js';
import { KinesisVideoError } from '../../ts/internal/errors.js';
import { suite } from '../support/suite.js';
import { requireTool } from '../support/tools.js';
import { chunked, collect, failureOf, ffmpeg, fixture, scratch } from './support.js';

const test = suite('MP4 index', { timeout: 60_000 });

function uint32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeInt32BE(value | 0, index * 4));
  return bytes;
}

function box(type: string, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([uint32(body.length + 8), Buffer.from(type, 'latin1'), body]);
}

/** A table behind version, flags and a count. */
function table(type: string, rows: readonly (readonly number[])[], version = 0): Buffer {
  return box(type, uint32(version << 24, rows.length), ...rows.map((row) => uint32(...row)));
}

/** Writes a list as runs of equal values. */
function runs(values: readonly number[]): number[][] {
  const rows: number[][] = [];
  for (const value of values) {
    const last = rows.at(-1);
    if (last?.[1] === value) last[0] = (last[0] ?? 0) + 1;
    else rows.push([1, value]);
  }
  return rows;
}

interface SampleShape {
  readonly size: number;
  readonly duration: number;
  readonly shown: number;
  readonly keyFrame: boolean;
}

const shapes = fc.array(
  fc.record({
    size: fc.integer({ min: 0, max: 255 }),
    duration: fc.constantFrom(0, 1, 512, 513),
    shown: fc.constantFrom(0, 512, 1024, -512),
    keyFrame: fc.boolean(),
  }),
  { maxLength: 60 },
);

function sizesBox(sizes: readonly number[], bits: number): Buffer {
  if (bits === 32) return box('stsz', uint32(0, 0, sizes.length, ...sizes));
  const digits = sizes.map((size) => size.toString(16).padStart(bits / 4, '0')).join('');
  const packed = Buffer.from(digits.padEnd(Math.ceil(digits.length / 2) * 2, '0'), 'hex');
  return box('stz2', uint32(0, bits, sizes.length), packed);
}

/** Samples put into chunks of the given lengths, as tables and as what they mean. */
function build(
  samples: readonly SampleShape[],
  lengths: readonly number[],
  bits: number,
  large: boolean,
) {
  const offsets: number[] = [];
  const perChunk: number[] = [];
  const expected: Sample[] = [];
  const lowest = Math.min(0, ...samples.map(({ shown }) => shown));
  let position = 1000;
  let time = 0;
  for (let at = 0, chunk = 0; at < samples.length; chunk += 1) {
    const length = lengths[chunk % lengths.length] ?? 1;
    position += 7;
    offsets.push(position);
    perChunk.push(length);
    for (const { size, duration, shown, keyFrame } of samples.slice(at, at + length)) {
      const decodingTime = time + lowest;
      expected.push({
        offset: position,
        size,
        decodingTime,
        presentationTime: time + shown,
        duration,
        keyFrame,
      });
      position += size;
      time += duration;
    }
    at += length;
  }
  const chunkRuns = perChunk.flatMap((count, index) => {
    return perChunk[index - 1] === count ? [] : [[index + 1, count, 1]];
  });
  const sizes = samples.map(({ size }) => (bits === 4 ? size % 16 : size));
  const stbl = [
    table('stts', runs(samples.map(({ duration }) => duration))),
    table('ctts', runs(samples.map(({ shown }) => shown)), 1),
    table(
      'stss',
      samples.flatMap(({ keyFrame }, index) => (keyFrame ? [[index + 1]] : [])),
    ),
    table('stsc', chunkRuns),
    sizesBox(sizes, bits),
    large
      ? table(
          'co64',
          offsets.map((offset) => [0, offset]),
        )
      : table(
          'stco',
          offsets.map((offset) => [offset]),
        ),
  ];
  return { stbl: Buffer.concat(stbl), expected };
}

function readAll(stbl: Buffer): Sample[] {
  const cursor = new SampleTableCursor(stbl);
  const samples: Sample[] = [];
  for (let sample = cursor.current; sample !== undefined; sample = cursor.current) {
    samples.push(sample);
    cursor.advance();
  }
  return samples;
}

test('every way to write a sample table gives the samples that it means', () => {
  fc.assert(
    fc.property(
      shapes,
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }),
      fc.constantFrom(4, 8, 16, 32),
      fc.boolean(),
      (samples, lengths, bits, large) => {
        const small = samples.map((sample) => ({
          ...sample,
          size: bits === 4 ? sample.size % 16 : sample.size,
        }));
        const { stbl, expected } = build(small, lengths, bits, large);
        assert.equal(readAll(stbl), expected);
      },
    ),
    { numRuns: 500 },
  );
});

test('a table whose samples are all of one size, and all keys, needs no lists', () => {
  const stbl = Buffer.concat([
    table('stts', [[3, 1024]]),
    table('stsc', [[1, 3, 1]]),
    box('stsz', uint32(0, 4, 3)),
    table('stco', [[500]]),
  ]);
  assert.equal(
    readAll(stbl).map(({ offset, size, keyFrame, presentationTime }) => [
      offset,
      size,
      keyFrame,
      presentationTime,
    ]),
    [
      [500, 4, true, 0],
      [504, 4, true, 1024],
      [508, 4, true, 2048],
    ],
  );
});

test('a table that claims more entries than it has room for is refused at once', () => {
  const sound = [table('stsc', [[1, 3, 1]]), box('stsz', uint32(0, 4, 3)), table('stco', [[500]])];
  const lying = box('stts', uint32(0, 0xffff_ffff, 1, 1));
  assert.throws(() => readAll(Buffer.concat([lying, ...sound])), /claims 4294967295 entries/);
});

test('four thousand million samples in a few bytes are not gone through to open a file', async (t) => {
  const bytes = readFileSync(fixture('h264-baseline.mp4'));
  const moov = bytes.indexOf('stts');
  // One run of 2^32 - 1 samples.
  bytes.writeUInt32BE(0xffff_ffff, moov + 12);
  const path = join(scratch(t), 'many.mp4');
  writeFileSync(path, bytes);
  assert.is((await collect(await openMedia(path))).length, 75);
});

test('64-bit times, long edit lists and unknown durations are read', () => {
  const wide = (type: string, scale: number) =>
    box(type, uint32(1 << 24, 0, 0, 0, 0, scale, 0xffff_ffff, 0xffff_ffff, 0));
  const stbl = box('stbl', box('stsd', uint32(0, 1), box('text', Buffer.alloc(20))));
  const edits = box(
    'elst',
    uint32(1 << 24, 2, 0, 500, -1, -1, 0x1_0000, 0, 9, 0, 48_000, 0x1_0000),
  );
  const trak = box(
    'trak',
    box('tkhd', uint32(1 << 24, 0, 0, 0, 0, 7)),
    box('edts', edits),
    box(
      'mdia',
      wide('mdhd', 48_000),
      box('hdlr', uint32(0, 0), Buffer.from('text')),
      box('minf', stbl),
    ),
  );
  const movie = readMovie(Buffer.concat([wide('mvhd', 1000), trak]));
  assert.is(movie.duration, undefined);
  const [track] = movie.tracks;
  assert.is(track?.id, 7);
  assert.is(track?.trackType, 'other');
  assert.is(track?.handler, 'text');
  // Half a second of nothing, then the track from its first second on.
  assert.is(track?.origin, 24_000);
});

test('audio descriptions give the codec, and frequencies and channels beyond the usual', () => {
  const descriptor = (tag: number, ...content: number[]) => [
    tag,
    0x80,
    0x80,
    0x80,
    content.length,
    ...content,
  ];
  const esds = (type: number, ...specific: number[]) => {
    const tail = specific.length > 0 ? descriptor(5, ...specific) : [];
    const config = descriptor(4, type, 0x15, ...Buffer.alloc(11), ...tail);
    return Buffer.from(descriptor(3, 0, 1, 0, ...config));
  };
  assert.equal(
    { ...readElementaryStreamDescriptor(esds(0x40, 0x12, 0x10)), codecPrivateData: undefined },
    { codec: 'aac', codecPrivateData: undefined, samplingFrequency: 44_100, channels: 2 },
  );
  // A frequency in full, 25,000 Hz, and eight channels.
  const full = readElementaryStreamDescriptor(esds(0x40, 0x17, 0x80, 0x30, 0xd4, 0x38));
  assert.is(full.samplingFrequency, 25_000);
  assert.is(full.channels, 8);
  assert.equal(readElementaryStreamDescriptor(esds(0x40)), { codec: 'aac' });
  assert.equal(readElementaryStreamDescriptor(esds(0x6b)), { codec: 'MP3' });
  assert.equal(readElementaryStreamDescriptor(esds(0xa9)), { codec: 'mp4a.a9' });
});

test('random damage gives packets or an error of ours, and never hangs', async (t) => {
  requireTool(t, 'ffmpeg');
  const folder = scratch(t);
  const fragmented = join(folder, 'fragmented.mp4');
  ffmpeg(
    '-i',
    fixture('h264-aac.mp4'),
    '-c',
    'copy',
    '-movflags',
    'frag_keyframe+empty_moov',
    fragmented,
  );
  const files = [fixture('h264-aac-faststart.mp4'), fixture('h264-aac.mov'), fragmented].map(
    (path) => readFileSync(path),
  );
  const damaged = join(folder, 'damaged.mp4');
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...files),
      fc.array(
        fc.tuple(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), fc.nat(255)),
        { minLength: 1, maxLength: 8 },
      ),
      fc.boolean(),
      async (original, changes, piped) => {
        const bytes = Buffer.from(original);
        // The index is what matters; it lies in 4 kB somewhere.
        const index = bytes.indexOf('moov');
        for (const [place, value] of changes) bytes[index + Math.floor(place * 3800)] = value;
        writeFileSync(damaged, bytes);
        const input = openMedia(piped ? chunked(bytes, 5000) : damaged, { format: 'mp4' });
        try {
          const packets = await collect(await input);
          assert.ok(packets.every(({ presentationTs }) => Number.isFinite(presentationTs)));
        } catch (error) {
          assert.instance(error, KinesisVideoError);
        }
      },
    ),
    { numRuns: 400 },
  );
});

test('a sample that lies before the place a stream has come to is told as damage', async () => {
  const bytes = readFileSync(fixture('h264-aac-faststart.mp4'));
  const stco = bytes.lastIndexOf('stco');
  bytes.writeUInt32BE(50, stco + 12);
  const input = await openMedia(chunked(bytes, 1000));
  const error = await failureOf(() => collect(input));
  assert.is(error.code, 'STATUS_FORMAT_ERROR');
  assert.match(
    error.message,
    /^The input stream is damaged: a sample lies at byte 50, out of order; repair it with: ffmpeg/,
  );
});
