/** What Matroska can do beyond what ffmpeg writes: lacing, stripped headers, Segments in a row. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { openMedia, type MediaPacket } from '../../ts/ingest/index.js';
import { splitLace } from '../../ts/parser/lacing.js';
import { KinesisVideoError } from '../../ts/internal/errors.js';
import { suite } from '../support/suite.js';
import { requireTool } from '../support/tools.js';
import {
  chunked,
  collect,
  collectUntilError,
  failureOf,
  ffmpeg,
  fixture,
  scratch,
  summary,
  trackOf,
} from './support.js';

const test = suite('Matroska', { timeout: 20_000 });

const ID = {
  EBML: [0x1a, 0x45, 0xdf, 0xa3],
  DOC_TYPE: [0x42, 0x82],
  SEGMENT: [0x18, 0x53, 0x80, 0x67],
  INFO: [0x15, 0x49, 0xa9, 0x66],
  SCALE: [0x2a, 0xd7, 0xb1],
  TRACKS: [0x16, 0x54, 0xae, 0x6b],
  ENTRY: [0xae],
  NUMBER: [0xd7],
  TYPE: [0x83],
  CODEC: [0x86],
  PRIVATE: [0x63, 0xa2],
  DEFAULT_DURATION: [0x23, 0xe3, 0x83],
  CODEC_DELAY: [0x56, 0xaa],
  ENCODINGS: [0x6d, 0x80],
  ENCODING: [0x62, 0x40],
  COMPRESSION: [0x50, 0x34],
  ALGORITHM: [0x42, 0x54],
  SETTINGS: [0x42, 0x55],
  ENCRYPTION: [0x50, 0x35],
  CLUSTER: [0x1f, 0x43, 0xb6, 0x75],
  TIMESTAMP: [0xe7],
  SIMPLE_BLOCK: [0xa3],
  GROUP: [0xa0],
  BLOCK: [0xa1],
  BLOCK_DURATION: [0x9b],
  REFERENCE: [0xfb],
} as const;

/** An element with a size of four bytes. */
function element(id: readonly number[], ...content: (readonly number[])[]): number[] {
  const bytes = content.flat();
  const { length } = bytes;
  return [
    ...id,
    0x10 | (length >>> 24),
    (length >>> 16) & 255,
    (length >>> 8) & 255,
    length & 255,
    ...bytes,
  ];
}

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (let left = value; left > 0 || bytes.length === 0; left = Math.floor(left / 256)) {
    bytes.unshift(left % 256);
  }
  return bytes;
}

function text(value: string): number[] {
  return [...Buffer.from(value)];
}

const HEAD = [...element(ID.EBML, element(ID.DOC_TYPE, text('matroska')))];

function track(number: number, type: number, codec: string, ...more: number[][]): number[] {
  const id = element(ID.CODEC, text(codec));
  return element(ID.ENTRY, element(ID.NUMBER, [number]), element(ID.TYPE, [type]), id, ...more);
}

function segment(tracks: readonly number[][], clusters: readonly number[][], info: number[] = []) {
  return [
    ...ID.SEGMENT,
    0xff,
    ...element(ID.INFO, info),
    ...element(ID.TRACKS, ...tracks),
    ...clusters.flat(),
  ];
}

function cluster(time: number, ...blocks: number[][]): number[] {
  return [...ID.CLUSTER, 0xff, ...element(ID.TIMESTAMP, unsigned(time)), ...blocks.flat()];
}

function block(number: number, time: number, flags: number, payload: readonly number[]): number[] {
  return [0x80 | number, (time >> 8) & 255, time & 255, flags, ...payload];
}

function simpleBlock(number: number, time: number, flags: number, payload: readonly number[]) {
  return element(ID.SIMPLE_BLOCK, block(number, time, flags, payload));
}

async function read(bytes: readonly number[], chunkSize = 1000) {
  const input = await openMedia(chunked(Uint8Array.from(bytes), chunkSize));
  return { input, packets: await collect(input) };
}

