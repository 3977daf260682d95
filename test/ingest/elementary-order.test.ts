/** Times of H.264 pictures, from streams that are built to show one thing each. */
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { openMedia, type MediaPacket } from '../../ts/ingest/index.js';
import { suite } from '../support/suite.js';
import { chunked, collect, trackOf } from './support.js';
import {
  BitWriter,
  nalUnit,
  pps,
  slice,
  sps,
  type SequenceShape,
  type SliceShape,
} from './synthetic.js';

const test = suite('order of pictures', { timeout: 60_000 });

const FRAME_MS = 40;

async function read(bytes: readonly number[], chunkSize = 10_000): Promise<MediaPacket[]> {
  return collect(await openMedia(chunked(Uint8Array.from(bytes), chunkSize)));
}

function headers(sequence: SequenceShape): number[] {
  return [...sps(sequence), ...pps()];
}

/** Places in output order, checked to be whole frames. */
function places(packets: readonly MediaPacket[]): number[] {
  return packets.map(({ presentationTs }) => Math.round((presentationTs / FRAME_MS) * 1e6) / 1e6);
}

function assertDecodingTimes(packets: readonly MediaPacket[]): void {
  packets.forEach(({ decodingTs, presentationTs }, index) => {
    assert.ok(decodingTs <= presentationTs, `packet ${index} is decoded before it is shown`);
    assert.is(decodingTs - (packets[0]?.decodingTs ?? 0), index * FRAME_MS);
  });
}

/**
 * Groups of pictures as lists of places in output order, in decoding order: a key frame, then
 * every `distance` pictures one that the pictures in between refer to, these in any nesting.
 */
const structures = fc
  .record({
    distance: fc.integer({ min: 1, max: 7 }),
    groups: fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 1, maxLength: 5 }),
    splits: fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), {
      minLength: 7,
      maxLength: 7,
    }),
  })
  .map(({ distance, groups, splits }) => {
    return groups.map((spans) => {
      const order = [0];
      for (let span = 0; span < spans; span += 1) {
        const start = span * distance;
        order.push(start + distance, ...between(start + 1, start + distance, splits));
      }
      return order;
    });
  });

function between(from: number, to: number, [split = 0, ...others]: readonly number[]): number[] {
  if (from >= to) return [];
  const middle = from + Math.floor(split * (to - from));
  return [middle, ...between(from, middle, others), ...between(middle + 1, to, others)];
}

function depthOf(groups: readonly (readonly number[])[]): number {
  const depths = groups.flatMap((order) =>
    order.map((place, index) => order.slice(0, index).filter((other) => other > place).length),
  );
  return Math.max(0, ...depths);
}

/** The stream of such groups, counted in steps of `step`. */
function build(sequence: SequenceShape, groups: readonly (readonly number[])[], step: number) {
  return groups.flatMap((order) => [
    ...headers(sequence),
    ...order.flatMap((place, index) =>
      slice({ sequence, idr: index === 0, frameNum: index, poc: place * step }),
    ),
  ]);
}

function expectedPlaces(groups: readonly (readonly number[])[]): number[] {
  let start = 0;
  return groups.flatMap((order) => {
    const offset = start;
    start += order.length;
    return order.map((place) => offset + place);
  });
}

test('pictures are shown in the order of their counts, whatever the structure', async () => {
  await fc.assert(
    fc.asyncProperty(
      structures,
      fc.constantFrom(1, 2, 3),
      fc.boolean(),
      async (groups, step, extra) => {
        const reorderDepth = depthOf(groups) + (extra ? 1 : 0);
        const packets = await read(build({ pocType: 0, reorderDepth }, groups, step));
        assert.equal(places(packets), expectedPlaces(groups));
        assertDecodingTimes(packets);
      },
    ),
    { numRuns: 200 },
  );
});

test('a stream that does not tell its reorder depth shows it in its first pictures', async () => {
  await fc.assert(
    fc.asyncProperty(structures, fc.constantFrom(1, 2), async (groups, step) => {
      // The first group has them all: the deepest structure comes first.
      const first = [...groups].sort((a, b) => b.length - a.length);
      const packets = await read(build({ pocType: 0 }, first, step));
      assert.equal(places(packets), expectedPlaces(first));
      assertDecodingTimes(packets);
    }),
    { numRuns: 200 },
  );
});

test('B-frames that appear late in a stream that does not tell come out soon in order', async () => {
  const sequence: SequenceShape = { pocType: 0 };
  const order = Array.from({ length: 20 }, (_, index) => index);
  const late = [
    ...order,
    ...Array.from({ length: 10 }, (_, pair) => [21 + 2 * pair, 20 + 2 * pair]).flat(),
  ];
  const packets = await read(build(sequence, [late], 2));
  const actual = places(packets);
  assert.equal(
    [...actual].sort((a, b) => a - b),
    late.map((_, index) => index),
  );
  assert.equal(actual.slice(0, 20), order);
  assert.equal(actual.slice(24), late.slice(24));
});

