import * as assert from 'uvu/assert';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binding } from '../../ts/internal/binding.js';
import {
  FragmentEvent,
  FrameFlag,
  highPart,
  lowPart,
  ReadKind,
  Signal,
  type NativeClient,
  type NativeEvent,
  type NativeStream,
} from '../../ts/internal/native.js';
import { Status } from '../../ts/internal/status.js';
import { suite } from '../support/suite.js';
import { makeClient, makeStream, MIB, nameOf, put, readAll, START } from './support/native.js';

const test = suite('addon sessions');
const FRAME = new Uint8Array(100).fill(1);

function open(stream: NativeStream, expires = 0): number {
  const session = stream.openSession(expires);
  if (typeof session === 'number') throw new Error(`no session: ${nameOf(session)}`);
  return session.sessionId;
}

/** The events so far. */
function events(stream: NativeStream): NativeEvent[] {
  const seen: NativeEvent[] = [];
  for (let event = stream.pollEvent(); event !== undefined; event = stream.pollEvent()) {
    seen.push(event);
  }
  return seen;
}

test('a second session takes over at the next fragment, and the first one settles', (t) => {
  const stream = makeStream(t);
  put(stream, FRAME);
  const first = open(stream);
  const out = new Uint8Array(10_000);
  assert.is(highPart(stream.readSession(first, out)), ReadKind.STARVED);
  const second = open(stream);
  assert.is(stream.openSession(0), Status.STATUS_INVALID_OPERATION, 'one waits already');
  assert.is(highPart(stream.readSession(second, out)), ReadKind.STARVED);
  put(stream, FRAME, START + 1000);
  assert.is(highPart(stream.readSession(first, out)), ReadKind.END_OF_STREAM);
  const result = stream.readSession(second, out);
  assert.is(highPart(result), ReadKind.STARVED);
  assert.is(Buffer.from(out.subarray(0, 4)).toString('hex'), '1a45dfa3', 'with a header');
  assert.is(stream.isSettled(first), false);
  const ack = Buffer.from(`{"EventType":"PERSISTED","FragmentTimecode":${START}}\n`);
  assert.is(stream.ackBytes(first, ack, 0), ack.length);
  assert.is(stream.isSettled(first), true);
  assert.is(stream.closeSession(first, 200), 0);
  assert.is(stream.isSettled(999), true, 'what is not open is settled');
});

test('credentials are measured by the clock of the system', (t) => {
  const stream = makeStream(t);
  put(stream, FRAME);
  const soon = stream.openSession(Date.now() + 29_000);
  assert.is(soon, Status.STATUS_INVALID_TOKEN_EXPIRATION);
  const id = open(stream, Date.now() + 33_500);
  const due = stream.tick();
  assert.ok(due > 29_000 && due <= 30_500, `${due} ms until the next one is wanted`);
  stream.closeSession(id, 598);
});

test('tick tells when something is due, and does it', async (t) => {
  const stream = makeStream(t, { idleTimeout: 50 });
  assert.is(stream.tick(), Infinity);
  const result = stream.putFrame(FRAME, FrameFlag.KEY, 1, START, START, 0);
  assert.ok((highPart(result) & Signal.TICK) !== 0);
  const due = stream.tick();
  assert.ok(due > 0 && due <= 50, `${due} ms`);
  await new Promise((resolve) => setTimeout(resolve, 70));
  assert.is(stream.tick(), Infinity);
  assert.equal(events(stream), [{ type: 'underflow' }]);
});

test('each event has what the core tells of it', (t) => {
  const stream = makeStream(t, { bufferDuration: 1000, maxLatency: 500 }, makeClient(t, 10 * MIB));
  const large = new Uint8Array(100_000).fill(1);
  for (let index = 0; index < 104; index += 1) {
    stream.putFrame(large, FrameFlag.KEY, 1, START + index * 10, START + index * 10, 10);
  }
  const codec = Buffer.from('0142c01fffe1000a6742c01fd9003c22114001000468ce3c80', 'hex');
  assert.is(stream.setCodecPrivate(1, codec), 0);
  put(stream, FRAME, START + 2000);
  stream.reset();
  const byType = new Map(events(stream).map((event) => [event.type, event]));
  const number = (type: string, name: string): number =>
    Number((byType.get(type as 'ack') as unknown as Record<string, unknown>)[name]);
  assert.ok(number('storagePressure', 'remaining') <= 0.05 * 10 * MIB);
  assert.ok(number('bufferPressure', 'remaining') <= 50);
  assert.ok(number('latencyPressure', 'duration') > 500);
  assert.is(number('formatChanged', 'trackId'), 1);
  assert.ok(number('dropped', 'frames') > 0);
});

test('fragment events are taken with their details', (t) => {
  const stream = makeStream(t);
  const both = FragmentEvent.IMAGE | FragmentEvent.NOTIFICATION;
  assert.is(stream.putEvent(both, null, []), Status.STATUS_STREAM_NOT_STARTED);
  put(stream, FRAME);
  assert.is(stream.putEvent(both, 'prefix', ['name', 'value']), 0);
  put(stream, FRAME, START + 1000);
  const text = readAll(stream).toString('latin1');
  for (const part of ['IMAGE_GENERATION', 'NOTIFICATION', 'prefix', 'name', 'value']) {
    assert.ok(text.includes(part), part);
  }
});

test('a reset of the connection ends the sessions, and one of the stream drops what it holds', (t) => {
  const stream = makeStream(t);
  put(stream, FRAME);
  const first = open(stream);
  const out = new Uint8Array(1000);
  assert.is(stream.resetConnection(), 0);
  assert.is(highPart(stream.readSession(first, out)), ReadKind.ABORTED);
  stream.closeSession(first, 598);
  const second = open(stream);
  assert.ok(lowPart(stream.readSession(second, out)) > 0, 'sent again');
  assert.is(stream.reset(), 0);
  assert.is(highPart(stream.readSession(second, out)), ReadKind.ABORTED);
  stream.closeSession(second, 598);
  assert.is(stream.openSession(0), Status.STATUS_NO_MORE_DATA_AVAILABLE);
});

test('a spill takes what the store cannot hold, and leaves no file', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kvs-spill-'));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  const client = binding().createClient(10 * MIB, 0, folder, 100 * MIB) as NativeClient;
  t.after(() => {
    client.close();
  });
  const stream = makeStream(t, {}, client);
  const large = new Uint8Array(1_000_000).fill(1);
  for (let index = 0; index < 30; index += 1) {
    assert.is(put(stream, large, START + index * 1000), 'SUCCESS');
  }
  assert.equal(
    events(stream).filter(({ type }) => type === 'dropped'),
    [],
  );
  const metrics = client.metrics();
  if (typeof metrics === 'number') throw new Error('no metrics');
  assert.is(metrics.spillSize, 100 * MIB);
  assert.ok(metrics.spillAllocated > 15e6, `${metrics.spillAllocated} bytes in the spill`);
  assert.ok(readAll(stream).length > 30e6);
  client.close();
  assert.equal(readdirSync(folder), []);
});

test('a spill that cannot be made gets a status, and no client is left', () => {
  const before = binding().allocatedBytes();
  const create = (directory: string, size: number): string =>
    nameOf(binding().createClient(10 * MIB, 0, directory, size) as number);
  assert.is(create('/no/such/folder', 100 * MIB), 'STATUS_OPEN_FILE_FAILED');
  assert.is(create(tmpdir(), 1000), 'STATUS_INVALID_STORAGE_SIZE');
  assert.is(create('a\0b', 100 * MIB), 'STATUS_INVALID_ARG');
  assert.is(binding().allocatedBytes(), before);
});
