import * as assert from 'uvu/assert';
import { lowPart } from '../../ts/internal/native.js';
import { suite } from '../support/suite.js';
import { collectGarbage, makeStream, START } from './support/native.js';

const test = suite('addon throughput', { timeout: 60_000 });

const FRAMES = 100_000;
const FRAMES_PER_FRAGMENT = 30;

test('a hundred thousand frames go through without the JavaScript heap growing', async (t) => {
  const stream = makeStream(t);
  const frame = new Uint8Array(500).fill(1);
  const out = new Uint8Array(256 * 1024);
  const { sessionId } = ((): { sessionId: number } => {
    stream.putFrame(frame, 1, 1, START, START, 0);
    return stream.openSession(0) as { sessionId: number };
  })();

  const run = (from: number, to: number): void => {
    for (let index = from; index < to; index += 1) {
      const time = START + index;
      const isKey = index % FRAMES_PER_FRAGMENT === 0;
      assert.is(lowPart(stream.putFrame(frame, isKey ? 1 : 0, 1, time, time, 0)), 0);
      if (!isKey) continue;
      stream.readSession(sessionId, out);
      const ack = `{"EventType":"PERSISTED","FragmentTimecode":${time - FRAMES_PER_FRAGMENT}}\n`;
      stream.ackBytes(sessionId, Buffer.from(ack), 0);
      while (stream.pollEvent() !== undefined);
    }
  };
  run(1, 10_000);
  await collectGarbage();
  const before = process.memoryUsage();
  run(10_000, FRAMES);
  await collectGarbage();
  const after = process.memoryUsage();

  const grown = after.heapUsed - before.heapUsed;
  assert.ok(grown < 1024 * 1024, `the heap grew by ${grown} bytes`);
  const resident = after.rss - before.rss;
  assert.ok(resident < 32 * 1024 * 1024, `the process grew by ${resident} bytes`);
});