function payloads(packets: readonly MediaPacket[]): number[][] {
  return packets.map(({ data }) => [...data]);
}

test('times are exact in any timestamp scale, and blocks before their cluster have lower times', async () => {
  const info = element(ID.SCALE, unsigned(100_000));
  const video = track(1, 1, 'V_VP8');
  const blocks = [
    simpleBlock(1, -3, 0x80, [1]),
    simpleBlock(1, 0, 0, [2]),
    simpleBlock(1, 7, 0, [3]),
  ];
  const { packets } = await read([
    ...HEAD,
    ...segment([video], [cluster(12_345, ...blocks)], info),
  ]);
  assert.equal(
    packets.map(({ presentationTs }) => presentationTs),
    [1234.2, 1234.5, 1235.2],
  );
});

test('a BlockGroup is a key frame unless it refers to another, and tells its duration', async () => {
  const groups = [
    element(ID.GROUP, element(ID.BLOCK, block(1, 0, 0, [1])), element(ID.BLOCK_DURATION, [30])),
    element(ID.GROUP, element(ID.BLOCK, block(1, 40, 0, [2])), element(ID.REFERENCE, [0xd8])),
    element(ID.GROUP, element(ID.BLOCK, block(1, 80, 0, [3])), element(ID.REFERENCE, [0xd8])),
  ];
  const { packets } = await read(
    [...HEAD, ...segment([track(1, 1, 'V_VP9')], [cluster(0, ...groups)])],
    1,
  );
  assert.equal(
    packets.map(({ keyFrame, duration }) => [keyFrame, duration]),
    [
      [true, 30],
      [false, 40],
      [false, 40],
    ],
  );
});

test('laced frames come out one by one, spaced by the duration of a frame', async () => {
  const audio = track(2, 2, 'A_PCM/INT/LIT', element(ID.DEFAULT_DURATION, unsigned(20_000_000)));
  const xiph = [2, 3, 1, 10, 11, 12, 20, 30, 31];
  const fixed = [2, 1, 2, 3];
  const ebml = [2, 0x82, 0xbe, 1, 2, 3, 4, 5];
  const blocks = [
    simpleBlock(2, 0, 0x82, xiph),
    simpleBlock(2, 60, 0x84, fixed),
    simpleBlock(2, 120, 0x86, ebml),
  ];
  const { packets } = await read([...HEAD, ...segment([audio], [cluster(1000, ...blocks)])], 3);
  assert.equal(payloads(packets), [
    [10, 11, 12],
    [20],
    [30, 31],
    [1],
    [2],
    [3],
    [1, 2],
    [3],
    [4, 5],
  ]);
  assert.equal(
    packets.map(({ presentationTs }) => presentationTs),
    [1000, 1020, 1040, 1060, 1080, 1100, 1120, 1140, 1160],
  );
});

test('any payload is either split into its frames or refused', () => {
  const bytes = fc.uint8Array({ maxLength: 60 });
  fc.assert(
    fc.property(bytes, fc.constantFrom(0, 2, 4, 6), (payload, flags) => {
      try {
        const frames = splitLace(flags, payload);
        const size = frames.reduce((total, { length }) => total + length, 0);
        assert.ok(size <= payload.length);
      } catch (error) {
        assert.is((error as { code?: string }).code, 'INVALID_VALUE');
      }
    }),
    { numRuns: 2000 },
  );
});

test('bytes that were stripped from the beginning of frames are put back', async () => {
  const stripping = element(
    ID.ENCODINGS,
    element(
      ID.ENCODING,
      element(ID.COMPRESSION, element(ID.ALGORITHM, [3]), element(ID.SETTINGS, [0xaa, 0xbb])),
    ),
  );
  const video = track(1, 1, 'V_VP8', stripping);
  const { packets } = await read([
    ...HEAD,
    ...segment([video], [cluster(0, simpleBlock(1, 0, 0x80, [1]))]),
  ]);
  assert.equal(payloads(packets), [[0xaa, 0xbb, 1]]);
});

