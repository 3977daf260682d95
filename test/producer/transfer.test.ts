import { setImmediate as nextTurn } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { highPart, Signal } from '../../ts/internal/native.js';
import type { MediaChunk } from '../../ts/service/index.js';
import { Transfer, type MediaConnection } from '../../ts/producer/transfer.js';
import { suite } from '../support/suite.js';
import { makeNativeStream } from './support/native-stream.js';

const test = suite('transfer');

/** A connection whose writes are done when the test says so. */
class HeldConnection implements MediaConnection {
  readonly sizes: number[] = [];
  readonly #pending: (() => void)[] = [];

  write(_chunk: MediaChunk, length: number, done: () => void): void {
    this.sizes.push(length);
    this.#pending.push(done);
  }

  finishOne(): void {
    this.#pending.shift()?.();
  }

  end(): void {
    // The test looks at writes only.
  }

  destroy(): void {
    // The test looks at writes only.
  }
}

test('what is put while both chunks are on their way is sent when one is done', async (t) => {
  const native = makeNativeStream(t);
  let time = 1_700_000_000_000;
  const put = (): boolean => {
    const keyFrame = time % 1000 === 0 ? 1 : 0;
    const result = native.putFrame(Buffer.alloc(100), keyFrame, 1, (time += 40), time, 40);
    return (highPart(result) & Signal.DATA) !== 0;
  };
  native.putFrame(Buffer.alloc(100), 1, 1, time, time, 40);
  const session = native.openSession(0);
  if (typeof session === 'number') throw new Error(`no session: ${session}`);
  const connection = new HeldConnection();
  const transfer = new Transfer({
    native,
    sessionId: session.sessionId,
    streamName: 'cam',
    fragmentAcks: true,
    staleness: 30_000,
    settle: () => undefined,
    onPartSent: () => undefined,
  });
  void transfer.run(connection);
  assert.is(connection.sizes.length, 1);
  for (const expected of [2, 2]) {
    if (put()) transfer.wake();
    await nextTurn();
    assert.is(connection.sizes.length, expected);
  }
  connection.finishOne();
  assert.is(connection.sizes.length, 3, 'the third frame waits for a wake-up that was spent');
  transfer.onClose(undefined);
});
