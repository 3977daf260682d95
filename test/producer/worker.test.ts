import { once } from 'node:events';
import { syncBuiltinESMExports } from 'node:module';
import threads, { threadId, type Worker } from 'node:worker_threads';
import * as assert from 'uvu/assert';
import { KinesisVideoError, type KinesisVideoClient, type RetryCallbacks } from '../../ts/index.js';
import { pack, unpack } from '../../ts/producer/worker/pack.js';
import { suite, type TestContext } from '../support/suite.js';
import { collect, failureOf, makeClient, makeStream, putAll, until } from './support/client.js';
import { startFake, type FakeUpload } from './support/fake-service.js';
import { definition, frames, START } from './support/media.js';

const test = suite('producer worker', { timeout: 60_000 });
const KEYS = { accessKeyId: 'local', secretAccessKey: 'local' };

const fail = (): never => {
  throw new Error('not for you');
};

const readAndAck = (upload: FakeUpload): void => {
  upload.readAndAck();
};

/** The workers that are started from now on. */
function watchWorkers(t: TestContext): Worker[] {
  const workers: Worker[] = [];
  const listener = (worker: Worker): void => {
    workers.push(worker);
  };
  process.on('worker', listener);
  t.after(() => process.off('worker', listener));
  return workers;
}

test('a worker that dies is replaced, and all that was put is delivered', async (t) => {
  const workers = watchWorkers(t);
  const fake = await startFake(t, readAndAck);
  const stream = await makeStream(t, fake.endpoint, {}, { transport: 'worker' });
  const lost = collect(stream, 'disconnected');
  await putAll(stream, frames({ count: 25 }));
  await until(t, () => stream.metrics.acks.persisted > 0);
  for (let round = 1; round <= 2; round += 1) {
    await workers.at(-1)?.terminate();
    await putAll(stream, frames({ count: 25, start: START + round * 10_000 }));
    await until(t, () => workers.length > round && stream.state === 'streaming');
  }
  const result = await stream.stop();
  assert.is(result.complete, true);
  assert.is(result.deliveredFrames, 75);
  assert.is(lost[0]?.[0].error?.code, 'STATUS_INTERNAL_ERROR');
  assert.is(lost[0]?.[0].error?.retryable, true);
  assert.ok(stream.metrics.calls.retries >= 2);
});

test('a worker that cannot be started, for want of memory, is started later', async (t) => {
  const { Worker } = threads;
  const fake = await startFake(t, readAndAck);
  const workers = watchWorkers(t);
  const stream = await makeStream(t, fake.endpoint, {}, { transport: 'worker' });
  await putAll(stream, frames({ count: 25 }));
  let attempts = 0;
  const setWorker = (value: unknown): void => {
    Object.assign(threads, { Worker: value });
    syncBuiltinESMExports();
  };
  t.after(() => {
    setWorker(Worker);
  });
  setWorker(function refuse(): never {
    attempts += 1;
    throw new Error('Worker initialization failure: EAGAIN');
  });
  await workers[0]?.terminate();
  await until(t, () => attempts >= 2);
  setWorker(Worker);
  const result = await stream.stop();
  assert.is(result.complete, true);
  assert.is(result.deliveredFrames, 25);
});

test('a stream that is created while the worker dies is created by the next one', async (t) => {
  const workers = watchWorkers(t);
  const fake = await startFake(t, readAndAck);
  const client = makeClient(t, fake.endpoint, { transport: 'worker' });
  const first = await client.createStream(definition());
  const second = client.createStream(definition({ streamName: 'cam-2' }));
  void workers[0]?.terminate();
  const stream = await second;
  await putAll(stream, frames({ count: 25 }));
  assert.is((await stream.stop()).complete, true);
  first.destroy();
});

test('a client has one worker for all its streams, and none once it is closed', async (t) => {
  const workers = watchWorkers(t);
  const fake = await startFake(t, readAndAck);
  const client = makeClient(t, fake.endpoint, { transport: 'worker' });
  assert.is(workers.length, 0, 'it starts with the first stream');
  for (const streamName of ['a', 'b']) await client.createStream(definition({ streamName }));
  assert.is(workers.length, 1);
  const [worker] = workers as [Worker];
  const exit = once(worker, 'exit');
  await client.close();
  await exit;
});

test('credentials are asked for in the thread of the program, and kept in the worker', async (t) => {
  const fake = await startFake(t, (upload) => {
    if (fake.uploads.length < 3) upload.reset();
    else upload.readAndAck();
  });
  const asked: [number, string | undefined][] = [];
  const provider = (streamName?: string) => () => {
    asked.push([threadId, streamName]);
    return Promise.resolve({ ...KEYS, expiration: new Date(Date.now() + 3_600_000) });
  };
  const credentials = Object.assign(provider(), { forStream: provider });
  const stream = await makeStream(t, fake.endpoint, {}, { transport: 'worker', credentials });
  await putAll(stream, frames({ count: 25 }));
  await stream.stop();
  assert.is(fake.uploads.length, 3);
  assert.equal(asked, [[threadId, 'cam']]);
});

