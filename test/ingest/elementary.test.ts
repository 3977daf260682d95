/** Elementary streams: where access units begin and end, and what their times are. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { openMedia, type MediaPacket } from '../../ts/ingest/index.js';
import { suite } from '../support/suite.js';
import { requireTool } from '../support/tools.js';
import {
  chunked,
  collect,
  ffmpeg,
  fixture,
  md5,
  probe,
  scratch,
  summary,
  trackOf,
} from './support.js';

const test = suite('elementary streams', { timeout: 60_000 });

const STREAMS = [
  { name: 'h264-baseline.h264', codec: 'h264', origin: 'h264-baseline.mp4' },
  { name: 'h264-bframes-aud.h264', codec: 'h264', origin: 'h264-aac.mp4' },
  { name: 'h265-bframes.h265', codec: 'h265', origin: 'h265-aac.mp4' },
] as const;

function joined(packets: readonly MediaPacket[]): Buffer {
  return Buffer.concat(packets.map(({ data }) => data));
}

/** A stream of chunks of these sizes, over and over. */
function cutInto(bytes: Buffer, sizes: readonly number[]): Readable {
  function* chunks() {
    for (let at = 0, index = 0; at < bytes.length; index += 1) {
      const size = sizes[index % sizes.length] ?? 1;
      yield bytes.subarray(at, at + size);
      at += size;
    }
  }
  return Readable.from(chunks(), { objectMode: false });
}

/** Times and key frames, to the microsecond. */
function timeline(packets: readonly MediaPacket[]) {
  const round = (time: number): number => Math.round(time * 1000);
  return packets.map(({ presentationTs, decodingTs, duration, keyFrame }) => {
    return [round(presentationTs), round(decodingTs), round(duration), keyFrame];
  });
}

/** The video of a file shall be the same as an elementary stream, and as long. */
async function compareWithContainer(t: Parameters<typeof scratch>[0], file: string, ext: string) {
  const bare = join(scratch(t), `bare.${ext}`);
  ffmpeg('-i', file, '-an', '-c', 'copy', bare);
  const boxed = await openMedia(file, { tracks: 'video' });
  const expected = await collect(boxed);
  const actual = await collect(await openMedia(bare));
  // Containers mark where a gradual refresh begins as a key frame too; a bare stream does not.
  const times = (packets: readonly MediaPacket[]) =>
    timeline(packets).map((row) => row.slice(0, 3));
  assert.equal(times(actual), times(expected));
  assert.equal(joined(actual), readFileSync(bare));
}

for (const { name, codec, origin } of STREAMS) {
  test(`${name} gives the pictures, times and key frames of the container it came from`, async () => {
    const boxed = await openMedia(fixture(origin), { tracks: 'video' });
    const expected = await collect(boxed);
    const bare = await openMedia(fixture(name));
    const actual = await collect(bare);
    assert.equal(timeline(actual), timeline(expected));
    assert.equal(joined(actual), readFileSync(fixture(name)));

    const { codecId, width, height } = trackOf(boxed, 'video');
    assert.equal(bare.tracks, [{ trackId: 1, trackType: 'video', codec, codecId, width, height }]);
    assert.is(bare.format, codec);
    assert.is(bare.contentType, `video/${codec}`);
    assert.is(bare.annexB, true);
    assert.is(bare.frameRate, 25);
    assert.is(bare.assumedFrameRate, undefined);
  });

  test(`${name} gives the same packets however its bytes are cut`, async () => {
    const bytes = readFileSync(fixture(name));
    const expected = summary(await collect(await openMedia(fixture(name))));
    const check = async (stream: Readable): Promise<void> => {
      assert.equal(summary(await collect(await openMedia(stream))), expected);
    };
    for (const size of [1, 2, 3, 5, 64, 1000]) await check(chunked(bytes, size));
    const sizes = fc.array(
      fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 3000 })),
      {
        minLength: 1,
        maxLength: 20,
      },
    );
    await fc.assert(
      fc.asyncProperty(sizes, (list) => check(cutInto(bytes, list))),
      { numRuns: 60 },
    );
  });
}

