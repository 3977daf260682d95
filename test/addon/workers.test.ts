import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import * as assert from 'uvu/assert';
import { binding } from '../../ts/internal/binding.js';
import { suite } from '../support/suite.js';
import { makeStream, put } from './support/native.js';
import { startThread } from './support/threads.js';

const test = suite('addon workers', { timeout: 60_000 });

/** How many threads are ended while they are busy: some just where an object is being made. */
const ENDS = 20;

function startWorker(forever: boolean): Worker {
  return startThread('worker', { forever });
}

test('several threads stream at the same time, each with an addon of its own', async (t) => {
  const stream = makeStream(t);
  const before = binding().allocatedBytes();
  const workers = [1, 2, 3].map(() => startWorker(false));
  const results = await Promise.all(
    workers.map(async (worker) => {
      const messages: unknown[] = [];
      worker.on('message', (message) => messages.push(message));
      const [code] = (await once(worker, 'exit')) as [number];
      assert.is(code, 0);
      return messages;
    }),
  );
  assert.equal(results, Array(3).fill(['streaming', 1000]));
  assert.is(binding().allocatedBytes(), before, 'what other threads allocate is theirs');
  assert.is(put(stream, new Uint8Array(10).fill(1)), 'SUCCESS');
});

test('a thread that is ended in the middle of streaming gives everything back', async (t) => {
  const stream = makeStream(t);
  for (let round = 0; round < 3; round += 1) {
    const worker = startWorker(true);
    await once(worker, 'message');
    assert.is(await worker.terminate(), 1);
  }
  assert.is(put(stream, new Uint8Array(10).fill(1)), 'SUCCESS');
});

test('a thread may be ended at any moment of making an object', async (t) => {
  const stream = makeStream(t);
  for (let round = 0; round < ENDS; round += 1) {
    const worker = startThread('maker', {});
    await once(worker, 'message');
    await setTimeout(round % 7);
    assert.is(await worker.terminate(), 1);
  }
  assert.is(put(stream, new Uint8Array(10).fill(1)), 'SUCCESS');
});
