import * as assert from 'uvu/assert';
import { Playout } from '../../../ts/play/media/playout.js';
import { suite } from '../../support/suite.js';

const test = suite('playout');

const INTERVAL = 40;

/** Gives frames that arrive `lateness(n)` after their times; returns by how much each is held back. */
function delays(
  playout: Playout,
  frames: number,
  lateness: (frame: number) => number,
): readonly number[] {
  return Array.from({ length: frames }, (_unused, frame) => {
    const time = frame * INTERVAL;
    playout.arrived(time, time + lateness(frame));
    return playout.delay ?? NaN;
  });
}

test('frames that come evenly are shown when they come', () => {
  const playout = new Playout('live');
  assert.is(playout.isDue(0, 1e9), false, 'before the first frame nothing is due');
  delays(playout, 50, () => 30);
  assert.is(playout.delay, 30);
  assert.is(playout.isDue(1000, 1029), false);
  assert.is(playout.isDue(1000, 1030), true);
});

test('a bunch at the beginning is hurried through', () => {
  const playout = new Playout('live');
  // The open fragment so far: 20 frames that come at once.
  for (let frame = 0; frame < 20; frame += 1) playout.arrived(frame * INTERVAL, 800 + frame);
  assert.ok((playout.delay ?? 0) < 60, String(playout.delay));
});

test('frames that come unevenly are held back by as much as the latest of them', () => {
  const playout = new Playout('live');
  const held = delays(playout, 200, (frame) => 20 + (frame % 3) * 30);
  for (const delay of held.slice(60)) assert.is(Math.round(delay), 80);
});

test('once they come evenly again, the delay goes back slowly', () => {
  const playout = new Playout('live');
  const held = delays(playout, 200, (frame) => (frame === 30 ? 110 : 20));
  assert.is(held[30], 110);
  assert.is(held[40], 110, 'it may happen again');
  const steps = held.slice(31).map((delay, index) => (held[30 + index] ?? 0) - delay);
  assert.ok(Math.max(...steps) <= 0.2 * INTERVAL + 1e-6, 'no frame is left out for it');
  assert.is(held.at(-1), 20);
});

test('behind a stall is a new beginning: what is late is not late for ever', () => {
  const playout = new Playout('live');
  // For a second nothing comes, and then all of it.
  const lateness = (frame: number): number =>
    frame >= 50 && frame < 75 ? (75 - frame) * INTERVAL + 20 : 20;
  const held = delays(playout, 100, lateness);
  assert.ok((held[49] ?? 0) <= 20);
  assert.ok((held[76] ?? 0) <= 60, String(held[76]));
});

test('stalls that follow each other are how the stream comes', () => {
  const playout = new Playout('live');
  // In bunches of half a second.
  const held = delays(playout, 400, (frame) => 20 + (12 - (frame % 13)) * INTERVAL);
  for (const delay of held.slice(200)) assert.ok(delay >= 450, String(delay));
});

test('on demand, time passes as it did, from the first frame on', () => {
  const playout = new Playout('paced');
  for (let frame = 0; frame < 100; frame += 1) playout.arrived(frame * INTERVAL, 5000 + frame);
  assert.is(playout.delay, 5000);
  // The connection was too slow: what comes late moves all that follows.
  playout.arrived(100 * INTERVAL, 100 * INTERVAL + 6000);
  assert.is(playout.delay, 6000);
  playout.reset();
  assert.is(playout.delay, undefined);
});
