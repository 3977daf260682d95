import * as assert from 'uvu/assert';
import { clusterScanner } from '../../bench/endpoint/cluster-scanner.mjs';
import { againstBar } from '../../bench/harness/bar.mjs';
import { percentile, summarize, isLowerBetter } from '../../bench/harness/statistics.mjs';
import { quantity, spread } from '../../bench/harness/text.mjs';
import { suite } from '../support/suite.js';

const test = suite('benchmark harness');

test('the median and the spread are those of the rounds', () => {
  assert.equal(summarize([30, 10, 20]), { median: 20, low: 10, high: 30 });
  assert.equal(summarize([4, 1, 3, 2]), { median: 2.5, low: 1, high: 4 });
});

test('figures of five digits are given in a larger unit, and their spread with them', () => {
  assert.is(quantity(9999, 'ns'), '9999 ns');
  assert.is(quantity(14_400, 'ns'), '14.4 µs');
  assert.is(quantity(55e6, 'ns'), '55.0 ms');
  assert.is(quantity(18_600, 'MB/s'), '18.6 GB/s');
  assert.is(quantity(662_000, 'frames/s'), '662 k frames/s');
  assert.is(spread({ low: 9000, high: 19_000, median: 18_600, unit: 'MB/s' }), '9.00 to 19.0');
});

test('percentiles go by nearest rank, and the last one is the worst', () => {
  const values = Array.from({ length: 1000 }, (_, index) => 1000 - index);
  assert.is(percentile(values, 0.5), 500);
  assert.is(percentile(values, 0.999), 999);
  assert.is(percentile(values, 1), 1000);
  assert.is(percentile([7], 0.5), 7);
});

test('a unit that nobody knows the direction of is an error', () => {
  assert.throws(() => isLowerBetter('furlongs'), /The unit "furlongs" is none of/);
});

test('the bar takes the better peer that was measured, and else the published one', () => {
  const measured = (name: string, median: number) => ({
    name,
    unit: 'frames/s',
    better: 'higher' as const,
    median,
  });
  const ours = measured('put-read-js/annexb-10240/kvs', 400_000);
  const muxer = (driver: string, median: number) =>
    measured(`put-read-js/avcc-10240/${driver}`, median);

  const [alone] = againstBar([ours]);
  assert.is(alone?.peer?.measured, false);
  assert.is(alone?.met, true);
  const all = againstBar([ours, muxer('mediabunny', 40_000), muxer('webm-muxer', 50_000)]);
  assert.is(all[0]?.peer?.measured, true);
  assert.is(all[0]?.times, 8);
  assert.is(all.length, 1);
});

test('rounds that took turns are compared with one another', () => {
  const measured = (name: string, rounds: number[]) => ({
    name,
    unit: 'MB/s',
    better: 'higher' as const,
    median: summarize(rounds).median,
    rounds,
  });
  // The machine got slower while it was measured, but in one turn only between the two.
  const ours = measured('put-read/avcc-10240/kvs', [90, 45, 45]);
  const copies = measured('put-read/copied-twice-10240/kvs', [100, 50, 100]);
  assert.is(againstBar([ours, copies])[0]?.times, 0.9);
  assert.is(againstBar([ours])[0]?.times, undefined);
});

test('a figure below the bar misses it', () => {
  const slow = { name: 'import/cpu/kvs', unit: 'ms', better: 'lower' as const, median: 61 };
  assert.is(againstBar([slow])[0]?.met, false);
  assert.is(againstBar([{ ...slow, median: 59 }])[0]?.met, true);
  assert.is(againstBar([slow], { quick: true })[0]?.met, undefined);
});

test('the endpoint finds fragments wherever the upload is cut', () => {
  const cluster = (timecode: number): Buffer => {
    const head = Buffer.from('1f43b67501ffffffffffffffe788', 'hex');
    const time = Buffer.alloc(8);
    time.writeBigUInt64BE(BigInt(timecode));
    return Buffer.concat([head, time, Buffer.alloc(50, 0x80)]);
  };
  const upload = Buffer.concat([Buffer.alloc(40, 0x81), cluster(1_700_000_000_000), cluster(5)]);
  for (let size = 1; size <= upload.length; size += 1) {
    const scan = clusterScanner();
    const found: number[] = [];
    for (let at = 0; at < upload.length; at += size) {
      found.push(...scan(upload.subarray(at, at + size)));
    }
    assert.equal(found, [1_700_000_000_000, 5], `pieces of ${size} bytes`);
  }
});
