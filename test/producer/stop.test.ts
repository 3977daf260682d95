import * as assert from 'uvu/assert';
import { startLocalKinesisVideo } from './support/local.js';
import { suite } from '../support/suite.js';
import { collect, failureOf, makeStream, putAll } from './support/client.js';
import { startFake, type FakeUpload } from './support/fake-service.js';
import { frames, START } from './support/media.js';

const test = suite('producer stop', { timeout: 20_000 });

const readAndAck = (upload: FakeUpload): void => {
  upload.readAndAck();
};
const sayNothing = (upload: FakeUpload): void => {
  upload.accept();
  upload.read();
};

test('stop waits for the last acknowledgement, however late it comes', async (t) => {
  const local = await startLocalKinesisVideo({ ackDelay: 500 });
  t.after(() => local.close());
  const stream = await makeStream(t, local.endpoint);
  const acks = collect(stream, 'fragmentAck');
  await putAll(stream, frames({ count: 30 }));
  const result = await stream.stop();
  assert.is(result.complete, true);
  assert.is(result.persistedFragments, 3);
  assert.is(result.receivedFragments, 3);
  assert.is(result.deliveredFragments, 3);
  assert.is(result.undelivered, undefined);
  const persisted = acks.filter(([{ type }]) => type === 'PERSISTED');
  assert.is(persisted.length, 3, 'all events come before stop is done');
  assert.is(stream.state, 'closed');
});

test('stopping a stream without frames makes no connection', async (t) => {
  const fake = await startFake(t, readAndAck);
  const stream = await makeStream(t, fake.endpoint);
  const result = await stream.stop();
  assert.is(result.complete, true);
  assert.is(result.deliveredFrames, 0);
  assert.is(fake.uploads.length, 0);
});

test('stopping again, or twice at once, gives the same result', async (t) => {
  const fake = await startFake(t, readAndAck);
  const stream = await makeStream(t, fake.endpoint);
  await putAll(stream, frames({ count: 10 }));
  const [first, second] = await Promise.all([stream.stop(), stream.stop()]);
  assert.is(first, second);
  assert.is(await stream.stop(), first);
});

test('a stop that runs out of time says what was given up, and from when to when', async (t) => {
  const fake = await startFake(t, (upload) => {
    upload.accept();
    upload.read(() => {
      if (upload.timecodes.length >= 3) upload.ack('PERSISTED', START);
    });
  });
  const stream = await makeStream(t, fake.endpoint);
  await putAll(stream, frames({ count: 35 }));
  const started = performance.now();
  const result = await stream.stop({ timeout: 300 });
  assert.ok(performance.now() - started < 2000);
  assert.is(result.complete, false);
  assert.is(result.deliveredFrames, 10);
  assert.is(result.undeliveredFrames, 25);
  assert.equal(result.undelivered, {
    firstPresentationTs: START + 1000,
    lastPresentationTs: START + 3400,
  });
  assert.is(stream.state, 'closed');
});

test('a stop gives up in time when the service cannot be reached at all', async (t) => {
  const fake = await startFake(t, (upload) => {
    upload.reset();
  });
  const stream = await makeStream(t, fake.endpoint);
  await putAll(stream, frames({ count: 10 }));
  const result = await stream.stop({ timeout: 500 });
  assert.is(result.complete, false);
  assert.is(result.undeliveredFrames, 10);
});

test('an aborted stop rejects with the reason and drops what is left', async (t) => {
  const fake = await startFake(t, sayNothing);
  const stream = await makeStream(t, fake.endpoint);
  await putAll(stream, frames({ count: 10 }));
  const reason = new Error('enough');
  const before = stream.stop({ signal: AbortSignal.abort(reason) });
  assert.is(await before.catch((error: unknown) => error), reason);
  assert.is.not(stream.state, 'closed');

  const controller = new AbortController();
  const stopping = stream.stop({ signal: controller.signal });
  setTimeout(() => {
    controller.abort(reason);
  }, 50);
  assert.is(await stopping.catch((error: unknown) => error), reason);
  assert.is(stream.state, 'closed');
  assert.is((await stream.stop()).undeliveredFrames, 10);
});

