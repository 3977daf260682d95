import { once } from 'node:events';
import * as assert from 'uvu/assert';
import type { RetryCallbacks } from '../../ts/index.js';
import { ControlPlane } from '../../ts/service/index.js';
import { resolveCredentials } from '../../ts/credentials/index.js';
import { canaryCredentials } from '../support/canary.js';
import { suite, type TestContext } from '../support/suite.js';
import { collect, failureOf, makeClient, makeStream, putAll, until } from './support/client.js';
import { startFake, type FakeUpload } from './support/fake-service.js';
import { startLocalKinesisVideo } from './support/local.js';
import { definition, frames, START } from './support/media.js';

const test = suite('producer recovery', { timeout: 20_000 });

const readAndAck = (upload: FakeUpload): void => {
  upload.readAndAck();
};

/** Stores one fragment, then cuts the connection. */
const workThenReset = (upload: FakeUpload): void => {
  upload.accept();
  upload.read(() => {
    if (upload.timecodes.length < 2) return;
    upload.ack('PERSISTED', upload.timecodes[0] ?? START);
    setTimeout(() => {
      upload.reset();
    }, 20);
  });
};

const refuse =
  (status: number, type: string) =>
  (upload: FakeUpload): void => {
    upload.refuse(status, type);
  };

/** A page that has nothing to do with the service, as of a network that wants one to sign in. */
const signInPage = (upload: FakeUpload): void => {
  upload.response.writeHead(403, { 'content-type': 'text/html' });
  upload.response.end('<html>Please sign in</html>');
};

for (const [what, script] of [
  ['a sign-in page', signInPage],
  ['an unknown key', refuse(403, 'UnrecognizedClientException')],
  ['a wrong signature', refuse(403, 'InvalidSignatureException')],
  ['a code that nobody knows', refuse(418, 'TeapotException')],
  ['a stream that is not found for a while', refuse(404, 'ResourceNotFoundException')],
] as const) {
  test(`an upload that has worked gets over ${what}`, async (t) => {
    const fake = await startFake(t, workThenReset, script, script, readAndAck);
    const stream = await makeStream(t, fake.endpoint);
    const media = frames({ count: 40 });
    await putAll(stream, media);
    const result = await stream.stop();
    assert.is(result.complete, true);
    assert.is(result.deliveredFrames, 40);
    assert.is(fake.uploads.length, 4);
  });
}

test('an upload that has worked fails when a policy forbids it', async (t) => {
  const fake = await startFake(t, workThenReset, refuse(403, 'AccessDeniedException'), readAndAck);
  const stream = await makeStream(t, fake.endpoint);
  const left = collect(stream, 'undelivered');
  await putAll(stream, frames({ count: 40 }));
  const [error] = (await once(stream, 'error')) as [{ code: string }];
  assert.is(error.code, 'STATUS_SERVICE_CALL_NOT_AUTHORIZED_ERROR');
  assert.is(stream.health.state, 'failed');
  // The first fragment was stored; the others are lost, which is told before the error.
  assert.equal(left, [
    [{ frames: 30, firstPresentationTs: START + 1000, lastPresentationTs: START + 3900 }],
  ]);
  assert.is(stream.metrics.undeliveredFrames, 30);
  assert.is(fake.uploads.length, 2);
});

test('a request for an expired token is repeated at once, with a new one', async (t) => {
  const fake = await startFake(t, refuse(403, 'ExpiredTokenException'), readAndAck);
  let tokens = 0;
  const credentials = (): Promise<{ accessKeyId: string; secretAccessKey: string }> => {
    tokens += 1;
    return Promise.resolve({ accessKeyId: `AKID${tokens}`, secretAccessKey: 'local' });
  };
  const stream = await makeStream(t, fake.endpoint, {}, { credentials });
  await putAll(stream, frames({ count: 20 }));
  await fake.upload(1);
  assert.is((await stream.stop()).complete, true);
  const keys = fake.uploads.map(({ request }) =>
    /Credential=(\w+)/.exec(request.headers.authorization ?? '')?.slice(1),
  );
  assert.equal(keys, [['AKID1'], ['AKID2']]);
});

async function deleteStream(endpoint: string): Promise<void> {
  const control = new ControlPlane({
    region: 'us-west-2',
    endpoint,
    credentials: resolveCredentials(canaryCredentials),
  });
  await control.deleteStream('cam');
  control.close();
}

