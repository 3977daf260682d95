import { once } from 'node:events';
import * as assert from 'uvu/assert';
import {
  continuousRetry,
  type KinesisVideoError,
  type RetryAction,
  type RetryAdvice,
  type RetryCallbacks,
  type StreamTroubles,
} from '../../ts/index.js';
import { suite } from '../support/suite.js';
import { collect, failureOf, makeClient, makeStream, putAll, until } from './support/client.js';
import { startFake, type FakeUpload } from './support/fake-service.js';
import { frames, START } from './support/media.js';

const test = suite('retry callbacks', { timeout: 20_000 });

const readAndAck = (upload: FakeUpload): void => {
  upload.readAndAck();
};
const readNothing = (upload: FakeUpload): void => {
  upload.accept();
};
const sayNothing = (upload: FakeUpload): void => {
  upload.accept();
  upload.read();
};
const refuse = (upload: FakeUpload): void => {
  upload.refuse(503, 'ServiceUnavailable');
};
const deny = (upload: FakeUpload): void => {
  upload.refuse(403, 'AccessDeniedException');
};

test('latency has the connection reset while the buffer grows, and no more often than told', async () => {
  const { latencyPressure } = continuousRetry({ quietTime: 100, verificationTime: 200 });
  const actions: RetryAdvice[] = [];
  const press = async (duration: number, pause: number): Promise<void> => {
    actions.push(latencyPressure({ streamName: 'a', duration }));
    await new Promise((resolve) => setTimeout(resolve, pause));
  };
  await press(1000, 10);
  await press(2000, 120); // within the quiet time
  await press(900, 10); // the reset has helped
  await press(3000, 10); // it has not
  await press(4000, 400); // within the next quiet time
  await press(500, 10); // a trouble of its own
  const reset = 'reset-connection';
  assert.equal(actions, [reset, 'continue', 'continue', reset, 'continue', reset]);
  assert.is(latencyPressure({ streamName: 'b', duration: 1 }), reset, 'streams do not share it');
});

test('a buffer that grows beyond maxLatency has the connection made anew', async (t) => {
  const fake = await startFake(t, readNothing, readAndAck);
  const stream = await makeStream(t, fake.endpoint, { maxLatency: 3000 });
  const media = frames({ count: 90, size: 100_000 });
  await putAll(stream, media.slice(0, 10));
  await until(t, () => stream.state === 'streaming');
  await putAll(stream, media.slice(10));
  await fake.upload(1);
  const result = await stream.stop();
  assert.is(result.complete, true);
  assert.is(result.deliveredFrames + result.droppedFrames.total, 90);
});

test('latency can be left alone', async (t) => {
  const fake = await startFake(t, readNothing);
  const seen: StreamTroubles['latencyPressure'][] = [];
  const stream = await makeStream(
    t,
    fake.endpoint,
    { maxLatency: 3000 },
    {
      retryCallbacks: {
        latencyPressure: (trouble) => {
          seen.push(trouble);
          return 'continue';
        },
      },
    },
  );
  const media = frames({ count: 90, size: 100_000 });
  await putAll(stream, media.slice(0, 10));
  await until(t, () => stream.state === 'streaming');
  await putAll(stream, media.slice(10));
  await until(t, () => seen.length > 0);
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.is(fake.uploads.length, 1);
  assert.is(seen[0]?.streamName, 'cam');
  assert.ok((seen[0]?.duration ?? 0) > 3000);
});

test("latency is nobody's question while there is no connection", async (t) => {
  const fake = await startFake(t, refuse);
  let asked = 0;
  const stream = await makeStream(
    t,
    fake.endpoint,
    { maxLatency: 3000 },
    {
      retryCallbacks: {
        latencyPressure: () => {
          asked += 1;
          return 'continue';
        },
      },
    },
  );
  const told = collect(stream, 'latencyPressure');
  await putAll(stream, frames({ count: 60 }));
  await until(t, () => told.length > 0);
  assert.is(asked, 0);
});

test('a silent service can be waited for', async (t) => {
  let stale = 0;
  const fake = await startFake(t, sayNothing);
  const stream = await makeStream(
    t,
    fake.endpoint,
    { connectionStaleness: 1000 },
    {
      retryCallbacks: {
        connectionStale: ({ duration }) => {
          stale += 1;
          assert.ok(duration >= 1000);
          return 'continue';
        },
      },
    },
  );
  await putAll(stream, frames({ count: 20 }));
  await until(t, () => stale > 0);
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.is(fake.uploads.length, 1);
  assert.is(stream.state, 'streaming');
});

