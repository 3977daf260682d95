import * as assert from 'uvu/assert';
import { binding } from '../../ts/internal/binding.js';
import { highPart, ReadKind, type NativeStreamConfig } from '../../ts/internal/native.js';
import { Status } from '../../ts/internal/status.js';
import { suite } from '../support/suite.js';
import { makeClient, makeConfig, makeStream, MIB, nameOf, put, START } from './support/native.js';

const test = suite('addon arguments');

/** Values that no argument expects. */
const ODD = [undefined, null, true, 'text', 1n, Symbol('s'), {}, [], () => 0, NaN, -1, 1.5];

type Loose = Record<string, (...args: unknown[]) => unknown>;

test('a storage size out of range or of another type gets a status', () => {
  const create = binding() as unknown as Loose;
  for (const size of ODD) {
    assert.is(nameOf(create['createClient']?.(size, 0, '', 0) as number), 'STATUS_INVALID_ARG');
  }
  assert.is(nameOf(binding().createClient(MIB, 0, '', 0) as number), 'STATUS_INVALID_STORAGE_SIZE');
  assert.is(
    nameOf(binding().createClient(2 ** 45, 0, '', 0) as number),
    'STATUS_INVALID_STORAGE_SIZE',
  );
});

test('a configuration with a missing or odd member gets a status and makes no stream', (t) => {
  const client = makeClient(t);
  for (const value of ODD) {
    assert.is((client as unknown as Loose)['createStream']?.(value), Status.STATUS_INVALID_ARG);
  }
  for (const key of Object.keys(makeConfig()) as (keyof NativeStreamConfig)[]) {
    const missing = { ...makeConfig(), [key]: undefined };
    assert.is(client.createStream(missing), Status.STATUS_INVALID_ARG, key);
    const odd = { ...makeConfig(), [key]: Symbol('odd') };
    assert.is(client.createStream(odd), Status.STATUS_INVALID_ARG, key);
  }
  const metrics = client.metrics();
  assert.is(typeof metrics === 'number' ? -1 : metrics.streamCount, 0);
});

test('a getter that throws while a configuration is read is not swallowed', (t) => {
  const client = makeClient(t);
  const config = {
    ...makeConfig(),
    get bufferDuration(): number {
      throw new RangeError('from the getter');
    },
  };
  assert.throws(() => client.createStream(config), /from the getter/);
});

test('a getter that closes the client while its configuration is read does no harm', (t) => {
  const client = makeClient(t);
  const config = {
    ...makeConfig(),
    get bufferDuration(): number {
      client.close();
      return 1000;
    },
  };
  assert.is(client.createStream(config), Status.STATUS_INVALID_HANDLE_ERROR);
});

test('a name with a NUL character is refused and not cut off', (t) => {
  const client = makeClient(t);
  assert.is(client.createStream(makeConfig({ name: 'a\0b' })), Status.STATUS_INVALID_ARG);
  const stream = makeStream(t, {}, client);
  assert.is(stream.putMetadata('a\0b', 'value', false), Status.STATUS_INVALID_ARG);
  assert.is(stream.putMetadata('name', 'a\0b', false), Status.STATUS_INVALID_ARG);
});

test('a frame with an argument of another type gets a status and is not stored', (t) => {
  const stream = makeStream(t);
  const loose = stream as unknown as Loose;
  const good: unknown[] = [new Uint8Array(10), 1, 1, START, START, 0];
  for (let position = 0; position < good.length; position += 1) {
    for (const value of [undefined, 'text', {}, NaN, 1n]) {
      const args = good.map((item, index) => (index === position ? value : item));
      const status = nameOf(loose['putFrame']?.(...args) as number);
      assert.match(status, /^STATUS_(INVALID_ARG|MKV_INVALID_FRAME_TIMESTAMP)$/);
    }
  }
  assert.is(nameOf(loose['putFrame']?.() as number), 'STATUS_INVALID_ARG');
  assert.is(stream.openSession(0), Status.STATUS_NO_MORE_DATA_AVAILABLE);
});

test('times that do not fit, and track ids that are no integers, get a status', (t) => {
  const stream = makeStream(t);
  const data = new Uint8Array(10);
  for (const time of [Infinity, -Infinity, 1e300, -1, 9.3e12]) {
    assert.is(put(stream, data, time), 'STATUS_MKV_INVALID_FRAME_TIMESTAMP', String(time));
  }
  for (const trackId of [-1, 0.5, 2 ** 53, Infinity]) {
    const result = stream.putFrame(data, 1, trackId, START, START, 0);
    assert.is(nameOf(result), 'STATUS_INVALID_ARG', String(trackId));
  }
  const unknown = stream.putFrame(data, 1, 2, START, START, 0);
  assert.is(nameOf(unknown), 'STATUS_MKV_TRACK_INFO_NOT_FOUND');
});

