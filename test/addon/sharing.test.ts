import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import * as assert from 'uvu/assert';
import { binding } from '../../ts/internal/binding.js';
import { lowPart, type NativeClient, type NativeStream } from '../../ts/internal/native.js';
import { Status } from '../../ts/internal/status.js';
import { suite, type TestContext } from '../support/suite.js';
import {
  collectGarbage,
  makeClient,
  makeConfig,
  makeStream,
  put,
  START,
} from './support/native.js';
import { startThread } from './support/threads.js';

const test = suite('addon sharing', { timeout: 120_000 });
const CLOSED = Status.STATUS_INVALID_HANDLE_ERROR;
const FRAME = new Uint8Array(2000).fill(1);
const SMALL = new Uint8Array(10).fill(1);

function attach(client: NativeClient, stream: NativeStream): [NativeClient, NativeStream] {
  const guest = binding().attachClient(client.id());
  if (typeof guest === 'number') throw new Error('not attached');
  const guestStream = guest.attachStream(stream.id());
  if (typeof guestStream === 'number') throw new Error('not attached');
  return [guest, guestStream];
}

async function startSender(t: TestContext): Promise<Worker> {
  const worker = startThread('sender');
  t.after(() => worker.terminate());
  await once(worker, 'online');
  return worker;
}

/** Has the thread send the stream, and waits until it does: it needs two fragments for that. */
async function sendIn(worker: Worker, client: NativeClient, stream: NativeStream): Promise<void> {
  worker.postMessage({ clientId: client.id(), streamId: stream.id() });
  for (let index = 0; index < 3; index += 1) put(stream, FRAME, START + index * 1000);
  const [message] = (await once(worker, 'message')) as [string];
  assert.is(message, 'sending');
}

