/** Decoding times, where the source has presentation times alone. */
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { DecodeClock } from '../../ts/codec/decode-clock.js';
import type { MediaPacket } from '../../ts/ingest/index.js';
import { suite } from '../support/suite.js';

const test = suite('decoding times');

const NO_DATA = new Uint8Array(0);

function run(times: readonly number[], depth: number | undefined, maxDepth = 16): MediaPacket[] {
  const clock = new DecodeClock<Omit<MediaPacket, 'decodingTs'>>({ depth, maxDepth });
  const packets = times.flatMap((presentationTs) => {
    return clock.push({ trackId: 1, data: NO_DATA, keyFrame: false, presentationTs, duration: 40 });
  });
  return [...packets, ...clock.finish()];
}

function decodingTimes(packets: readonly MediaPacket[]): number[] {
  return packets.map(({ decodingTs }) => decodingTs);
}

test('without reordering, packets are decoded when they are shown', () => {
  assert.equal(decodingTimes(run([0, 40, 80, 130], 0)), [0, 40, 80, 130]);
});

test('with a depth of two, decoding begins two frames before the first one is shown', () => {
  assert.equal(
    decodingTimes(run([0, 120, 40, 80, 240, 160, 200], 2)),
    [-80, -40, 0, 40, 80, 120, 160],
  );
});

test('a depth that is not told is measured at the beginning', () => {
  assert.equal(
    decodingTimes(run([0, 120, 40, 80, 240, 160, 200], undefined)),
    [-40, 0, 40, 80, 120, 160, 200],
  );
});

test('a stream without reordering is not held once it has shown that it has none', () => {
  const clock = new DecodeClock({ depth: undefined, maxDepth: 4 });
  const given = Array.from({ length: 10 }, (_, index) => {
    const packet = {
      trackId: 1,
      data: NO_DATA,
      keyFrame: false,
      presentationTs: index,
      duration: 1,
    };
    return clock.push(packet).length;
  });
  assert.equal(given, [0, 0, 0, 0, 5, 1, 1, 1, 1, 1]);
});

test('leading pictures of a key frame that comes first are decoded before they are shown', () => {
  const packets = run([120, 40, 80, 160, 200], 2);
  assert.equal(decodingTimes(packets), [-40, 0, 40, 80, 120]);
});

test('decoding times never decrease, whatever the presentation times', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -1000, max: 100_000 }), { maxLength: 60 }),
      fc.option(fc.integer({ min: 0, max: 16 }), { nil: undefined }),
      (times, depth) => {
        const packets = run(times, depth);
        assert.equal(
          packets.map(({ presentationTs }) => presentationTs),
          times,
        );
        packets.reduce((last, { decodingTs }) => {
          assert.ok(decodingTs >= last);
          return decodingTs;
        }, -Infinity);
      },
    ),
  );
});
