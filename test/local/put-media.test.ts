import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { pieces } from '../parser/support/events.js';
import { cluster, liveHeader, liveStream, simpleBlock, tags } from '../parser/support/mkv.js';
import { suite } from '../support/suite.js';
import { requireTool } from '../support/tools.js';
import { startWithStream } from './support/endpoint.js';
import { listFragments } from './support/fragments.js';
import { request } from './support/http.js';
import { putMedia, TestPutMedia } from './support/put-media.js';
import { signedHeaders } from './support/signing.js';

const test = suite('PutMedia', { timeout: 15_000 });

test('acknowledges each step of a fragment in the words of the service', async (t) => {
  const { local } = await startWithStream(t);
  const { response, text } = await putMedia(t, local, liveStream([120]));
  assert.is(response.statusCode, 200);
  assert.is(response.headers['transfer-encoding'], 'chunked');
  assert.match(String(response.headers['x-amzn-requestid']), /^[0-9a-f-]{36}$/);
  const number = /"(\d+)"/.exec(text)?.[1] ?? '';
  assert.is(number.length, 47);
  assert.is(
    text,
    ['BUFFERING', 'RECEIVED', 'PERSISTED']
      .map(
        (type) => `{"EventType":"${type}","FragmentTimecode":120,"FragmentNumber":"${number}"}\n`,
      )
      .join(''),
  );
});

test('answers with 200 before any media come, and acknowledges while media go on', async (t) => {
  const { local } = await startWithStream(t);
  const connection = await TestPutMedia.open(t, local);
  assert.is(connection.response.statusCode, 200);
  await connection.write(liveHeader());
  await connection.write(cluster(0, simpleBlock(1, 0)));
  await connection.until('BUFFERING 0');
  assert.equal(connection.summary, ['BUFFERING 0']);
  await connection.write(cluster(100, simpleBlock(1, 0)));
  await connection.until('PERSISTED 0');
  await connection.finish();
  assert.equal(
    connection.summary.filter((line) => line.endsWith(' 100')),
    ['BUFFERING 100', 'RECEIVED 100', 'PERSISTED 100'],
  );
});

test('acknowledges BUFFERING before the first frame of a fragment is complete', async (t) => {
  const { local } = await startWithStream(t);
  const connection = await TestPutMedia.open(t, local);
  const media = liveStream([0], 50_000);
  await connection.write(media.subarray(0, liveHeader().length + 30));
  await connection.until('BUFFERING 0');
  connection.destroy();
});

test('asks for the body of a client that expects 100 Continue', async (t) => {
  const { local } = await startWithStream(t);
  const headers = await signedHeaders(local.endpoint, '/putMedia', {
    headers: {
      'transfer-encoding': 'chunked',
      'x-amzn-stream-name': 'cam',
      'x-amzn-fragment-timecode-type': 'ABSOLUTE',
    },
  });
  const sent = request(local.endpoint, '/putMedia', { ...headers, expect: '100-continue' });
  t.after(() => sent.destroy());
  const order: string[] = [];
  const answered = new Promise<void>((resolve) => {
    sent.on('continue', () => order.push('100'));
    sent.on('response', (response) => {
      order.push(String(response.statusCode));
      resolve();
    });
  });
  sent.flushHeaders();
  await answered;
  assert.equal(order, ['100', '200']);
});

test('takes media that come one byte at a time', async (t) => {
  const { local } = await startWithStream(t);
  const connection = await TestPutMedia.open(t, local);
  const media = Buffer.concat([liveStream([0, 80, 160], 20), tags({ place: 'lab' })]);
  for (const byte of pieces(media, 1)) await connection.write(byte);
  await connection.finish();
  assert.equal(
    connection.summary.filter((line) => line.startsWith('PERSISTED')),
    ['PERSISTED 0', 'PERSISTED 80', 'PERSISTED 160'],
  );
});

test('takes the output of ffmpeg as it is, from a file and from a pipe', async (t) => {
  requireTool(t, 'ffmpeg');
  const { local } = await startWithStream(t);
  for (const name of ['h264-aac.mkv', 'vp8-opus.webm']) {
    const source = fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
    const video = ['-v', 'error', '-i', source, '-map', '0:v', '-c', 'copy', '-f', 'matroska'];
    const file = join(local.dataDir, name);
    execFileSync('ffmpeg', [...video, file]);
    const piped = execFileSync('ffmpeg', [...video, '-']);
    for (const media of [readFileSync(file), piped]) {
      const { summary } = await putMedia(t, local, media);
      const counts = ['BUFFERING', 'RECEIVED', 'PERSISTED'].map(
        (type) => summary.filter((line) => line.startsWith(type)).length,
      );
      assert.is(counts[0], name === 'h264-aac.mkv' ? 3 : counts[0], summary.join(', '));
      assert.equal(counts, [counts[0], counts[0], counts[0]], summary.join(', '));
      assert.is(summary.length, (counts[0] ?? 0) * 3, summary.join(', '));
    }
  }
});

