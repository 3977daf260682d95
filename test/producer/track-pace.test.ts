import * as assert from 'uvu/assert';
import { TrackPace } from '../../ts/producer/track-pace.js';
import { suite } from '../support/suite.js';

const test = suite('track pace');

test('a track may be ahead of the others by the lead, and no further', () => {
  const pace = new TrackPace([1, 2], 500);
  assert.is(pace.isAhead(1, 1e12), false, 'the first frame of all sets where they begin');
  pace.advance(1, 1000);
  assert.is(pace.isAhead(1, 1500), false);
  assert.is(pace.isAhead(1, 1501), true);
  assert.is(pace.isAhead(2, 1501), true, 'the other one too, of a track that stands still');
  pace.advance(2, 1400);
  assert.is(pace.isAhead(1, 1900), false);
  assert.is(pace.isAhead(1, 1901), true);
});

test('a track that was waited for in vain is not waited for again until it is back', () => {
  const pace = new TrackPace([1, 2, 3], 500);
  pace.advance(1, 0);
  pace.advance(2, 0);
  pace.advance(3, 400);
  pace.giveUpWaiting(1, 600);
  assert.is(pace.isAhead(1, 600), false, 'neither for the second one');
  assert.is(pace.isAhead(1, 901), true, 'but for the third one, which was not behind');
  pace.advance(2, 100);
  assert.is(pace.isAhead(1, 650), true);
});

test('frames that come out of order, and tracks that nobody knows, disturb nothing', () => {
  const pace = new TrackPace([1, 2], 500);
  pace.advance(1, 1000);
  pace.advance(1, 900);
  pace.advance(7, 5000);
  assert.is(pace.isAhead(7, 1e9), false);
  assert.is(pace.isAhead(2, 1500), false);
});