/** What a stream that never comes up says; the first try may be over before the worker has started. */
async function whyNoStream(client: KinesisVideoClient, expected: RegExp): Promise<string> {
  let message = '';
  for (let tries = 0; tries < 4 && !expected.test(message); tries += 1)
    ({ message } = await failureOf(() => client.createStream(definition(), { timeout: 2000 })));
  return message;
}

test('what a provider of credentials throws is in the error', async (t) => {
  const fake = await startFake(t, readAndAck);
  const credentials = (): Promise<never> => Promise.reject(new Error('no such role'));
  const client = makeClient(t, fake.endpoint, { transport: 'worker', credentials });
  const expected = /no such role/;
  assert.match(await whyNoStream(client, expected), expected);
});

const cyclic: Record<string, unknown> = { name: 'response' };
Object.assign(cyclic, { socket: cyclic, request: { response: cyclic, again: cyclic } });

for (const [what, answer] of [
  ['a thing that cannot be cloned', { handlers: new Map([['on', (): number => 1]]) }],
  ['a thing that contains itself', cyclic],
  [
    'an object whose getter throws',
    Object.defineProperty({}, 'a', { enumerable: true, get: fail }),
  ],
  ['keys with a function for a date', { ...KEYS, expiration: new Map([['on', fail]]) }],
] as const) {
  for (const verb of ['throws', 'answers']) {
    test(`a provider of credentials that ${verb} ${what} has failed, and nothing else`, async (t) => {
      const fake = await startFake(t, readAndAck);
      const credentials = (): Promise<never> =>
        // What is thrown may be anything.
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
        verb === 'throws' ? Promise.reject(answer) : Promise.resolve(answer as never);
      const client = makeClient(t, fake.endpoint, { transport: 'worker', credentials });
      const expected = /The (credentials of the )?`credentials` function/;
      assert.match(await whyNoStream(client, expected), expected);
    });
  }
}

test('retry callbacks run in the thread of the program and may take their time', async (t) => {
  const fake = await startFake(t, (upload) => {
    upload.reset();
  });
  const seen: unknown[] = [];
  const retryCallbacks: RetryCallbacks = {
    streamError: async ({ streamName, error, failures }) => {
      seen.push([threadId, streamName, error instanceof KinesisVideoError, failures]);
      await new Promise((resolve) => setTimeout(resolve, 20));
      return failures === 2 ? 'fail' : 'continue';
    },
  };
  const stream = await makeStream(t, fake.endpoint, {}, { transport: 'worker', retryCallbacks });
  const errors = collect(stream, 'error');
  await putAll(stream, frames({ count: 25 }));
  await until(t, () => errors.length > 0);
  assert.equal(seen, [
    [threadId, 'cam', true, 1],
    [threadId, 'cam', true, 2],
  ]);
});

test('an error of the service keeps all that it tells on its way', async (t) => {
  const failures = [];
  for (const transport of ['main', 'worker'] as const) {
    const fake = await startFake(t, readAndAck);
    fake.failures.set('describeStream', { status: 403, type: 'AccessDeniedException' });
    const client = makeClient(t, fake.endpoint, { transport });
    const error = await failureOf(() => client.createStream(definition()));
    assert.match(error.stack ?? '', /^KinesisVideoError: .*\n +at /);
    failures.push({ ...error.toJSON(), values: { ...error.values, endpoint: '' }, message: '' });
  }
  assert.equal(failures[1], failures[0]);
});

test('values are the same on the other side, but for functions and foreign classes', () => {
  const cause = Object.assign(new Error('reset'), { code: 'ECONNRESET' });
  const error = new KinesisVideoError('STATUS_INVALID_ARG', 'No.', {
    values: { size: 3 },
    advice: 'try less',
    retryable: true,
    requestId: 'id-1',
    cause,
  });
  const sent = {
    error,
    list: [1, 'a', null, undefined],
    date: new Date(5),
    bytes: Buffer.from('ab'),
  };
  const got = unpack(structuredClone(pack(sent))) as typeof sent;
  assert.instance(got.error, KinesisVideoError);
  assert.equal(got.error.toJSON(), error.toJSON());
  assert.is(got.error.stack, error.stack);
  assert.is((got.error.cause as typeof cause).code, 'ECONNRESET');
  assert.ok(Buffer.isBuffer(got.bytes) && got.bytes.toString() === 'ab');
  assert.equal([got.list, got.date], [sent.list, sent.date]);
  assert.equal(unpack(pack({ work: () => 1 })), { work: undefined });
  assert.throws(() => pack({ url: new URL('http://a') }, () => 0), /of the class URL/);
});