test('views of other elements than bytes are refused as frames', (t) => {
  const stream = makeStream(t);
  for (const data of [new Uint16Array(8), new Float64Array(8), new DataView(new ArrayBuffer(8))]) {
    assert.is(put(stream, data as unknown as Uint8Array), 'STATUS_INVALID_ARG');
  }
  assert.is(put(stream, new ArrayBuffer(8) as unknown as Uint8Array), 'STATUS_INVALID_ARG');
});

test('reading a session that is not open, or into no buffer, says that it is aborted', (t) => {
  const stream = makeStream(t);
  put(stream, new Uint8Array(10));
  const session = stream.openSession(0);
  assert.type(session, 'object');
  const { sessionId } = session as { sessionId: number };
  const out = new Uint8Array(16);
  for (const id of [sessionId + 1, 0, -1, NaN, 0.5]) {
    assert.is(highPart(stream.readSession(id, out)), ReadKind.ABORTED);
  }
  for (const target of [new Uint8Array(0), undefined, 'text', new Uint16Array(4)]) {
    const result = stream.readSession(sessionId, target as Uint8Array);
    assert.is(result, ReadKind.ABORTED * 2 ** 32);
  }
  assert.is(highPart(stream.readSession(sessionId, out)), ReadKind.FULL);
});

test('acknowledgements with an offset outside of the bytes get a status', (t) => {
  const stream = makeStream(t);
  put(stream, new Uint8Array(10));
  const { sessionId } = stream.openSession(0) as { sessionId: number };
  const bytes = Buffer.from('{"EventType":"IDLE"}\n');
  for (const offset of [-1, bytes.length + 1, 0.5, NaN]) {
    assert.is(stream.ackBytes(sessionId, bytes, offset), -Status.STATUS_INVALID_ARG);
  }
  assert.is(stream.ackBytes(sessionId, bytes, bytes.length), 0);
  assert.is(stream.ackBytes(sessionId, bytes, 0), bytes.length);
  assert.is(stream.ackBytes(sessionId + 1, bytes, 0), -Status.STATUS_UPLOAD_HANDLE_ABORTED);
});

test('arguments of another type get a status, whatever the method', (t) => {
  const stream = makeStream(t);
  put(stream, new Uint8Array(10));
  const loose = stream as unknown as Loose;
  const good: readonly (readonly [name: string, ...args: unknown[]])[] = [
    ['putEvent', 1, 'prefix', ['name', 'value']],
    ['setCodecPrivate', 1, new Uint8Array(8)],
    ['setNalAdaptation', 8],
    ['closeSession', 1, 200],
  ];
  for (const [name, ...args] of good) {
    for (let position = 0; position < args.length; position += 1) {
      for (const value of [undefined, Symbol('odd'), {}, NaN, 1n]) {
        const odd = args.map((item, index) => (index === position ? value : item));
        assert.is(loose[name]?.(...odd), Status.STATUS_INVALID_ARG, `${name} ${position}`);
      }
    }
  }
  for (const expires of [undefined, 'text', NaN, Infinity, {}]) {
    assert.is(loose['openSession']?.(expires), Status.STATUS_INVALID_ARG);
  }
  for (const id of [undefined, 'text', -1, 1.5]) assert.is(loose['isSettled']?.(id), true);
  for (const pairs of [['name'], ['name', 5], [undefined, 'v'], 'name', { length: 2 }]) {
    assert.is(loose['putEvent']?.(1, null, pairs), Status.STATUS_INVALID_ARG);
  }
});

test('a list of pairs whose getter closes the stream or throws does no harm', (t) => {
  const list = (getter: () => string): string[] =>
    Object.defineProperty(['name', 'value'], 1, { get: getter, enumerable: true });
  const thrower = makeStream(t);
  put(thrower, new Uint8Array(10));
  const pairs = list(() => {
    throw new RangeError('from the getter');
  });
  assert.throws(() => thrower.putEvent(1, null, pairs), /from the getter/);
  const closer = makeStream(t);
  put(closer, new Uint8Array(10));
  const closing = list(() => {
    closer.close();
    return 'value';
  });
  assert.is(closer.putEvent(1, null, closing), Status.STATUS_INVALID_HANDLE_ERROR);
});

test('every status has a name and a text, and a number that is none says so', () => {
  for (const [name, code] of Object.entries(Status)) {
    const info = binding().statusInfo(code);
    assert.is(info.name, name);
    assert.match(info.text, /\.$/);
    assert.type(info.retryable, 'boolean');
  }
  assert.is(binding().statusInfo(0xdeadbeef).name, 'STATUS_UNKNOWN');
  assert.is(binding().statusInfo(-5).name, 'STATUS_INVALID_ARG');
});