test('a stopped stream takes nothing more and says so', async (t) => {
  const fake = await startFake(t, readAndAck);
  const stream = await makeStream(t, fake.endpoint);
  const [frame] = frames({ count: 1 });
  if (frame === undefined) throw new Error('no frame');
  const stopping = stream.stop();
  const code = 'STATUS_STREAM_HAS_BEEN_STOPPED';
  const put = (): void => {
    stream.putFrame(frame);
  };
  assert.is((await failureOf(put)).code, code);
  await stopping;
  assert.is((await failureOf(put)).code, code);
  assert.match((await failureOf(put)).message, /create it again with client\.createStream\(\)/);
  assert.is((await failureOf(() => stream.put(frame))).code, code);
  assert.is(
    (
      await failureOf(() => {
        stream.putFragmentMetadata('name', 'value');
      })
    ).code,
    code,
  );
  assert.is(stream.metrics.framesPut, 0);
});

test('destroying drops everything at once and can be repeated', async (t) => {
  const fake = await startFake(t, sayNothing);
  const stream = await makeStream(t, fake.endpoint);
  await putAll(stream, frames({ count: 10 }));
  const upload = await fake.upload(0);
  stream.destroy();
  stream.destroy();
  assert.is(stream.state, 'closed');
  const result = await stream.stop();
  assert.is(result.complete, false);
  assert.is(result.undeliveredFrames, 10);
  await upload.bodyEnded;
});

test('destroying with an error makes it what the stream has failed with', async (t) => {
  const fake = await startFake(t, sayNothing);
  const stream = await makeStream(t, fake.endpoint);
  const errors = collect(stream, 'error');
  const { KinesisVideoError } = await import('../../ts/index.js');
  const own = new KinesisVideoError('STATUS_INVALID_OPERATION', 'The camera is gone.');
  stream.destroy(own);
  assert.is(await failureOf(() => stream.stop()), own);
  assert.equal(errors, [[own]]);
});

test('a stop can be given a deadline instead of a time', async (t) => {
  const fake = await startFake(t, sayNothing);
  for (const deadline of [new Date(Date.now() + 200), Date.now() + 200, new Date(0)]) {
    const stream = await makeStream(t, fake.endpoint);
    await putAll(stream, frames({ count: 10 }));
    const started = performance.now();
    const result = await stream.stop({ deadline });
    assert.is(result.complete, false);
    assert.is(result.undeliveredFrames, 10);
    assert.ok(performance.now() - started < 1500);
  }
});

test('limits of the wrong kind are refused and stop nothing', async (t) => {
  const fake = await startFake(t, readAndAck);
  const stream = await makeStream(t, fake.endpoint);
  const wrong = [
    { timeout: -1 },
    { timeout: 'soon' },
    { deadline: 'noon' },
    { deadline: NaN },
    { timeout: 5, deadline: 5 },
    { signal: {} },
    { timout: 5 },
  ];
  for (const options of wrong) {
    const error = await failureOf(() => stream.stop(options as never));
    assert.is(error.code, 'STATUS_INVALID_ARG', JSON.stringify(options));
  }
  await putAll(stream, frames({ count: 5 }));
  assert.is((await stream.stop()).complete, true);
});

test('a stream without acknowledgements is done when all is sent', async (t) => {
  const fake = await startFake(t, (upload) => {
    upload.accept();
    upload.read();
    upload.request.on('end', () => upload.response.end());
  });
  const stream = await makeStream(t, fake.endpoint, { fragmentAcks: false });
  await putAll(stream, frames({ count: 30 }));
  const result = await stream.stop();
  assert.is(result.complete, true);
  assert.is(fake.uploads.length, 1);
  assert.is(fake.uploads[0]?.request.headers['x-amzn-fragment-acknowledgment-required'], '0');
});
