import * as assert from 'uvu/assert';
import { cluster, liveHeader, liveStream, simpleBlock } from '../parser/support/mkv.js';
import { suite } from '../support/suite.js';
import { startWithStream } from './support/endpoint.js';
import { listFragments, selector, type Fragment } from './support/fragments.js';
import { call } from './support/http.js';
import { putMedia } from './support/put-media.js';

const test = suite('ListFragments');

test('tells number, size, times and length of each fragment', async (t) => {
  const { local } = await startWithStream(t);
  const blocks = Array.from({ length: 25 }, (_, i) => simpleBlock(1, i * 40));
  const media = Buffer.concat([liveHeader(), cluster(2000, ...blocks)]);
  const { acks } = await putMedia(t, local, media, {
    headers: { 'x-amzn-producer-start-timestamp': '1735787045.250' },
  });
  const [fragment] = await listFragments(local);
  assert.ok(fragment);
  assert.is(fragment.FragmentNumber, acks[0]?.FragmentNumber);
  assert.is(fragment.ProducerTimestamp, 1735787047.25);
  assert.ok(Math.abs(fragment.ServerTimestamp - Date.now() / 1000) < 5);
  assert.is(fragment.FragmentLengthInMilliseconds, 1000);
  // The Segment's size takes 7 bytes more than the producer wrote.
  assert.is(fragment.FragmentSizeInBytes, media.length + 7);
});

test('selects by the start of a fragment, both ends included, and pages through', async (t) => {
  const { local } = await startWithStream(t);
  await putMedia(t, local, liveStream([0, 1000, 2000, 3000, 4000]), {
    headers: { 'x-amzn-producer-start-timestamp': '100' },
  });
  const FragmentSelector = selector('PRODUCER_TIMESTAMP', 101, 104);
  const pages: number[][] = [];
  let request: object = { FragmentSelector };
  for (;;) {
    const { json } = await call(local, '/listFragments', {
      StreamName: 'cam',
      MaxResults: 3,
      ...request,
    });
    pages.push((json['Fragments'] as Fragment[]).map((found) => found.ProducerTimestamp));
    if (json['NextToken'] === null) break;
    request = { NextToken: json['NextToken'] };
  }
  assert.equal(pages, [[101, 102, 103], [104]]);
});

test('refuses what it cannot answer', async (t) => {
  const { local } = await startWithStream(t);
  const stream = { StreamName: 'cam' };
  const cases: [input: object, type: string, message: string][] = [
    [stream, 'InvalidArgumentException', "Member 'FragmentSelector' must not be absent"],
    [
      { ...stream, FragmentSelector: selector('TIME', 0, 1) },
      'InvalidArgumentException',
      "Value 'TIME' at 'FragmentSelector.FragmentSelectorType'",
    ],
    [
      { ...stream, FragmentSelector: selector('SERVER_TIMESTAMP', 2, 1) },
      'InvalidArgumentException',
      'EndTimestamp 1 is before StartTimestamp 2',
    ],
    [{ ...stream, MaxResults: 1001 }, 'InvalidArgumentException', 'an integer from 1 to 1000'],
    [{ ...stream, NextToken: 'abcd' }, 'InvalidArgumentException', 'is not a token'],
    [{ ...stream, NextToken: 'bnVsbA==' }, 'InvalidArgumentException', 'is not a token'],
    [
      { StreamName: 'nobody', FragmentSelector: selector('SERVER_TIMESTAMP', 0, 1) },
      'ResourceNotFoundException',
      'not found',
    ],
  ];
  for (const [input, type, message] of cases) {
    const { headers, json } = await call(local, '/listFragments', input);
    assert.is(headers['x-amzn-errortype'], type);
    assert.match(String(json['Message']), message);
  }
});
