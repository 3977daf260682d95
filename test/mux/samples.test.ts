import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { samplesOf, Timescale, type MatroskaFrame, type MuxTrack } from '../../ts/mux/index.js';
import { suite } from '../support/suite.js';

const test = suite('times of samples');

const NO_DATA = new Uint8Array(0);

/** A track whose pictures are reordered over `depth` frames. */
function videoTrack(depth: number | undefined, frameDuration = 0): MuxTrack {
  return {
    id: 1,
    type: 'video',
    codec: 'h264',
    codecString: 'avc1.42c01e',
    codecPrivate: NO_DATA,
    parameterSets: { lengthSize: 4, vps: [], sps: [], pps: [] },
    timescale: new Timescale(1_000_000),
    frameDuration,
    reordering: { depth, maxDepth: 16 },
    width: 16,
    height: 16,
    frameRate: undefined,
  };
}

function framesAt(times: readonly number[]): MatroskaFrame[] {
  return times.map((time, index) => {
    return { trackNumber: 1, time, duration: undefined, keyFrame: index === 0, data: NO_DATA };
  });
}

test('fragments in a row have decode times in a row', () => {
  const track = videoTrack(2);
  const times = [0, 160, 80, 40, 120, 320, 240, 200, 280];
  const samples = [0, 360].flatMap((start) => samplesOf(track, framesAt(times), 1000 + start));
  const decodeTimes = samples.map(({ decodeTime }) => decodeTime);
  assert.equal(
    decodeTimes,
    Array.from({ length: 18 }, (_, index) => 920 + index * 40),
  );
  assert.ok(samples.every(({ duration }) => duration === 40));
});

test('a time line that begins with zero has no decode time below', () => {
  const samples = samplesOf(videoTrack(2), framesAt([0, 120, 40, 80]), 0);
  assert.equal(
    samples.map(({ decodeTime }) => decodeTime),
    [0, 1, 2, 40],
  );
  assert.equal(
    samples.map(({ presentationTime }) => presentationTime),
    [0, 120, 40, 80],
  );
});

test('a lone frame lasts as long as the track, or else the caller, says', () => {
  assert.is(samplesOf(videoTrack(0, 40), framesAt([0]), 0, 1000)[0]?.duration, 40);
  assert.is(samplesOf(videoTrack(0), framesAt([0]), 0, 1000)[0]?.duration, 1000);
});

test('whatever the times, presentation times stay and decode times rise', () => {
  const times = fc.uniqueArray(fc.integer({ min: 0, max: 20_000 }), {
    minLength: 1,
    maxLength: 60,
  });
  const depth = fc.option(fc.integer({ min: 0, max: 16 }), { nil: undefined });
  const property = fc.property(times, depth, fc.nat(100_000), (at, reordered, origin) => {
    const samples = samplesOf(videoTrack(reordered), framesAt(at), origin);
    assert.equal(
      samples.map(({ presentationTime }) => presentationTime),
      at.map((time) => origin + time),
    );
    for (const [index, { decodeTime, duration }] of samples.entries()) {
      const next = samples[index + 1];
      assert.ok(decodeTime >= 0 && Number.isInteger(decodeTime));
      if (next !== undefined) assert.is(decodeTime + duration, next.decodeTime);
      assert.ok(duration > 0 || next === undefined);
    }
  });
  fc.assert(property, { numRuns: 300 });
});
