import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { collect, makeClient, makeStream, putAll } from './support/client.js';
import { startFake, type FakeUpload } from './support/fake-service.js';
import { definition, frames } from './support/media.js';

const test = suite('independence of streams', { timeout: 20_000 });

const readAndAck = (upload: FakeUpload): void => {
  upload.readAndAck();
};
const streamOf = (upload: FakeUpload): unknown => upload.request.headers['x-amzn-stream-name'];

test('a stream whose uploads fail does not slow down another one of its client', async (t) => {
  const fake = await startFake(t, (upload) => {
    if (streamOf(upload) === 'bad') upload.refuse(503, 'ServiceUnavailableException');
    else upload.readAndAck();
  });
  const client = makeClient(t, fake.endpoint);
  const bad = await client.createStream(definition({ streamName: 'bad' }));
  const failures = collect(bad, 'disconnected');
  for (const frame of frames({ count: 20 })) bad.putFrame(frame);
  while (failures.length < 4) await new Promise((resolve) => setTimeout(resolve, 10));

  // By now the failing stream pauses for 800 ms and more.
  const good = await client.createStream(definition({ streamName: 'good' }));
  const started = performance.now();
  await putAll(good, frames({ count: 20 }));
  const result = await good.stop();
  assert.is(result.complete, true);
  assert.ok(performance.now() - started < 400, `${performance.now() - started} ms`);
  bad.destroy();
});

test('a stream that waits for room holds up no frame of another one of its client', async (t) => {
  const fake = await startFake(t, (upload) => {
    // Accepted, but not a byte of it is read.
    if (streamOf(upload) === 'full') upload.accept();
    else upload.readAndAck();
  });
  const client = makeClient(t, fake.endpoint);
  const full = await client.createStream(
    definition({ streamName: 'full', streamingType: 'offline', highWaterMark: 1_000_000 }),
  );
  const waiting = putAll(full, frames({ count: 500, size: 100_000 })).catch(() => 'ended');

  const live = await client.createStream(definition({ streamName: 'live' }));
  let slowest = 0;
  for (const frame of frames({ count: 300 })) {
    const before = performance.now();
    live.putFrame(frame);
    slowest = Math.max(slowest, performance.now() - before);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const result = await live.stop();
  assert.is(result.complete, true);
  assert.is(result.deliveredFrames, 300);
  assert.ok(slowest < 250, `a put took ${slowest} ms`);
  assert.ok(full.metrics.framesPut < 500, 'the other stream still waits');
  full.destroy();
  assert.is(await waiting, 'ended');
});

test('a service that asks to be left alone for a second is', async (t) => {
  const times: number[] = [];
  const fake = await startFake(
    t,
    (upload) => {
      times.push(performance.now());
      upload.response.setHeader('retry-after', '1');
      upload.refuse(503, 'ServiceUnavailableException');
    },
    (upload) => {
      times.push(performance.now());
      readAndAck(upload);
    },
  );
  const stream = await makeStream(t, fake.endpoint);
  const disconnected = collect(stream, 'disconnected');
  for (const frame of frames({ count: 20 })) stream.putFrame(frame);
  await fake.upload(1);
  const [first = 0, second = 0] = times;
  assert.ok(second - first > 990, `${second - first} ms`);
  assert.is(disconnected[0]?.[0].error?.values['retryAfter'], 1000);
  assert.is((await stream.stop()).complete, true);
});
