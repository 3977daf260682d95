import fc from 'fast-check';
import * as assert from 'uvu/assert';
import type { NativeStream } from '../../ts/internal/native.js';
import { suite } from '../support/suite.js';
import { makeClient, makeStream, put, readAll, START } from './support/native.js';

const test = suite('addon times', { timeout: 20_000 });
const FRAME = new Uint8Array(10).fill(1);
const CLUSTER = Buffer.from('1f43b675', 'hex');
const TIMESTAMP = 0xe7;

/** The timecode of the cluster that a stream begins with. */
function clusterTimecode(stream: NativeStream): number {
  const sent = readAll(stream);
  let at = sent.indexOf(CLUSTER) + CLUSTER.length;
  while (sent[at] !== TIMESTAMP) at += 1;
  const length = (sent[at + 1] ?? 0) & 0x7f;
  return Number(BigInt(`0x${sent.subarray(at + 2, at + 2 + length).toString('hex')}`));
}

test('a time becomes the millisecond that Math.round makes of it', (t) => {
  // One for all: the stores of many do not fit into the addresses of 32 bits.
  const client = makeClient(t);
  let last = 0;
  const check = (time: number): void => {
    // Each run needs a stream of its own: time does not run backwards in one.
    const fresh = makeStream(t, { name: `run-${(last += 1)}` }, client);
    assert.is(put(fresh, FRAME, time), 'SUCCESS');
    assert.is(clusterTimecode(fresh), Math.round(time), String(time));
    fresh.close();
  };
  for (const time of [0, 0.49999999999999994, 0.5, 1.5, START + 0.5, START + 0.499755859375]) {
    check(time);
  }
  const epoch = fc.double({ min: 0, max: 4e12, noNaN: true });
  fc.assert(fc.property(epoch, check), { numRuns: 200 });
});

test('a time of the present keeps its fraction to the nanosecond and back', (t) => {
  const stream = makeStream(t);
  for (const [index, fraction] of [0.25, 0.000244140625, 0.999755859375, 0.3330078125].entries()) {
    const time = START + index * 1000 + fraction;
    assert.is(put(stream, FRAME, time), 'SUCCESS');
    const metrics = stream.metrics();
    if (typeof metrics === 'number') throw new Error('no metrics');
    // A double near the epoch is precise to 0.00024 ms, so that equal means equal bits.
    assert.is(metrics.undeliveredLastTs, time);
  }
});

test('a timecode scale of 100 ns writes times of the present in full', (t) => {
  const stream = makeStream(t, { timecodeScale: 0.0001 });
  assert.is(put(stream, FRAME, 1_700_000_000_123.5), 'SUCCESS');
  assert.is(clusterTimecode(stream), 17_000_000_001_235_000);
});
