/** The order of packets: no fragment may begin before the one before it has ended. */
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import type { MediaPacket, MediaTrack } from '../../ts/ingest/index.js';
import {
  Interleaver,
  interleaveMixed,
  interleaveTracks,
  timecodeOf,
} from '../../ts/ingest/interleave.js';
import { suite } from '../support/suite.js';

const test = suite('interleaving', { timeout: 20_000 });

const VIDEO: MediaTrack = { trackId: 1, trackType: 'video', codec: 'h264', codecId: 'V' };
const AUDIO: MediaTrack = { trackId: 2, trackType: 'audio', codec: 'aac', codecId: 'A' };
const TRACKS = [VIDEO, AUDIO];
const NO_DATA = new Uint8Array(0);

function packet(
  trackId: number,
  presentationTs: number,
  keyFrame: boolean,
  decodingTs = presentationTs,
): MediaPacket {
  return { trackId, data: NO_DATA, keyFrame, presentationTs, decodingTs, duration: 0 };
}

const video = (pts: number, key = false, dts = pts) => packet(1, pts, key, dts);
const audio = (pts: number) => packet(2, pts, true);

interface Media {
  readonly video: readonly MediaPacket[];
  readonly audio: readonly MediaPacket[];
}

/**
 * Groups of pictures in decoding order: a key frame, `leading` pictures shown before it (none in
 * the first group), then pairs of a picture and one that is shown before it.
 */
const pictures = fc
  .record({
    groups: fc.array(
      fc.record({
        leading: fc.integer({ min: 0, max: 5 }),
        pairs: fc.integer({ min: 0, max: 10 }),
      }),
      { minLength: 1, maxLength: 8 },
    ),
    step: fc.constantFrom(1, 1.5, 5, 1000 / 30, 1001 / 30, 40, 100.25, 1000 / 59.94),
    start: fc.double({ min: -200, max: 200, noNaN: true }),
  })
  .map(({ groups, step, start }) => {
    const shown: { place: number; keyFrame: boolean }[] = [];
    let place = 0;
    groups.forEach(({ leading, pairs }, index) => {
      const before = index === 0 ? 0 : leading;
      shown.push({ place: place + before, keyFrame: true });
      for (let at = 0; at < before; at += 1) shown.push({ place: place + at, keyFrame: false });
      place += before + 1;
      for (let pair = 0; pair < pairs; pair += 1) {
        shown.push({ place: place + 1, keyFrame: false }, { place, keyFrame: false });
        place += 2;
      }
    });
    return shown.map(({ place: at, keyFrame }, index) =>
      video(start + at * step, keyFrame, start + (index - 5) * step),
    );
  });

const sounds = fc
  .record({
    count: fc.integer({ min: 0, max: 200 }),
    step: fc.constantFrom(1, 10, 1024 / 48, 1024 / 44.1, 128, 20),
    start: fc.double({ min: -500, max: 500, noNaN: true }),
  })
  .map(({ count, step, start }) => {
    return Array.from({ length: count }, (_, index) => audio(start + index * step));
  });

const media: fc.Arbitrary<Media> = fc.record({ video: pictures, audio: sounds });

/** Merges by pulling; returns the packets and how many were held at most. */
async function pull(input: Media): Promise<{ packets: MediaPacket[]; held: number }> {
  const lanes = new Map([
    [1, [...input.video]],
    [2, [...input.audio]],
  ]);
  let read = 0;
  let held = 0;
  const packets: MediaPacket[] = [];
  const next = async (trackId: number): Promise<MediaPacket | undefined> => {
    const value = lanes.get(trackId)?.shift();
    if (value !== undefined) read += 1;
    held = Math.max(held, read - packets.length);
    return value;
  };
  for await (const batch of interleaveTracks(next, TRACKS)) packets.push(...batch);
  return { packets, held };
}

function spanOf(packets: readonly MediaPacket[]): number {
  return (packets.at(-1)?.decodingTs ?? 0) - (packets[0]?.decodingTs ?? 0);
}

/** Lists of timecodes, one a fragment. */
function fragments(packets: readonly MediaPacket[]): number[][] {
  const list: number[][] = [];
  for (const { trackId, keyFrame, presentationTs } of packets) {
    if (trackId === 1 && keyFrame) list.push([]);
    list.at(-1)?.push(timecodeOf(presentationTs));
  }
  return list;
}

function assertFragmentsApart(packets: readonly MediaPacket[]): void {
  fragments(packets).reduce((latest, timecodes, index) => {
    const earliest = Math.min(...timecodes);
    assert.ok(earliest > latest, `fragment ${index} begins at ${earliest}, not after ${latest}`);
    return Math.max(...timecodes);
  }, -Infinity);
}

function assertNothingLost(packets: readonly MediaPacket[], input: Media): void {
  const of = (id: number) => packets.filter(({ trackId }) => trackId === id);
  assert.ok(of(1).every((value, index) => value === input.video[index]));
  assert.ok(of(2).every((value, index) => value === input.audio[index]));
  assert.is(packets.length, input.video.length + input.audio.length);
}

test('fragments never overlap, whatever the groups of pictures and the sound', async () => {
  await fc.assert(
    fc.asyncProperty(media, async (input) => {
      const { packets, held } = await pull(input);
      assertNothingLost(packets, input);
      assert.is(packets[0], input.video[0], 'the first key frame comes first');
      assertFragmentsApart(packets);
      // Five leading pictures, the key frame, the one after and a sound.
      assert.ok(held <= 8, `${held} packets were held`);
    }),
    { numRuns: 1000 },
  );
});