for (const name of ['h264-baseline.h264', 'h264-bframes-aud.h264']) {
  test(`${name} is cut where ffprobe cuts it`, async (t) => {
    requireTool(t, 'ffprobe');
    const expected = probe(fixture(name)).get('video') ?? [];
    const actual = await collect(await openMedia(fixture(name)));
    assert.equal(
      actual.map(({ data }) => `MD5:${md5(data)}`),
      expected.map(({ data_hash }) => data_hash),
    );
  });
}

const X264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-g', '30'];
const ENCODINGS: readonly (readonly [what: string, extension: string, options: string[]])[] = [
  [
    'eight B-frames in a pyramid',
    'h264',
    [...X264, '-bf', '8', '-x264-params', 'b-pyramid=normal:b-adapt=0'],
  ],
  ['open groups', 'h264', [...X264, '-bf', '3', '-x264-params', 'open-gop=1:b-adapt=0']],
  ['several slices a picture', 'h264', [...X264, '-bf', '2', '-x264-params', 'slices=4']],
  ['interlaced frames', 'h264', [...X264, '-bf', '2', '-flags', '+ilme+ildct']],
  ['delimiters and repeated headers', 'h264', [...X264, '-x264-params', 'aud=1:repeat-headers=1']],
  ['intra pictures alone', 'h264', [...X264, '-g', '1']],
  ['periodic intra refresh', 'h264', [...X264, '-x264-params', 'intra-refresh=1']],
  ['30000/1001 frames a second', 'h264', [...X264, '-bf', '2', '-r', '30000/1001']],
];

for (const [what, extension, options] of ENCODINGS) {
  test(`H.264 with ${what} gives the times of its container`, async (t) => {
    requireTool(t, 'ffmpeg');
    const file = join(scratch(t), 'boxed.mp4');
    ffmpeg('-i', fixture('h264-baseline.mp4'), ...options, file);
    await compareWithContainer(t, file, extension);
  });
}

for (const [what, parameters] of [
  ['closed groups', 'open-gop=0:bframes=4:b-pyramid=1'],
  ['open groups, whose leading pictures follow the key frame', 'open-gop=1:bframes=4:keyint=20'],
  ['decodable leading pictures of IDR', 'open-gop=0:radl=2:bframes=4:keyint=20'],
  ['several slices a picture', 'slices=3'],
  ['no B-frames', 'bframes=0'],
  ['a delimiter before each picture', 'aud=1:repeat-headers=1:bframes=3'],
  ['temporal layers', 'temporal-layers=1:bframes=3'],
] as const) {
  test(`H.265 with ${what} gives the times of its container`, async (t) => {
    requireTool(t, 'ffmpeg');
    const file = join(scratch(t), 'boxed.mp4');
    const x265 = `log-level=error:scenecut=0:${parameters}`;
    const encoder = ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', x265];
    ffmpeg('-i', fixture('h264-baseline.mp4'), ...encoder, file);
    await compareWithContainer(t, file, 'hevc');
  });
}

test('H.264 with open groups has a key frame at each group, as in its container', async (t) => {
  requireTool(t, 'ffmpeg');
  const file = join(scratch(t), 'boxed.mp4');
  const x264 = 'open-gop=1:keyint=20:scenecut=0:b-adapt=0';
  ffmpeg('-i', fixture('h264-baseline.mp4'), ...X264, '-bf', '2', '-x264-params', x264, file);
  const bare = join(scratch(t), 'bare.h264');
  ffmpeg('-i', file, '-an', '-c', 'copy', bare);
  const expected = timeline(await collect(await openMedia(file, { tracks: 'video' })));
  assert.ok(expected.filter(([, , , keyFrame]) => keyFrame).length >= 3);
  assert.equal(timeline(await collect(await openMedia(bare))), expected);
});

test('the frame rate of the options goes over that of the stream', async () => {
  const input = await openMedia(fixture('h264-baseline.h264'), { frameRate: 50 });
  assert.is(input.frameRate, 50);
  assert.is(input.assumedFrameRate, undefined);
  const packets = await collect(input);
  assert.is(packets[1]?.presentationTs, 20);
  assert.is(packets[1]?.duration, 20);
});

test('a stream that begins between key frames is given from its first picture on', async () => {
  const whole = await collect(await openMedia(fixture('h264-bframes-aud.h264')));
  const rest = joined(whole.slice(10));
  const input = await openMedia(chunked(rest, 1000), { format: 'h264' });
  assert.is(trackOf(input, 'video').width, undefined);
  assert.is(input.assumedFrameRate, 25);
  const packets = await collect(input);
  assert.is(packets.length, 65);
  assert.equal(joined(packets), rest);
  assert.is(
    packets.findIndex(({ keyFrame }) => keyFrame),
    15,
  );
});

