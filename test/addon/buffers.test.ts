import { randomBytes } from 'node:crypto';
import * as assert from 'uvu/assert';
import { highPart, lowPart, ReadKind } from '../../ts/internal/native.js';
import { suite } from '../support/suite.js';
import { makeStream, put, readAll, START } from './support/native.js';

const test = suite('addon buffers');

/** Asserts that a session sends exactly these bytes as its only frame. */
function assertSent(stream: Parameters<typeof readAll>[0], expected: Uint8Array): void {
  const sent = readAll(stream);
  assert.ok(sent.subarray(sent.length - expected.length).equals(Buffer.from(expected)));
}

test('frames that begin at any offset of their buffer arrive as they are', (t) => {
  for (let offset = 0; offset < 8; offset += 1) {
    const frame = randomBytes(1000 + offset).subarray(offset);
    const stream = makeStream(t);
    assert.is(put(stream, frame), 'SUCCESS');
    assertSent(stream, frame);
  }
});

test('Annex-B frames at any offset are rewritten the same way', (t) => {
  const nal = randomBytes(300).map((byte) => byte | 0x10);
  const annexB = Buffer.concat([Buffer.from([0, 0, 1, 0x65]), nal]);
  for (let offset = 0; offset < 8; offset += 1) {
    const room = Buffer.alloc(annexB.length + offset);
    annexB.copy(room, offset);
    const stream = makeStream(t, { nalAdaptation: 8 });
    assert.is(put(stream, room.subarray(offset)), 'SUCCESS');
    assertSent(stream, Buffer.concat([Buffer.from([0, 0, 1, 45, 0x65]), nal]));
  }
});

test('a frame may be overwritten as soon as the call is back', (t) => {
  const frame = randomBytes(5000);
  const copy = Buffer.from(frame);
  const stream = makeStream(t);
  put(stream, frame);
  frame.fill(0);
  assertSent(stream, copy);
});

test('the memory of a frame may be moved away as soon as the call is back', (t) => {
  const frame = new Uint8Array(5000).fill(9);
  const stream = makeStream(t);
  put(stream, frame);
  structuredClone(frame.buffer, { transfer: [frame.buffer] });
  assert.is(frame.length, 0);
  assertSent(stream, new Uint8Array(5000).fill(9));
});

test('a detached frame is refused as an empty one', (t) => {
  const frame = new Uint8Array(100);
  structuredClone(frame.buffer, { transfer: [frame.buffer] });
  assert.is(put(makeStream(t), frame), 'STATUS_MKV_INVALID_FRAME_DATA');
});

test('a frame over a resizable buffer has the length that the buffer has now', (t) => {
  const Resizable = ArrayBuffer as unknown as new (
    length: number,
    options: { maxByteLength: number },
  ) => ArrayBuffer & { resize(length: number): void };
  const buffer = new Resizable(100, { maxByteLength: 10_000 });
  const frame = new Uint8Array(buffer);
  const tail = new Uint8Array(buffer, 50, 50);
  frame.fill(5);

  buffer.resize(10_000);
  frame.fill(6);
  const grown = makeStream(t);
  assert.is(put(grown, frame), 'SUCCESS');
  assertSent(grown, new Uint8Array(10_000).fill(6));

  buffer.resize(20);
  const shrunk = makeStream(t);
  assert.is(put(shrunk, frame), 'SUCCESS');
  assertSent(shrunk, new Uint8Array(20).fill(6));
  // The view lies outside of what is left.
  assert.is(put(makeStream(t), tail), 'STATUS_MKV_INVALID_FRAME_DATA');
});

test('a frame in memory that is shared with other threads arrives as it is', (t) => {
  const frame = new Uint8Array(new SharedArrayBuffer(3000), 3, 2000);
  frame.set(randomBytes(2000));
  const stream = makeStream(t);
  assert.is(put(stream, frame), 'SUCCESS');
  assertSent(stream, frame);
});

test('a session can be read into buffers of any size and offset with the same result', (t) => {
  const stream = makeStream(t);
  put(stream, randomBytes(3000));
  const whole = readAll(stream);
  for (const size of [1, 3, 7, 64, 1000]) assert.ok(readAll(stream, size).equals(whole));

  const { sessionId } = stream.openSession(0) as { sessionId: number };
  const room = new Uint8Array(5000).fill(0xee);
  const result = stream.readSession(sessionId, room.subarray(5, 105));
  assert.is(highPart(result), ReadKind.FULL);
  assert.is(lowPart(result), 100);
  assert.ok(Buffer.from(room.subarray(5, 105)).equals(whole.subarray(0, 100)));
  assert.ok(
    room.subarray(0, 5).every((byte) => byte === 0xee),
    'nothing before',
  );
  assert.ok(
    room.subarray(105).every((byte) => byte === 0xee),
    'nothing after',
  );
});

test('acknowledgements can be given in views of any offset and in shared memory', (t) => {
  const stream = makeStream(t);
  put(stream, new Uint8Array(10).fill(1));
  put(stream, new Uint8Array(10).fill(1), START + 1000);
  const { sessionId } = stream.openSession(0) as { sessionId: number };
  stream.readSession(sessionId, new Uint8Array(1000));
  const text = Buffer.from(
    `{"EventType":"PERSISTED","FragmentTimecode":${START},"FragmentNumber":"77"}\n`,
  );
  const shared = new Uint8Array(new SharedArrayBuffer(text.length + 3), 3);
  shared.set(text);
  assert.is(stream.ackBytes(sessionId, shared, 0), text.length);
  const event = stream.pollEvent();
  assert.is(event?.type === 'ack' && event.fragmentNumber, '77');
  assert.is(event?.type === 'ack' && event.fragmentTimecode, START);
  const metrics = stream.metrics();
  assert.is(typeof metrics === 'number' ? -1 : metrics.framesDelivered, 1);
});