test('packets that come mixed in any way get into the same order', async () => {
  await fc.assert(
    fc.asyncProperty(
      media,
      fc.infiniteStream(fc.boolean()),
      fc.integer({ min: 1, max: 50 }),
      async (input, coin, size) => {
        // More than thirty seconds of one track are not held for the other.
        fc.pre(spanOf(input.video) < 30_000 && spanOf(input.audio) < 30_000);
        const lanes: [MediaPacket[], MediaPacket[]] = [[...input.video], [...input.audio]];
        const mixed: MediaPacket[] = [];
        for (;;) {
          const first = coin.next().value === true ? 0 : 1;
          const next = lanes[first].shift() ?? lanes[first === 0 ? 1 : 0].shift();
          if (next === undefined) break;
          mixed.push(next);
        }
        async function* batches() {
          for (let at = 0; at < mixed.length; at += size) yield mixed.slice(at, at + size);
        }
        const packets: MediaPacket[] = [];
        for await (const batch of interleaveMixed(batches(), TRACKS)) packets.push(...batch);
        assert.equal(packets, (await pull(input)).packets);
      },
    ),
    { numRuns: 300 },
  );
});

test('sound at the very timecode of a key frame follows it', async () => {
  const input = {
    video: [video(0, true), video(40), video(80, true), video(120)],
    audio: [audio(39.4), audio(79.49), audio(79.5), audio(80.4)],
  };
  const { packets } = await pull(input);
  assert.equal(
    packets.map(({ trackId, presentationTs }) => [trackId, presentationTs]),
    [
      [1, 0],
      [2, 39.4],
      [1, 40],
      [2, 79.49],
      [1, 80],
      [2, 79.5],
      [2, 80.4],
      [1, 120],
    ],
  );
});

test('sound that is earlier than the first key frame follows it', async () => {
  const input = {
    video: [video(100, true), video(140)],
    audio: [audio(-21), audio(0), audio(120)],
  };
  const { packets } = await pull(input);
  assert.equal(
    packets.map(({ presentationTs }) => presentationTs),
    [100, -21, 0, 120, 140],
  );
});

test('sound waits for the first key frame of video that begins without one', async () => {
  const input = { video: [video(0), video(40), video(80, true)], audio: [audio(0), audio(90)] };
  const { packets } = await pull(input);
  assert.equal(
    packets.map(({ trackId, presentationTs }) => [trackId, presentationTs]),
    [
      [1, 0],
      [1, 40],
      [1, 80],
      [2, 0],
      [2, 90],
    ],
  );
});

test('sound before the leading pictures of an open group goes before its key frame', async () => {
  const input = {
    video: [video(0, true), video(40), video(160, true), video(80), video(120), video(200)],
    audio: [audio(79), audio(80), audio(159)],
  };
  const { packets } = await pull(input);
  const order = packets.map(({ trackId, presentationTs }) => `${trackId}:${presentationTs}`);
  assert.is(order.indexOf('2:79') < order.indexOf('1:160'), true);
  assert.is(order.indexOf('2:80') > order.indexOf('1:160'), true);
  assertFragmentsApart(packets);
});

test('one track alone passes through unchanged', async () => {
  for (const [track, packets] of [
    [VIDEO, [video(0), video(80, true), video(40)]],
    [AUDIO, [audio(-21), audio(0), audio(21)]],
  ] as const) {
    const left = [...packets];
    const out: MediaPacket[] = [];
    for await (const batch of interleaveTracks(async () => left.shift(), [track]))
      out.push(...batch);
    assert.equal(out, packets);
  }
});

test('a track that falls silent does not hold up the other one for ever', async () => {
  const pictureCount = 2000;
  let given = 0;
  async function* batches() {
    yield [audio(0)];
    for (let at = 0; at < pictureCount; at += 1) {
      given += 1;
      yield [video(at * 40, at % 50 === 0)];
    }
  }
  let taken = 0;
  let held = 0;
  for await (const batch of interleaveMixed(batches(), TRACKS)) {
    taken += batch.length;
    held = Math.max(held, given - taken);
  }
  assert.is(taken, pictureCount + 1);
  // Thirty seconds of pictures, and the one that decides.
  assert.ok(held > 700 && held <= 752, `${held} packets were held`);
});

test('what came before an error comes out before it', async () => {
  const failure = new Error('the input is damaged');
  async function* batches() {
    yield [video(0, true), video(40), audio(0)];
    throw failure;
  }
  const packets: MediaPacket[] = [];
  try {
    for await (const batch of interleaveMixed(batches(), TRACKS)) packets.push(...batch);
    assert.unreachable();
  } catch (error) {
    assert.is(error, failure);
  }
  assert.is(packets.length, 3);
});

test('an interleaver tells which track it needs', () => {
  const interleaver = new Interleaver(TRACKS);
  assert.is(interleaver.take(), undefined);
  assert.is(interleaver.wanted, 1);
  interleaver.push(video(0, true));
  assert.is(interleaver.take()?.trackId, 1);
  interleaver.push(video(40));
  assert.is(interleaver.take(), undefined);
  assert.is(interleaver.wanted, 2);
  interleaver.end(2);
  assert.is(interleaver.take()?.presentationTs, 40);
  interleaver.end();
  assert.is(interleaver.take(), undefined);
  assert.is(interleaver.wanted, undefined);
});

test('timecodes are rounded half up, also below zero, as nanoseconds are', () => {
  for (const [time, timecode] of [
    [0, 0],
    [0.4999994, 0],
    [0.4999996, 1],
    [0.5, 1],
    [-0.5, 0],
    [-0.6, -1],
    [-21.333333, -21],
    [1_732_000_000_000.5, 1_732_000_000_001],
  ] as const) {
    assert.is(timecodeOf(time), timecode, String(time));
  }
});