test('a program can give up after so many failures', async (t) => {
  const fake = await startFake(t, refuse);
  const failures: number[] = [];
  const stream = await makeStream(
    t,
    fake.endpoint,
    {},
    {
      retryCallbacks: {
        ...continuousRetry(),
        streamError: ({ failures: count, suggested, error, pause }) => {
          failures.push(count);
          assert.is(suggested, 'continue');
          assert.is(error.code, 'STATUS_SERVICE_CALL_UNKNOWN_ERROR');
          assert.ok(pause >= 100);
          return count < 3 ? suggested : 'fail';
        },
      },
    },
  );
  await putAll(stream, frames({ count: 20 }));
  const [error] = (await once(stream, 'error')) as [KinesisVideoError];
  assert.is(error.code, 'STATUS_SERVICE_CALL_UNKNOWN_ERROR');
  assert.equal(failures, [1, 2, 3]);
});

test('a program can go on where the stream would not', async (t) => {
  const fake = await startFake(t, deny, deny, readAndAck);
  const stream = await makeStream(
    t,
    fake.endpoint,
    {},
    {
      retryCallbacks: {
        streamError: ({ suggested }) => {
          assert.is(suggested, 'fail');
          return Promise.resolve('continue');
        },
      },
    },
  );
  await putAll(stream, frames({ count: 20 }));
  assert.is((await stream.stop()).complete, true);
  assert.is(fake.uploads.length, 3);
});

test('a stream can be begun anew, which tells of the frames that are dropped', async (t) => {
  const fake = await startFake(t, refuse, readAndAck);
  const stream = await makeStream(
    t,
    fake.endpoint,
    {},
    {
      retryCallbacks: { streamError: () => 'reset-stream' },
    },
  );
  const drops = collect(stream, 'droppedFrame');
  await putAll(stream, frames({ count: 20 }));
  await until(t, () => drops.length > 0);
  assert.is(drops[0]?.[0].reason, 'reset');
  await putAll(stream, frames({ count: 10, start: START + 2000 }));
  const result = await stream.stop();
  assert.is(result.deliveredFrames, 10);
  assert.is(result.droppedFrames.reset, 20);
});

test('dropped frames can end a stream that must not lose any', async (t) => {
  const fake = await startFake(t, readNothing);
  const stream = await makeStream(
    t,
    fake.endpoint,
    { bufferDuration: 3000 },
    {
      retryCallbacks: {
        droppedFrame: ({ reason }) => (reason === 'buffer-duration' ? 'fail' : 'continue'),
      },
    },
  );
  const media = frames({ count: 200, size: 150_000 });
  const error = await failureOf(async () => {
    for (const frame of media) {
      await stream.put(frame);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await stream.stop();
  });
  assert.is(error.code, 'STATUS_CONTINUOUS_RETRY_RESET_FAILED');
  assert.match(error.message, /given up by the retry callback droppedFrame/);
});

for (const [what, callback, problem] of [
  [
    'throws',
    () => {
      throw new Error('oops');
    },
    /has (thrown|failed:) Error: oops/,
  ],
  ['is rejected', () => Promise.reject(new Error('oops')), /has failed: Error: oops/],
  ['answers rubbish', () => 'whatever' as RetryAction, /has answered "whatever"/],
] as const) {
  test(`a callback that ${what} is told of, and the default holds`, async (t) => {
    const fake = await startFake(t, refuse, readAndAck);
    const warnings: string[] = [];
    const logger = { warn: (_details: object, message: string) => warnings.push(message) };
    const retryCallbacks: RetryCallbacks = { streamError: callback };
    const stream = await makeStream(t, fake.endpoint, {}, { retryCallbacks, logger });
    await putAll(stream, frames({ count: 20 }));
    assert.is((await stream.stop()).complete, true);
    assert.ok(
      warnings.some((warning) => problem.test(warning)),
      warnings.join('\n'),
    );
  });
}

test('a callback that never answers holds an upload up for 5 s, no longer', async (t) => {
  const fake = await startFake(t, refuse, readAndAck);
  const stream = await makeStream(
    t,
    fake.endpoint,
    {},
    {
      retryCallbacks: { streamError: () => new Promise(() => undefined) },
    },
  );
  await putAll(stream, frames({ count: 20 }));
  const before = performance.now();
  assert.is((await stream.stop()).complete, true);
  assert.ok(performance.now() - before < 8000);
});

test('callbacks that do not exist are refused', async (t) => {
  const error = await failureOf(() =>
    makeClient(t, 'http://127.0.0.1:1', {
      retryCallbacks: { streamErrors: () => 'continue' } as RetryCallbacks,
    }),
  );
  assert.match(error.message, /"streamErrors" for retryCallbacks.*"streamError"/);
});