/** Puts a frame each 20 ms until the stream ends or the test does. */
async function film(t: TestContext, put: (index: number) => void): Promise<void> {
  for (let index = 0; !t.signal.aborted; index += 1) {
    try {
      put(index);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('a stream that is deleted is created again where that is allowed', async (t) => {
  const local = await startLocalKinesisVideo({ lifecycleDelay: 100 });
  t.after(() => local.close());
  const stream = await makeStream(t, local.endpoint);
  const media = frames({ count: 400 });
  let stopped = false;
  const filming = film(t, (index) => {
    const frame = media[index];
    if (frame === undefined || stopped) throw new Error('over');
    stream.putFrame(frame);
  });
  await until(t, () => stream.metrics.acks.persisted > 0);
  const disconnected = collect(stream, 'disconnected');
  await deleteStream(local.endpoint);
  await until(t, () => disconnected.length > 0);
  const persisted = stream.metrics.acks.persisted;
  await until(t, () => stream.metrics.acks.persisted > persisted);
  stopped = true;
  await filming;
  assert.is((await stream.stop()).complete, true);
});

test('a stream that is deleted fails where it may not be created', async (t) => {
  const local = await startLocalKinesisVideo({ lifecycleDelay: 100 });
  t.after(() => local.close());
  const client = makeClient(t, local.endpoint);
  await (await client.createStream(definition())).stop();
  const stream = await client.createStream(definition({ allowStreamCreation: false }));
  const media = frames({ count: 1000 });
  const filming = film(t, (index) => {
    stream.putFrame(media[index] as (typeof media)[number]);
  });
  await until(t, () => stream.metrics.acks.persisted > 0);
  await deleteStream(local.endpoint);
  const [error] = (await once(stream, 'error')) as [{ code: string; message: string }];
  assert.is(error.code, 'STATUS_SERVICE_CALL_RESOURCE_NOT_FOUND_ERROR');
  assert.match(error.message, /Stream "cam" does not exist/);
  await filming;
});

for (const hours of [-3, 3]) {
  test(`a clock that is ${hours} hours off is corrected by the answers of the service`, async (t) => {
    const local = await startLocalKinesisVideo({ now: () => Date.now() + hours * 3600_000 });
    t.after(() => local.close());
    const stream = await makeStream(t, local.endpoint);
    await putAll(stream, frames({ count: 20 }));
    assert.is((await stream.stop()).complete, true);
  });
}

test('a clock that is ahead by more than the life of the keys is corrected before they are used', async (t) => {
  const serviceNow = (): number => Date.now() - 2 * 3600_000;
  const local = await startLocalKinesisVideo({ now: serviceNow });
  t.after(() => local.close());
  let asked = 0;
  const credentials = () => {
    asked += 1;
    const expiration = new Date(serviceNow() + 3600_000);
    return Promise.resolve({ ...canaryCredentials, expiration });
  };
  const stream = await makeStream(t, local.endpoint, {}, { credentials });
  await putAll(stream, frames({ count: 20 }));
  assert.is((await stream.stop()).complete, true);
  assert.is(asked, 2);
});

test('keys that have really expired are still an error that says so', async (t) => {
  const local = await startLocalKinesisVideo();
  t.after(() => local.close());
  const credentials = () =>
    Promise.resolve({ ...canaryCredentials, expiration: new Date(Date.now() - 60_000) });
  const error = await failureOf(() => makeStream(t, local.endpoint, {}, { credentials }));
  assert.is(error.code, 'STATUS_INVALID_TOKEN_EXPIRATION');
});

test('a clock that is set is corrected at the next connection, at once', async (t) => {
  let offset = 0;
  const local = await startLocalKinesisVideo({ now: () => Date.now() + offset });
  t.after(() => local.close());
  const stream = await makeStream(t, local.endpoint);
  const media = frames({ count: 60 });
  await putAll(stream, media.slice(0, 20));
  await until(t, () => stream.metrics.acks.persisted > 0);
  offset = 3 * 3600_000;
  const before = performance.now();
  stream.resetConnection();
  await putAll(stream, media.slice(20));
  assert.is((await stream.stop()).complete, true);
  assert.ok(performance.now() - before < 3000, `${performance.now() - before} ms`);
});

test('health tells that media gets through, that it does not, and that the stream is closed', async (t) => {
  const fake = await startFake(t, workThenReset, refuse(503, 'ServiceUnavailable'), readAndAck);
  const stream = await makeStream(t, fake.endpoint);
  const seen = collect(stream, 'health');
  assert.equal(stream.health, { state: 'starting' });
  const before = Date.now();
  await putAll(stream, frames({ count: 30 }));
  assert.is((await stream.stop()).complete, true);
  const states = seen.map(([{ state }]) => state);
  const changes = states.filter((state, index) => state !== states[index - 1]);
  assert.equal(changes, ['healthy', 'recovering', 'healthy', 'closed']);
  const recovering = seen.map(([health]) => health).filter(({ state }) => state === 'recovering');
  assert.is(recovering.length, 2, 'each failure is told');
  for (const { lastPersistedAt, error } of recovering) {
    assert.ok(lastPersistedAt !== undefined && lastPersistedAt >= before, 'it is still known');
    assert.is(error?.retryable, true);
  }
  // Each fragment that is stored is news, and so is the first sign of life after a failure.
  const healthy = seen.filter(([{ state }]) => state === 'healthy');
  const { persisted } = stream.metrics.acks;
  assert.ok(healthy.length >= persisted && healthy.length <= persisted + 2, `${healthy.length}`);
  assert.equal(stream.health.state, 'closed');
  assert.is(stream.health.lastPersistedAt, stream.metrics.lastPersistedAt);
});

test('a stream without acknowledgements is healthy while it has a connection', async (t) => {
  const fake = await startFake(t, (upload) => {
    upload.accept();
    upload.read();
  });
  const stream = await makeStream(t, fake.endpoint, { fragmentAcks: false });
  await putAll(stream, frames({ count: 20 }));
  await until(t, () => stream.health.state === 'healthy');
});

test('createStream waits for a service that is not there yet', async (t) => {
  const fake = await startFake(t, readAndAck);
  const warnings: string[] = [];
  fake.failures.set('describeStream', { status: 503, type: 'ServiceUnavailable' });
  const logger = {
    warn: (_details: object, message: string): void => {
      warnings.push(message);
      setTimeout(() => fake.failures.delete('describeStream'), 500);
    },
  };
  const stream = await makeStream(t, fake.endpoint, {}, { logger });
  await putAll(stream, frames({ count: 20 }));
  assert.is((await stream.stop()).complete, true);
  assert.match(warnings[0] ?? '', /DescribeStream on stream "cam".*503/);
});

test('without acknowledgements a refusal is no success, and the pauses grow', async (t) => {
  const fake = await startFake(t, refuse(500, 'InternalFailure'));
  const failures: number[] = [];
  const retryCallbacks: RetryCallbacks = {
    streamError: (trouble) => {
      failures.push(trouble.failures);
      return undefined;
    },
  };
  const stream = await makeStream(t, fake.endpoint, { fragmentAcks: false }, { retryCallbacks });
  for (let start = START; failures.length < 4; start += 1000) {
    await putAll(stream, frames({ count: 10, start }));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.equal(failures, [1, 2, 3, 4]);
});

for (const rubbish of ['http://[', 'file:///etc/hosts', ' ', `https://${'a'.repeat(10_001)}`]) {
  const shown = JSON.stringify(rubbish.slice(0, 20));
  test(`a stream outlives that ${shown} is told as its data endpoint`, async (t) => {
    const fake = await startFake(t, workThenReset, (upload) => {
      fake.dataEndpoint = rubbish;
      upload.reset();
    });
    const stream = await makeStream(t, fake.endpoint);
    const health = collect(stream, 'health');
    await putAll(stream, frames({ count: 25 }));
    await until(t, () =>
      health.some(([{ error }]) =>
        /usable DataEndpoint|for the data endpoint/.test(error?.message ?? ''),
      ),
    );
    // By now it may be on its next attempt.
    assert.ok(['retrying', 'connecting'].includes(stream.state), stream.state);
    const { length } = fake.uploads;
    fake.dataEndpoint = undefined;
    await fake.upload(length);
  });
}

test('createStream gives up when its time is up, with the reason', async (t) => {
  const fake = await startFake(t, readAndAck);
  fake.failures.set('getDataEndpoint', { status: 503, type: 'ServiceUnavailable' });
  const client = makeClient(t, fake.endpoint);
  const before = performance.now();
  const error = await failureOf(() => client.createStream(definition(), { timeout: 3000 }));
  assert.is(error.code, 'STATUS_SERVICE_CALL_UNKNOWN_ERROR');
  assert.ok(performance.now() - before < 6000, `${performance.now() - before} ms`);
});

for (const [status, type, code] of [
  [403, 'AccessDeniedException', 'STATUS_SERVICE_CALL_NOT_AUTHORIZED_ERROR'],
  [418, 'TeapotException', 'STATUS_SERVICE_CALL_UNKNOWN_ERROR'],
] as const) {
  test(`createStream does not wait for ${type}, which will not pass`, async (t) => {
    const fake = await startFake(t, readAndAck);
    fake.failures.set('describeStream', { status, type });
    const client = makeClient(t, fake.endpoint);
    const error = await failureOf(() => client.createStream(definition(), { timeout: Infinity }));
    assert.is(error.code, code);
    assert.is(fake.operations.length, 1);
  });
}
