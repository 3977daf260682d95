import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import * as assert from 'uvu/assert';
import type { KinesisVideoStream } from '../../ts/index.js';
import { suite, type TestContext } from '../support/suite.js';
import { collect, failureOf, makeClient, makeStream, until } from './support/client.js';
import { startFake } from './support/fake-service.js';
import { definition, frames } from './support/media.js';

const test = suite('calls that wait', { timeout: 15_000 });

/** A server that takes connections and never says a word. */
async function startMute(t: TestContext): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).resume();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An offline stream whose buffer is full, with a service that reads nothing. */
async function makeFullStream(t: TestContext): Promise<KinesisVideoStream> {
  const fake = await startFake(t, (upload) => {
    upload.accept();
  });
  const stream = await makeStream(t, fake.endpoint, { streamingType: 'offline' });
  for (const frame of frames({ count: 500, size: 100_000 })) {
    try {
      stream.putFrame(frame);
    } catch {
      break;
    }
  }
  await until(t, () => stream.state === 'streaming');
  return stream;
}

const [FRAME] = frames({ count: 1, start: 1_800_000_000_000, size: 8_000_000 });
if (FRAME === undefined) throw new Error('no frame');
const frame = FRAME;

/** Every public call that waits, in a situation in which it would wait for long. */
const CALLS: Record<
  string,
  (t: TestContext) => Promise<(signal: AbortSignal) => Promise<unknown>>
> = {
  createStream: async (t) => {
    const client = makeClient(t, await startMute(t));
    return (signal) => client.createStream(definition(), { signal, timeout: Infinity });
  },
  put: async (t) => {
    const stream = await makeFullStream(t);
    return (signal) => stream.put(frame, { signal });
  },
  stop: async (t) => {
    const stream = await makeFullStream(t);
    return (signal) => stream.stop({ signal });
  },
  close: async (t) => {
    const fake = await startFake(t, (upload) => {
      upload.accept();
    });
    const client = makeClient(t, fake.endpoint);
    const stream = await client.createStream(definition());
    for (const some of frames({ count: 30 })) stream.putFrame(some);
    return (signal) => client.close({ signal });
  },
};

for (const [name, prepare] of Object.entries(CALLS)) {
  test(`${name} rejects with the reason of a signal that is aborted while it waits`, async (t) => {
    const call = await prepare(t);
    const abort = new AbortController();
    const reason = new Error('enough');
    const work = call(abort.signal).then(
      () => 'it went well',
      (error: unknown) => error,
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    const before = performance.now();
    abort.abort(reason);
    assert.is(await work, reason);
    assert.ok(performance.now() - before < 200);
  });

  test(`${name} rejects with the reason of a signal that is aborted already`, async (t) => {
    const call = await prepare(t);
    const reason = new Error('too late');
    const error: unknown = await call(AbortSignal.abort(reason)).catch((thrown: unknown) => thrown);
    assert.is(error, reason);
  });
}

test('createStream ends in time although the service never answers', async (t) => {
  const client = makeClient(t, await startMute(t));
  const before = performance.now();
  const error = await failureOf(() => client.createStream(definition(), { timeout: 500 }));
  assert.is(error.code, 'STATUS_OPERATION_TIMED_OUT');
  assert.match(error.message, /Preparing stream "cam" was not possible within 500 ms/);
  // Far below the time that a call may take; a worker takes some to start.
  assert.ok(performance.now() - before < 5000);
});

test('stop ends at its deadline and tells what it could not deliver, from when to when', async (t) => {
  const fake = await startFake(t, (upload) => {
    upload.accept();
  });
  const stream = await makeStream(t, fake.endpoint);
  const media = frames({ count: 30 });
  for (const some of media) stream.putFrame(some);
  const left = collect(stream, 'undelivered');
  const before = performance.now();
  const result = await stream.stop({ deadline: Date.now() + 500 });
  // Far below the time that a call may take; a worker takes some to start.
  assert.ok(performance.now() - before < 5000);
  assert.is(result.complete, false);
  assert.is(result.undeliveredFrames, 30);
  assert.equal(result.undelivered, {
    firstPresentationTs: media[0]?.presentationTs,
    lastPresentationTs: media[29]?.presentationTs,
  });
  assert.equal(left, [[{ frames: 30, ...result.undelivered }]]);
});
