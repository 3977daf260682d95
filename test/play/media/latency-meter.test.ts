import * as assert from 'uvu/assert';
import { LatencyMeter } from '../../../ts/play/media/latency-meter.js';
import { suite } from '../../support/suite.js';

const test = suite('latency meter');

test('there is nothing to tell before the first frame, and after the last one is forgotten', () => {
  const meter = new LatencyMeter();
  assert.is(meter.summary(), undefined);
  meter.add(5);
  assert.equal(meter.summary(), { current: 5, median: 5, high: 5, lowest: 5 });
  meter.clear();
  assert.is(meter.summary(), undefined);
});

test('the current latency follows a change, the others keep what was', () => {
  const meter = new LatencyMeter();
  for (let frame = 0; frame < 100; frame += 1) meter.add(1000);
  for (let frame = 0; frame < 30; frame += 1) meter.add(40);
  assert.equal(meter.summary(), { current: 40, median: 1000, high: 1000, lowest: 40 });
});

test('only so many frames are kept', () => {
  const meter = new LatencyMeter();
  for (let frame = 0; frame < 1000; frame += 1) meter.add(frame);
  assert.is(meter.values.length, 300);
  assert.is(meter.summary()?.lowest, 700);
  assert.is(meter.summary()?.high, 984);
});
