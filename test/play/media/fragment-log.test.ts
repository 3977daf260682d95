import * as assert from 'uvu/assert';
import type { FragmentEnd, FragmentHeader, MatroskaFrame } from '../../../ts/parser/index.js';
import { FragmentLog } from '../../../ts/play/media/fragment-log.js';
import { suite } from '../../support/suite.js';

const test = suite('fragment log');

const HEADER: FragmentHeader = {
  fragmentNumber: '7',
  producerTimestamp: 1000,
  serverTimestamp: 1010,
  segment: { timestampScale: 1_000_000 },
  tracks: [],
  tags: [{ name: 'room', value: 'kitchen' }],
  events: [],
};
const END: FragmentEnd = {
  tags: [...HEADER.tags, { name: 'late', value: 'tag' }],
  events: [],
  frames: 2,
  bytes: 400,
  duration: 80,
  atEndOfInput: false,
};

function frame(producerTimestamp: number): MatroskaFrame {
  return {
    trackNumber: 1,
    track: undefined,
    data: Buffer.alloc(100),
    keyFrame: true,
    discardable: false,
    timestamp: 0,
    producerTimestamp,
  };
}

test('a fragment grows while it is read, until its end', () => {
  const log = new FragmentLog();
  log.begin(HEADER);
  log.add(frame(1000));
  log.add(frame(1040));
  const seen = () => {
    const [fragment] = log.fragments;
    return fragment && [fragment.number, fragment.serverTime, fragment.bytes, fragment.duration];
  };
  assert.equal(seen(), ['7', 1010, 200, 40]);
  assert.is(log.fragments[0]?.isWhole, false);
  assert.equal(log.fragments[0]?.metadata, HEADER.tags);
  log.end(END);
  assert.equal(seen(), ['7', 1010, 400, 80]);
  assert.is(log.fragments[0]?.isWhole, true);
  assert.equal(log.fragments[0]?.metadata, END.tags);
  // What has no time has no place, and is no part of the fragment before either.
  const { segment, tracks, tags, events } = HEADER;
  log.begin({ segment, tracks, tags, events });
  log.add(frame(5000));
  assert.equal(seen(), ['7', 1010, 400, 80]);
  assert.is(log.fragments.length, 1);
});

test('what is read, listed and acknowledged of a fragment comes together', () => {
  const log = new FragmentLog();
  const ack = { fragmentTime: 1000, error: undefined };
  log.acknowledge({ ...ack, type: 'BUFFERING', fragmentNumber: undefined, time: 1005 });
  log.begin(HEADER);
  log.add(frame(1000));
  assert.is(log.fragments[0]?.isWhole, false);
  log.acknowledge({ ...ack, type: 'RECEIVED', fragmentNumber: '7', time: 2005 });
  log.list([{ number: '7', producerTime: 1000, serverTime: 1010, duration: 1000, size: 5000 }]);
  assert.is(log.fragments.length, 1);
  const [fragment] = log.fragments;
  assert.is(fragment?.number, '7');
  assert.is(fragment?.isWhole, true);
  assert.is(fragment?.duration, 1000);
  assert.is(fragment?.bytes, 5000);
  assert.equal(fragment?.metadata, HEADER.tags);
  assert.equal(
    fragment?.acks.map(({ type }) => type),
    ['BUFFERING', 'RECEIVED'],
  );
});

test('fragments are in the order of time, and the oldest are forgotten', () => {
  const log = new FragmentLog();
  const row = (time: number) => ({
    number: String(time),
    producerTime: time,
    serverTime: time,
    duration: 1000,
    size: 1,
  });
  log.list([row(3000), row(1000), row(2000)]);
  assert.equal(
    log.fragments.map(({ start }) => start),
    [1000, 2000, 3000],
  );
  for (let time = 4000; time < 1_000_000; time += 1000) log.list([row(time)]);
  assert.is(log.fragments.length, 400);
  assert.is(log.fragments.at(-1)?.start, 999_000);
});

test('an error is kept, with what is wrong', () => {
  const log = new FragmentLog();
  const error = { type: 'ERROR', fragmentNumber: '9', fragmentTime: 5, time: 6, error: 'MAX_SIZE' };
  log.acknowledge(error);
  assert.is(log.fragments[0]?.acks[0]?.error, 'MAX_SIZE');
  // One that is about the connection has no fragment to be shown at.
  log.acknowledge({ ...error, fragmentTime: undefined });
  assert.is(log.fragments.length, 1);
});
