import * as assert from 'uvu/assert';
import { binding } from '../../ts/internal/binding.js';
import { lowPart, type NativeClient, type NativeStream } from '../../ts/internal/native.js';
import { Status } from '../../ts/internal/status.js';
import { suite } from '../support/suite.js';
import { collectGarbage, makeClient, makeConfig, makeStream, MIB, put } from './support/native.js';

const test = suite('addon lifetime', { timeout: 20_000 });
const FRAME = new Uint8Array(1000).fill(1);

test('every method of a closed stream answers, and none of them succeeds', (t) => {
  const stream = makeStream(t);
  put(stream, FRAME);
  const { sessionId } = stream.openSession(0) as { sessionId: number };
  stream.close();
  const closed = Status.STATUS_INVALID_HANDLE_ERROR;
  assert.is(stream.putFrame(FRAME, 1, 1, 0, 0, 0), closed);
  assert.is(stream.putMetadata('name', 'value', false), closed);
  assert.is(stream.openSession(0), closed);
  assert.is(stream.readSession(sessionId, new Uint8Array(8)), 3 * 2 ** 32);
  assert.is(stream.ackBytes(sessionId, FRAME, 0), -closed);
  assert.is(stream.closeSession(sessionId, 200), closed);
  assert.is(stream.pollEvent(), undefined);
  assert.is(stream.takeSignals(), 0);
  assert.is(stream.metrics(), closed);
  assert.is(stream.stop(), closed);
  assert.is(stream.putEvent(1, null, []), closed);
  assert.is(stream.setCodecPrivate(1, FRAME), closed);
  assert.is(stream.setNalAdaptation(0), closed);
  assert.is(stream.isSettled(sessionId), true);
  assert.is(stream.tick(), Infinity);
  assert.is(stream.reset(), closed);
  assert.is(stream.resetConnection(), closed);
  stream.close();
});

test('closing a client closes its streams, and a closed client makes no more', (t) => {
  const client = makeClient(t);
  const streams = ['a', 'b', 'c'].map((name) => makeStream(t, { name }, client));
  streams[1]?.close();
  client.close();
  for (const stream of streams) {
    assert.is(stream.putFrame(FRAME, 1, 1, 0, 0, 0), Status.STATUS_INVALID_HANDLE_ERROR);
    stream.close();
  }
  assert.is(client.createStream(makeConfig()), Status.STATUS_INVALID_HANDLE_ERROR);
  assert.is(client.metrics(), Status.STATUS_INVALID_HANDLE_ERROR);
  client.close();
});

test('the name of a closed stream is free again, one in use is not', (t) => {
  const client = makeClient(t);
  const stream = makeStream(t, {}, client);
  assert.is(client.createStream(makeConfig()), Status.STATUS_DUPLICATE_STREAM_NAME);
  stream.close();
  makeStream(t, {}, client).close();
});

test('streams that are used by turns, and closed, are not taken for each other', async (t) => {
  const client = makeClient(t);
  const tryPut = (stream: NativeStream): number => lowPart(stream.putFrame(FRAME, 1, 1, 0, 0, 0));
  for (let round = 0; round < 3; round += 1) {
    const first = makeStream(t, {}, client);
    const second = makeStream(t, { name: 'second' }, client);
    assert.is(tryPut(first), 0);
    assert.is(tryPut(second), 0);
    first.close();
    assert.is(tryPut(first), Status.STATUS_INVALID_HANDLE_ERROR);
    second.close();
    assert.is(tryPut(second), Status.STATUS_INVALID_HANDLE_ERROR);
    await collectGarbage();
  }
});

test('a method called on another object throws and touches nothing', (t) => {
  const client = makeClient(t);
  const stream = makeStream(t, {}, client);
  const call = (target: object, name: string, self: unknown): unknown =>
    Reflect.apply((target as Record<string, () => unknown>)[name] as () => unknown, self, []);
  for (const self of [
    client,
    {},
    null,
    undefined,
    5,
    Object.create(stream),
    new Proxy(stream, {}),
  ]) {
    // Methods for each frame know the stream that they were called on last.
    put(stream, FRAME);
    for (const name of ['metrics', 'putFrame', 'readSession']) {
      assert.throws(() => call(stream, name, self), TypeError);
    }
  }
  for (const self of [stream, {}, binding()]) {
    assert.throws(() => call(client, 'metrics', self), TypeError);
  }
});

test('the constructors behind the objects cannot be used by a script', (t) => {
  const client = makeClient(t);
  const stream = makeStream(t, {}, client);
  const before = binding().allocatedBytes();
  for (const object of [client, stream]) {
    const Constructor = object.constructor as new () => object;
    assert.throws(() => new Constructor(), /is made by/);
  }
  assert.is(binding().allocatedBytes(), before);
});

test('all that was allocated is given back when a client is closed', (t) => {
  const before = binding().allocatedBytes();
  const client = makeClient(t);
  const stream = makeStream(t, {}, client);
  put(stream, FRAME);
  stream.openSession(0);
  assert.ok(binding().allocatedBytes() > before);
  client.close();
  assert.is(binding().allocatedBytes(), before);
});

test('a client and streams that nobody refers to are collected with all they hold', async () => {
  await collectGarbage();
  const before = binding().allocatedBytes();
  const abandon = (name: string): void => {
    const client = binding().createClient(10 * MIB, 0, '', 0) as NativeClient;
    const stream = client.createStream(makeConfig({ name })) as NativeStream;
    put(stream, FRAME);
    stream.openSession(0);
  };
  for (let round = 0; round < 20; round += 1) abandon(`round-${round}`);
  assert.ok(binding().allocatedBytes() > before);
  await collectGarbage();
  assert.is(binding().allocatedBytes(), before);
});

test('a stream keeps working when only its client was dropped', async () => {
  await collectGarbage();
  const stream = (binding().createClient(10 * MIB, 0, '', 0) as NativeClient).createStream(
    makeConfig(),
  ) as NativeStream;
  await collectGarbage();
  assert.is(put(stream, FRAME), 'SUCCESS');
  stream.close();
  await collectGarbage();
  assert.is(binding().allocatedBytes(), 0);
});

test('clients that are dropped without being closed do not pile up', async () => {
  const frame = new Uint8Array(9 * MIB).fill(1);
  const abandon = (): void => {
    const client = binding().createClient(10 * MIB, 0, '', 0) as NativeClient;
    const stream = client.createStream(makeConfig()) as NativeStream;
    put(stream, frame);
    stream.openSession(0);
  };
  await collectGarbage();
  const before = process.memoryUsage.rss();
  let peak = before;
  for (let round = 0; round < 100; round += 1) {
    abandon();
    await new Promise((resolve) => setImmediate(resolve));
    peak = Math.max(peak, process.memoryUsage.rss());
  }
  // Nothing else here gives V8 a reason to collect: it has to know what the stores hold.
  assert.ok(peak - before < 450 * MIB, `${(peak - before) / MIB} MiB of 900 were held at a time`);
});