/** Puts frames for as long as `isWanted`, letting other work of this thread run now and then. */
async function putWhile(stream: NativeStream, isWanted: () => boolean): Promise<number> {
  let status = 0;
  for (let time = START + 10_000; isWanted(); time += 10) {
    status = lowPart(stream.putFrame(FRAME, time % 1000 === 0 ? 1 : 0, 1, time, time, 0));
    stream.metrics();
    stream.takeSignals();
    if (time % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return status;
}

test('what one thread puts another one sends, and its acknowledgements are seen by both', async (t) => {
  const client = makeClient(t);
  const stream = makeStream(t, {}, client);
  const worker = await startSender(t);
  await sendIn(worker, client, stream);
  const metrics = stream.metrics();
  assert.ok(
    typeof metrics !== 'number' && metrics.persistedAcks > 0 && metrics.framesDelivered > 0,
  );
  worker.postMessage('let go');
  assert.equal(await once(worker, 'message'), ['done']);
  const after = stream.metrics();
  assert.is(typeof after !== 'number' && after.sessionsOpen, 0, 'its session has ended with it');
  assert.is(put(stream, FRAME, START + 60_000), 'SUCCESS', 'the owner goes on');
});

test('the owner closes at any moment of the other thread, and all is given back at once', async (t) => {
  const worker = await startSender(t);
  const before = binding().allocatedBytes();
  for (let round = 0; round < 100; round += 1) {
    const client = makeClient(t);
    const stream = makeStream(t, {}, client);
    await sendIn(worker, client, stream);
    const done = once(worker, 'message');
    const until = performance.now() + (round % 10);
    await putWhile(stream, () => performance.now() < until);
    (round % 2 === 0 ? client : stream).close();
    assert.is(lowPart(stream.putFrame(FRAME, 1, 1, 0, 0, 0)), CLOSED);
    client.close();
    assert.is(binding().allocatedBytes(), before);
    assert.equal(await done, ['done']);
  }
});

test('the other thread lets go at any moment, and the owner never notices', async (t) => {
  const worker = await startSender(t);
  const client = makeClient(t);
  for (let round = 0; round < 100; round += 1) {
    const stream = makeStream(t, { name: `round-${round}` }, client);
    await sendIn(worker, client, stream);
    let isDone = false;
    const done = once(worker, 'message').then(() => (isDone = true));
    worker.postMessage('let go');
    assert.is(await putWhile(stream, () => !isDone), 0);
    await done;
    stream.close();
  }
});

test('a thread that is terminated in the middle takes its sessions with it and no more', async (t) => {
  const client = makeClient(t);
  const stream = makeStream(t, {}, client);
  let time = START;
  for (let round = 0; round < 5; round += 1) {
    const worker = await startSender(t);
    worker.postMessage({ clientId: client.id(), streamId: stream.id() });
    const end = { isReached: false };
    worker.once('message', () => void worker.terminate().then(() => (end.isReached = true)));
    while (!end.isReached) {
      assert.is(lowPart(stream.putFrame(FRAME, 1, 1, time, time, 0)), 0);
      time += 1000;
      await new Promise((resolve) => setImmediate(resolve));
    }
    const metrics = stream.metrics();
    assert.is(typeof metrics !== 'number' && metrics.sessionsOpen, 0);
  }
});

test('handles within one thread share as those of two do', (t) => {
  const client = makeClient(t);
  const stream = makeStream(t, {}, client);
  const [guest, guestStream] = attach(client, stream);
  assert.is(guest.id(), client.id());
  assert.is(guestStream.id(), stream.id());
  assert.is(put(guestStream, SMALL), 'SUCCESS');
  const metrics = stream.metrics();
  assert.is(typeof metrics !== 'number' && metrics.framesPut, 1);

  guest.close();
  assert.is(put(guestStream, SMALL), 'STATUS_INVALID_HANDLE_ERROR');
  assert.is(put(stream, SMALL, START + 1000), 'SUCCESS', 'a guest that leaves ends nothing');
});

test('a stream that a guest has made ends with the guest, and with the client', (t) => {
  const client = makeClient(t);
  const guest = binding().attachClient(client.id()) as NativeClient;
  const make = (name: string): NativeStream =>
    guest.createStream(makeConfig({ name })) as NativeStream;
  const own = make('own');
  const seen = client.attachStream(own.id()) as NativeStream;
  own.close();
  assert.is(seen.stop(), CLOSED);
  assert.is(seen.id(), 0, 'the handle has let go');
  const other = make('other');
  client.close();
  assert.is(other.stop(), CLOSED);
  assert.is(guest.metrics(), CLOSED);
});

test('ids that are wrong, of closed clients, or no ids attach to nothing', (t) => {
  const client = makeClient(t);
  const stream = makeStream(t, {}, client);
  const id = client.id();
  assert.ok(Number.isSafeInteger(id) && id > 0);
  for (const wrong of [id + 1, id - 1, 1, 0, stream.id(), Number.MAX_SAFE_INTEGER]) {
    assert.is(binding().attachClient(wrong), CLOSED);
  }
  for (const wrong of [stream.id() + 1, id, 0]) assert.is(client.attachStream(wrong), CLOSED);
  for (const none of [-1, 0.5, NaN, 2 ** 53, '1', undefined, null, {}]) {
    assert.is(binding().attachClient(none as number), Status.STATUS_INVALID_ARG);
    assert.is(client.attachStream(none as number), Status.STATUS_INVALID_ARG);
  }
  const streamId = stream.id();
  stream.close();
  assert.is(client.attachStream(streamId), CLOSED);
  client.close();
  assert.is(binding().attachClient(id), CLOSED);
  assert.is(client.id(), 0);
  assert.is(client.attachStream(streamId), CLOSED);
});

test('no id comes twice', (t) => {
  const client = makeClient(t);
  const ids = new Set([client.id()]);
  for (let index = 0; index < 2000; index += 1) {
    const stream = makeStream(t, {}, client);
    ids.add(stream.id());
    stream.close();
  }
  assert.is(ids.size, 2001);
});

test('an owner that is collected ends the client for its guests', async (t) => {
  await collectGarbage();
  const before = binding().allocatedBytes();
  const abandon = (): NativeStream => {
    const client = makeClient({ ...t, after: () => undefined });
    return attach(client, makeStream(t, {}, client))[1];
  };
  const guestStream = abandon();
  await collectGarbage();
  assert.is(guestStream.stop(), CLOSED);
  assert.is(binding().allocatedBytes(), before);
});