test('compressed and encrypted tracks cannot be sent, and the error says which it is', async () => {
  const zlib = element(ID.COMPRESSION, element(ID.ALGORITHM, [0]));
  for (const [encoding, message] of [
    [zlib, /The video of the input stream is V_VP8: its frames are compressed; encode it anew/],
    [element(ID.ENCRYPTION, []), /its frames are encrypted/],
  ] as const) {
    const video = track(1, 1, 'V_VP8', element(ID.ENCODINGS, element(ID.ENCODING, encoding)));
    const bytes = [...HEAD, ...segment([video], [cluster(0, simpleBlock(1, 0, 0x80, [1]))])];
    const error = await failureOf(() => read(bytes));
    assert.is(error.code, 'STATUS_NOT_IMPLEMENTED');
    assert.match(error.message, message);
  }
});

test('a track whose frames lack more bytes than a few cannot be sent', async () => {
  const settings = element(ID.SETTINGS, Array<number>(3000).fill(0));
  const compression = element(ID.COMPRESSION, [...element(ID.ALGORITHM, [3]), ...settings]);
  const video = track(1, 1, 'V_VP8', element(ID.ENCODINGS, element(ID.ENCODING, compression)));
  const lace = simpleBlock(1, 0, 0x82, [255, ...Array<number>(255).fill(0)]);
  const error = await failureOf(() => read([...HEAD, ...segment([video], [cluster(0, lace)])]));
  assert.is(error.code, 'STATUS_NOT_IMPLEMENTED');
  assert.match(error.message, /its frames lack 3000 bytes each; at most 256 are put back/);
});

test('codecs that the service cannot play pass through with their ids and private data', async () => {
  const mulaw = [7, 0, 1, 0, 0x40, 0x1f, 0, 0, 0x40, 0x1f, 0, 0, 1, 0, 8, 0, 0, 0];
  const tracks = [
    track(3, 1, 'V_AV1', element(ID.PRIVATE, [0x81, 1, 2, 3])),
    track(9, 2, 'A_MS/ACM', element(ID.PRIVATE, mulaw)),
    track(4, 17, 'S_TEXT/UTF8'),
    track(5, 2, 'A_AAC'),
  ];
  const { input } = await read([...HEAD, ...segment(tracks, [cluster(0)])]);
  assert.equal(
    input.tracks.map(({ trackId, codec, codecId }) => [trackId, codec, codecId]),
    [
      [1, 'av1', 'V_AV1'],
      [2, 'mulaw', 'A_MS/ACM'],
    ],
  );
  assert.equal([...(trackOf(input, 'video').codecPrivateData ?? [])], [0x81, 1, 2, 3]);
  assert.equal([...(trackOf(input, 'audio').codecPrivateData ?? [])], mulaw);
  assert.is(input.contentType, 'video/av1,audio/mulaw');
  assert.equal(
    input.skippedTracks.map(({ codec, reason }) => [codec, reason]),
    [
      ['S_TEXT/UTF8', 'it is neither video nor audio'],
      ['A_AAC', 'one track of a kind is sent'],
    ],
  );
});

test('PCM is named as ffmpeg does, by its bits', async (t) => {
  requireTool(t, 'ffmpeg');
  for (const codec of ['pcm_s16le', 'pcm_s24be', 'pcm_f32le', 'pcm_alaw']) {
    const file = join(scratch(t), `${codec}.mkv`);
    ffmpeg('-f', 'lavfi', '-i', 'sine=duration=0.2', '-c:a', codec, file);
    const input = await openMedia(file);
    assert.is(trackOf(input, 'audio').codec, codec === 'pcm_alaw' ? 'alaw' : codec);
    await input.close();
  }
});