test('a key frame is shown after all pictures of the group before it', async () => {
  const groups = [[0, 3, 1, 2], [0, 2, 1], [0]];
  const packets = await read(build({ pocType: 0, reorderDepth: 1 }, groups, 2));
  assert.equal(places(packets), [0, 3, 1, 2, 4, 6, 5, 7]);
  assert.equal(
    packets.map(({ keyFrame }) => keyFrame),
    [true, false, false, false, true, false, false, true],
  );
});

/** An SEI message (ITU-T H.264 clause 7.3.2.3.1). */
function message(type: number, payload: readonly number[]): number[] {
  const number = (value: number): number[] => {
    return [...Array.from({ length: Math.floor(value / 255) }, () => 255), value % 255];
  };
  return [...number(type), ...number(payload.length), ...payload];
}

/** A recovery point message with this recovery_frame_cnt. */
function recoveryPoint(count: number): number[] {
  return message(6, new BitWriter().ue(count).bits(0b1000, 4).bytes());
}

const sei = (...messages: number[][]): number[] => nalUnit(6, [...messages.flat(), 0x80]);

/** The places, in decoding order, of the key frames of an open group behind this SEI. */
async function keyFramesWith(between: readonly number[]): Promise<number[]> {
  const sequence: SequenceShape = { pocType: 0, reorderDepth: 1 };
  const bytes = [
    ...headers(sequence),
    ...slice({ sequence, idr: true, frameNum: 0, poc: 0 }),
    ...slice({ sequence, frameNum: 1, poc: 2 }),
    ...between,
    ...slice({ sequence, frameNum: 2, poc: 8 }),
    ...slice({ sequence, frameNum: 2, poc: 8, firstMb: 100 }),
    ...slice({ sequence, frameNum: 3, poc: 4, reference: false }),
    ...slice({ sequence, frameNum: 3, poc: 6, reference: false }),
    ...slice({ sequence, frameNum: 3, poc: 10 }),
  ];
  const packets = await read(bytes, 7);
  assert.equal(places(packets), [0, 1, 4, 2, 3, 5]);
  return packets.flatMap(({ keyFrame }, index) => (keyFrame ? [index] : []));
}

test('a recovery point is a key frame and the pictures shown before it keep their times', async () => {
  const zeros = message(5, new Array<number>(700).fill(0));
  for (const [what, bytes] of [
    ['alone', sei(recoveryPoint(0))],
    ['behind a long message of a high type', sei(message(300, zeros), recoveryPoint(0))],
    ['behind bytes that need emulation prevention', sei(zeros, recoveryPoint(0))],
    ['before another SEI', [...sei(recoveryPoint(0)), ...sei(message(1, [0]))]],
    ['behind a delimiter', [...nalUnit(9, [0xf0]), ...sei(recoveryPoint(0))]],
    ['before parameter sets', [...sei(recoveryPoint(0)), ...pps()]],
  ] as const) {
    assert.equal(await keyFramesWith(bytes), [0, 2], what);
  }
});

test('SEI that gives no recovery point at its picture makes no key frame', async () => {
  const long = [6, 255, 255, 10, 0x84];
  for (const [what, bytes] of [
    ['gradual refresh', sei(recoveryPoint(1))],
    ['another message', sei(message(6 + 255, [0x84]))],
    ['the look of one within another message', sei(message(5, recoveryPoint(0)))],
    ['an empty message', sei(message(6, []))],
    ['no message', nalUnit(6, [])],
    ['a type cut short', nalUnit(6, [255, 255])],
    ['a size cut short', nalUnit(6, [6])],
    ['a size beyond the end', nalUnit(6, long)],
    [
      'a recovery point of a picture that was lost',
      [...sei(recoveryPoint(0)), ...nalUnit(9, [0xf0])],
    ],
  ] as const) {
    assert.equal(await keyFramesWith(bytes), [0], what);
  }
});

test('order counts by frame number, type 2, give decoding order', async () => {
  const sequence: SequenceShape = { pocType: 2 };
  const frames = Array.from({ length: 40 }, (_, index) =>
    slice({ sequence, idr: index === 0, frameNum: index, poc: 0, reference: index % 3 !== 1 }),
  );
  const packets = await read([...headers(sequence), ...frames.flat()]);
  assert.equal(
    places(packets),
    packets.map((_, index) => index),
  );
  assert.is(packets[0]?.decodingTs, 0);
});

test('order counts by expectation, type 1, give the order that is told', async () => {
  const sequence: SequenceShape = { pocType: 1, reorderDepth: 1 };
  // Reference frames every second place, each followed by the picture shown before it.
  const shapes: SliceShape[] = [{ sequence, idr: true, frameNum: 0, poc: 0 }];
  for (let pair = 1; pair <= 20; pair += 1) {
    shapes.push({ sequence, frameNum: pair, poc: 4 * pair });
    shapes.push({ sequence, frameNum: pair + 1, poc: 4 * pair - 2, reference: false });
  }
  const packets = await read([...headers(sequence), ...shapes.flatMap(slice)]);
  const expected = Array.from({ length: 20 }, (_, pair) => [2 * pair + 2, 2 * pair + 1]);
  assert.equal(places(packets), [0, ...expected.flat()]);
});