test('gives fragments numbers that ascend, across connections too', async (t) => {
  const { local } = await startWithStream(t);
  const first = await putMedia(t, local, liveStream([0, 80, 160]));
  const second = await putMedia(t, local, liveStream([0, 80]));
  const numbers = [...first.acks, ...second.acks]
    .filter((ack) => ack.EventType === 'BUFFERING')
    .map((ack) => BigInt(ack.FragmentNumber ?? 0));
  assert.is(numbers.length, 5);
  const sequence = numbers.map((number) => Number((number - (1n << 156n)) >> 92n));
  assert.equal(sequence, [1, 2, 3, 1001, 1002]);
  const time = Number(((numbers[0] ?? 0n) >> 28n) & ((1n << 64n) - 1n));
  assert.ok(Math.abs(time - Date.now()) < 5000, `the number carries the time ${time}`);
});

test('does not acknowledge fragments as persisted when the stream retains nothing', async (t) => {
  const { local } = await startWithStream(t, {}, { DataRetentionInHours: 0 });
  const { summary } = await putMedia(t, local, liveStream([0]));
  assert.equal(summary, ['BUFFERING 0', 'RECEIVED 0']);
});

test('sends no acknowledgement when none is wanted, and stores the media', async (t) => {
  const { local } = await startWithStream(t);
  const headers = { 'x-amzn-fragment-acknowledgment-required': '0' };
  const { text } = await putMedia(t, local, liveStream([0]), { headers });
  assert.is(text, '');
  assert.is((await listFragments(local)).length, 1);
});

test('stores nothing of a fragment whose connection is cut', async (t) => {
  const { local } = await startWithStream(t);
  const connection = await TestPutMedia.open(t, local);
  await connection.write(liveStream([0, 80]));
  await connection.until('PERSISTED 0');
  connection.destroy();
  await sleep(100);
  const retry = await putMedia(t, local, liveStream([80]));
  assert.ok(retry.summary.includes('PERSISTED 80'));
  assert.equal(
    (await listFragments(local)).map(({ FragmentNumber }) => FragmentNumber),
    [...connection.acks, ...retry.acks]
      .filter((ack) => ack.EventType === 'PERSISTED')
      .map((ack) => ack.FragmentNumber),
  );
});

test('completes a fragment at the tag that marks its end, without waiting for the next', async (t) => {
  const { local } = await startWithStream(t);
  const connection = await TestPutMedia.open(t, local);
  await connection.write(liveStream([0]));
  await connection.write(tags({ AWS_KINESISVIDEO_END_OF_FRAGMENT: '' }));
  await connection.until('PERSISTED 0');
  await connection.finish(cluster(80, simpleBlock(1, 0)));
  assert.ok(connection.summary.includes('PERSISTED 80'));
});

test('counts producer times from the start for relative timecodes and from 1970 otherwise', async (t) => {
  const { local } = await startWithStream(t);
  await putMedia(t, local, liveStream([1500]), {
    headers: { 'x-amzn-producer-start-timestamp': '1735787045.25' },
  });
  await putMedia(t, local, liveStream([1_735_787_100_007]), {
    headers: {
      'x-amzn-fragment-timecode-type': 'ABSOLUTE',
      'x-amzn-producer-start-timestamp': '5',
    },
  });
  assert.equal(
    (await listFragments(local)).map(({ ProducerTimestamp }) => ProducerTimestamp),
    [1735787046.75, 1735787100.007],
  );
});

test('holds acknowledgements back for as long as it is told', async (t) => {
  const { local } = await startWithStream(t, { ackDelay: 300 });
  const started = performance.now();
  const { summary } = await putMedia(t, local, liveStream([0]));
  assert.ok(performance.now() - started >= 295);
  assert.equal(summary, ['BUFFERING 0', 'RECEIVED 0', 'PERSISTED 0']);
});

test('takes no more bytes a second than it is told', async (t) => {
  const { local } = await startWithStream(t, { ingestRate: 1_000_000 });
  const started = performance.now();
  await putMedia(t, local, liveStream([0, 80], 150_000));
  const seconds = (performance.now() - started) / 1000;
  assert.ok(seconds >= 0.45 && seconds < 1.5, `600 kB took ${seconds} s at 1 MB/s`);
});

test('does not take a producer that it holds back for a silent one', async (t) => {
  const { local } = await startWithStream(t, { ingestRate: 100_000, idleTimeout: 200 });
  const { summary } = await putMedia(t, local, liveStream([0], 60_000));
  assert.equal(summary, ['BUFFERING 0', 'RECEIVED 0', 'PERSISTED 0']);
});

test('takes a thousand tiny fragments at once', async (t) => {
  const { local } = await startWithStream(t, {}, { DataRetentionInHours: 0 });
  const tiny = Array.from({ length: 1000 }, (_, i) => cluster(i, simpleBlock(1, 0, 1)));
  const { summary } = await putMedia(t, local, Buffer.concat([liveHeader(), ...tiny]));
  assert.is(summary.length, 2000);
  assert.ok(summary.includes('RECEIVED 999'));
});

test('holds a producer back that sends faster than it can take', async (t) => {
  const { local } = await startWithStream(t, { ingestRate: 500_000 });
  const connection = await TestPutMedia.open(t, local);
  const written = connection.write(liveStream([0], 20_000_000)).then(() => 'written');
  const outcome = await Promise.race([written, sleep(700).then(() => 'held back')]);
  assert.is(outcome, 'held back');
  connection.destroy();
});
