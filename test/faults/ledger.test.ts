import * as assert from 'uvu/assert';
import type { DroppedFrames, FragmentAck, StreamMetrics } from '../../ts/index.js';
import { suite } from '../support/suite.js';
import { balance, type Books } from './support/ledger.js';
import type { StoredFragment } from './support/stored.js';

const test = suite('books of the fault suite');

const GOP = 10;

/** A fragment of ten frames, the first of which has the number `from`. */
function fragment(from: number, path = `${from}.mkv`): StoredFragment {
  return { path, timecode: from, frames: Array.from({ length: GOP }, (_, index) => from + index) };
}

const persisted = (fragmentTimecode: number): FragmentAck => ({
  type: 'PERSISTED',
  fragmentNumber: '1',
  fragmentTimecode,
});

/** Books of two fragments, of which the first is delivered and the second is dropped and told. */
function books(changes: Partial<Books> = {}): Books {
  const drop: DroppedFrames = {
    reason: 'rejected',
    frames: GOP,
    fragments: 1,
    bytes: 1000,
    firstPresentationTs: 10,
    lastPresentationTs: 19,
  };
  return {
    accepted: new Map(Array.from({ length: 2 * GOP }, (_, index) => [index, index])),
    stored: [fragment(0)],
    drops: [drop],
    acks: [persisted(0)],
    metrics: metrics(GOP),
    undelivered: undefined,
    ...changes,
  };
}

function metrics(framesDelivered: number): StreamMetrics {
  const counters = { framesPut: 2 * GOP, framesDelivered, undeliveredFrames: 0 };
  return { ...counters, droppedFrames: { total: GOP } } as unknown as StreamMetrics;
}

const problems = (changes: Partial<Books>): string => balance(books(changes)).problems.join('; ');

test('books in which each frame is stored or told are balanced', () => {
  assert.equal(balance(books()), { accepted: 20, persisted: 10, dropped: 10, problems: [] });
});

test('a frame that is neither stored nor told is found', () => {
  const [first] = [fragment(0)];
  assert.match(
    problems({ stored: [{ ...first, frames: first.frames.slice(1) }] }),
    /1 frames vanished, the first is 0/,
  );
});

test('drops that were counted and not told are found', () => {
  assert.match(problems({ drops: [] }), /drops told, drops counted: 0 and 10/);
});

test('a delivery that did not happen is found', () => {
  assert.match(problems({ stored: [] }), /10 frames are said to be delivered, but 0 are stored/);
});

test('a fragment that is stored twice is right only when its PERSISTED was lost', () => {
  const twice = [fragment(0, 'a.mkv'), fragment(0, 'b.mkv')];
  assert.is(problems({ stored: twice }), '');
  const acks = [persisted(0), persisted(0)];
  assert.match(problems({ stored: twice, acks }), /1 fragments were sent again although/);
});

test('a frame that is stored in two fragments of different times is found', () => {
  const stored = [fragment(0), { ...fragment(0, 'b.mkv'), timecode: 1 }];
  assert.match(problems({ stored }), /10 frames are stored in fragments of different timecodes/);
});