test('H.264 without private data is taken for Annex-B', async () => {
  const { input } = await read([
    ...HEAD,
    ...segment([track(1, 1, 'V_MPEG4/ISO/AVC')], [cluster(0)]),
  ]);
  assert.is(input.annexB, true);
});

test('Segments in a row with the same tracks are one stream, as GetMedia gives them', async () => {
  const video = [track(1, 1, 'V_VP8', element(ID.PRIVATE, [1]))];
  const one = [...HEAD, ...segment(video, [cluster(1000, simpleBlock(1, 0, 0x80, [1]))])];
  const two = [...HEAD, ...segment(video, [cluster(3000, simpleBlock(1, 0, 0x80, [2]))])];
  const { packets } = await read([...one, ...two]);
  assert.equal(
    packets.map(({ presentationTs, data }) => [presentationTs, data[0]]),
    [
      [1000, 1],
      [3000, 2],
    ],
  );
});

test('a Segment with other tracks ends the stream with an error', async () => {
  const one = [
    ...HEAD,
    ...segment([track(1, 1, 'V_VP8')], [cluster(0, simpleBlock(1, 0, 0x80, [1]))]),
  ];
  const two = [...HEAD, ...segment([track(1, 1, 'V_VP9')], [cluster(0)])];
  const input = await openMedia(chunked(Uint8Array.from([...one, ...two]), 50));
  const { packets, error } = await collectUntilError(input);
  assert.is(packets.length, 1);
  assert.is(error.code, 'STATUS_FORMAT_ERROR');
  assert.match(error.message, /The tracks are no longer the same \(at byte \d+\)/);
});

test('an EBML file of another type, and clusters without tracks, are no Matroska', async () => {
  const other = [
    ...element(ID.EBML, element(ID.DOC_TYPE, text('jpeg9000'))),
    ...segment([], [cluster(0)]),
  ];
  const error = await failureOf(() => read(other));
  assert.match(error.message, /The document type is "jpeg9000"/);
  const bare = [...HEAD, ...ID.SEGMENT, 0xff, ...cluster(0)];
  assert.match((await failureOf(() => read(bare))).message, /A Cluster comes before any Tracks/);
});

test('a live stream gives each frame as soon as it is complete', async () => {
  const stream = new PassThrough();
  const video = [track(1, 1, 'V_VP8')];
  stream.write(Uint8Array.from([...HEAD, ...segment(video, [cluster(0)])]));
  const input = await openMedia(stream);
  const packets = input.packets()[Symbol.asyncIterator]();
  for (let index = 0; index < 3; index += 1) {
    const next = packets.next();
    stream.write(Uint8Array.from(simpleBlock(1, index * 40, 0x80, [index])));
    const { value } = (await next) as IteratorYieldResult<MediaPacket>;
    assert.is(value.presentationTs, index * 40);
  }
  await input.close();
});

test('random damage gives packets or an error of ours, and never hangs', async () => {
  const bytes = readFileSync(fixture('h264-aac.mkv')).subarray(0, 12_000);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 20 }),
      async (changes) => {
        const damaged = Buffer.from(bytes);
        for (const [at, value] of changes) damaged[at] = value;
        try {
          await collect(await openMedia(chunked(damaged, 1000), { format: 'mkv' }));
        } catch (error) {
          assert.instance(error, KinesisVideoError);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('lacing by mkvmerge keeps every byte of the sound', async (t) => {
  requireTool(t, 'ffmpeg', 'mkvmerge');
  const folder = scratch(t);
  const laced = join(folder, 'laced.mkv');
  execFileSync('mkvmerge', ['-q', '-o', laced, fixture('aac.m4a')]);
  const unlaced = join(folder, 'unlaced.mkv');
  ffmpeg('-i', fixture('aac.m4a'), '-c', 'copy', unlaced);
  const data = async (path: string) =>
    summary(await collect(await openMedia(path))).map((packet) => packet.data);
  assert.equal(await data(laced), await data(unlaced));
});