test('the two fields of a frame make one packet', async () => {
  const sequence: SequenceShape = { pocType: 0, reorderDepth: 0, interlaced: true };
  const frames = Array.from({ length: 6 }, (_, frameNum) => {
    if (frameNum === 3) return slice({ sequence, frameNum, poc: 6 });
    const first = { sequence, frameNum, poc: 2 * frameNum, field: 'top' } as const;
    return [
      ...slice({ ...first, idr: frameNum === 0 }),
      ...nalUnit(9, [0xf0]),
      ...slice({ ...first, field: 'bottom', poc: 2 * frameNum + 1 }),
    ];
  });
  const bytes = [...headers(sequence), ...frames.flat()];
  const input = await openMedia(chunked(Uint8Array.from(bytes), 9));
  assert.is(trackOf(input, 'video').height, 240);
  const packets = await collect(input);
  assert.equal(places(packets), [0, 1, 2, 3, 4, 5]);
  assert.equal(
    packets.map(({ data }) => data.length),
    frames.map(({ length }, index) => length + (index === 0 ? headers(sequence).length : 0)),
  );
});

test('IDR pictures that are numbered alike are told apart by their first macroblock', async () => {
  const sequence: SequenceShape = { pocType: 2 };
  const picture = (firstMb: number) => slice({ sequence, idr: true, frameNum: 0, poc: 0, firstMb });
  const one = [...picture(0), ...picture(100), ...picture(200)];
  const packets = await read([...headers(sequence), ...one, ...one, ...one]);
  assert.equal(places(packets), [0, 1, 2]);
});

test('a picture whose first slice was lost is told apart by its frame number', async () => {
  const sequence: SequenceShape = { pocType: 2 };
  const bytes = [
    ...slice({ sequence, idr: true, frameNum: 0, poc: 0 }),
    ...slice({ sequence, frameNum: 1, poc: 0, firstMb: 150 }),
    ...slice({ sequence, frameNum: 2, poc: 0 }),
  ];
  assert.is((await read([...headers(sequence), ...bytes])).length, 3);
});

test('the frame rate comes from the timing in the stream', async () => {
  for (const [timing, frameRate] of [
    [[50, 1], 25],
    [[60_000, 1001], 30_000 / 1001],
    [[1_000_000, 10_000], 50],
  ] as const) {
    const sequence: SequenceShape = { pocType: 2, timing };
    const bytes = [...headers(sequence), ...slice({ sequence, idr: true, frameNum: 0, poc: 0 })];
    const input = await openMedia(chunked(Uint8Array.from(bytes), 1000));
    await input.close();
    assert.is(input.frameRate, frameRate);
    assert.is(input.assumedFrameRate, undefined);
  }
});

test('a stream without timing, or with a senseless one, is taken for 25 frames a second', async () => {
  for (const timing of [undefined, [0, 1], [1, 0], [0xffff_ffff, 1]] as const) {
    const sequence: SequenceShape = { pocType: 2, ...(timing && { timing }) };
    const bytes = [...headers(sequence), ...slice({ sequence, idr: true, frameNum: 0, poc: 0 })];
    const input = await openMedia(chunked(Uint8Array.from(bytes), 1000));
    await input.close();
    assert.is(input.frameRate, 25);
    assert.is(input.assumedFrameRate, 25);
  }
});

test('a rate that changes in the stream changes the times from there on', async () => {
  const picture = (timing: readonly [number, number]) => {
    const sequence: SequenceShape = { pocType: 2, timing };
    return [...headers(sequence), ...slice({ sequence, idr: true, frameNum: 0, poc: 0 })];
  };
  const packets = await read([
    ...picture([50, 1]),
    ...picture([50, 1]),
    ...picture([100, 1]),
    ...picture([100, 1]),
  ]);
  assert.equal(
    packets.map(({ presentationTs, duration }) => [presentationTs, duration]),
    [
      [0, 40],
      [40, 40],
      [80, 20],
      [100, 20],
    ],
  );
});

test('a live stream gives each picture when the next one begins', async () => {
  const sequence: SequenceShape = { pocType: 2 };
  const payload = Array.from({ length: 100 }, () => 0x55);
  const stream = new PassThrough();
  stream.write(Uint8Array.from(headers(sequence)));
  stream.write(Uint8Array.from(slice({ sequence, idr: true, frameNum: 0, poc: 0, payload })));
  const input = await openMedia(stream);
  const packets = input.packets()[Symbol.asyncIterator]();
  for (let frameNum = 1; frameNum < 5; frameNum += 1) {
    const next = packets.next();
    stream.write(Uint8Array.from(slice({ sequence, frameNum, poc: 0, payload })));
    const { value } = (await next) as IteratorYieldResult<MediaPacket>;
    assert.is(value.presentationTs, (frameNum - 1) * FRAME_MS);
  }
  await input.close();
});