test('a damaged stream gives all of its bytes, at times that are in order', async () => {
  const originals = STREAMS.map(({ name, codec }) => ({
    codec,
    bytes: readFileSync(fixture(name)),
  }));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...originals),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 5000 }),
      async ({ codec, bytes }, changes, size) => {
        const damaged = Buffer.from(bytes);
        for (const [at, value] of changes) damaged[at % damaged.length] = value;
        const packets = await collect(await openMedia(chunked(damaged, size), { format: codec }));
        assert.equal(joined(packets), damaged);
        const shown = new Set(packets.map(({ presentationTs }) => presentationTs));
        assert.is(shown.size, packets.length, 'no two pictures are shown at once');
        let last = -Infinity;
        for (const { decodingTs } of packets) {
          assert.ok(decodingTs > last);
          last = decodingTs;
        }
      },
    ),
    { numRuns: 150 },
  );
});

test('random bytes give packets with the same bytes, or an error of ours', async () => {
  const byte = fc.oneof(
    fc.constantFrom(0, 1, 3, 0x65, 0x67, 0x68, 0x41, 0x26, 0x40, 0x42, 0x44),
    fc.nat(255),
  );
  const startCode = fc.constant([0, 0, 1]);
  const bytes = fc.array(
    fc.oneof(
      byte.map((value) => [value]),
      startCode,
    ),
    { maxLength: 400 },
  );
  await fc.assert(
    fc.asyncProperty(
      bytes.map((parts) => Uint8Array.from(parts.flat())),
      fc.constantFrom('h264', 'h265'),
      fc.integer({ min: 1, max: 50 }),
      async (input, format, size) => {
        try {
          const packets = await collect(await openMedia(chunked(input, size), { format }));
          assert.equal(joined(packets), Buffer.from(input));
        } catch (error) {
          assert.is((error as { code?: string }).code, 'STATUS_FORMAT_ERROR');
        }
      },
    ),
    { numRuns: 500 },
  );
});

test('zeros behind and between pictures are kept', async () => {
  const [first, second] = await collect(await openMedia(fixture('h264-baseline.h264')));
  const zeros = Buffer.alloc(5);
  const bytes = Buffer.concat([zeros, first?.data ?? zeros, zeros, second?.data ?? zeros, zeros]);
  const packets = await collect(await openMedia(chunked(bytes, 7)));
  assert.is(packets.length, 2);
  assert.equal(joined(packets), bytes);
});

test('headers behind the last picture stay with it', async () => {
  const packets = await collect(await openMedia(fixture('h264-bframes-aud.h264')));
  const file = Buffer.concat([joined(packets), Buffer.from([0, 0, 0, 1, 9, 0xf0])]);
  const again = await collect(await openMedia(chunked(file, 999)));
  assert.is(again.length, 75);
  assert.equal(joined(again), file);
});

test('a picture that never ends is an error before it fills the memory', async (t) => {
  const picture = readFileSync(fixture('h264-baseline.h264')).subarray(0, 1500);
  const noise = Buffer.alloc(1024 * 1024, 0x5a);
  async function* endless() {
    yield picture;
    for (let chunk = 0; chunk < 500; chunk += 1) yield noise;
  }
  const input = await openMedia(Readable.from(endless(), { objectMode: false }));
  t.after(() => input.close());
  try {
    await collect(input);
    assert.unreachable();
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    assert.is(code, 'STATUS_FORMAT_ERROR');
    assert.match(message, /No picture ends within 64 MiB after byte 0 /);
  }
});

test('a stream without pictures is an error that names what was looked for', async (t) => {
  const file = join(scratch(t), 'headers.h264');
  writeFileSync(file, Buffer.from([0, 0, 0, 1, 0x67, 0x42, 0, 10, 0, 0, 0, 1, 0x68, 0xce]));
  try {
    await openMedia(file, { format: 'h264' });
    assert.unreachable();
  } catch (error) {
    assert.match(
      (error as Error).message,
      /^No H\.264 picture was found in '.*headers\.h264'; check/,
    );
  }
});
