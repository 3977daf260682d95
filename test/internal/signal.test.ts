import { getEventListeners } from 'node:events';
import * as assert from 'uvu/assert';
import { abortable, delay, mergeSignals } from '../../ts/internal/signal.js';
import { suite } from '../support/suite.js';

const test = suite('signals');

const never = new Promise<never>(() => undefined);
/** What `work` rejects with. */
const caught = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'it was fulfilled',
    (error: unknown) => error,
  );

test('a delay lasts as long as it says', async () => {
  const start = performance.now();
  await delay(30);
  assert.ok(performance.now() - start >= 28);
});

test('a delay ends with the reason of the abort and leaves neither listener nor timer', async () => {
  const stop = new AbortController();
  const work = caught(delay(60_000, stop.signal));
  const reason = { any: 'value' };
  stop.abort(reason);
  assert.is(await work, reason);
  assert.is(getEventListeners(stop.signal, 'abort').length, 0);
  assert.is(await caught(delay(60_000, stop.signal)), reason);
});

test('abortable settles as its work does and leaves no listener', async () => {
  const { signal } = new AbortController();
  assert.is(await abortable(Promise.resolve(1), signal), 1);
  const error = new Error('work');
  assert.is(await caught(abortable(Promise.reject(error), signal)), error);
  assert.is(getEventListeners(signal, 'abort').length, 0);
});

test('work that fails after the abort is no unhandled rejection', async () => {
  const reason = new Error('stop');
  let fail: (error: Error) => void = () => undefined;
  const work = new Promise<never>((_resolve, reject) => (fail = reject));
  assert.is(await caught(abortable(work, AbortSignal.abort(reason))), reason);
  fail(new Error('late'));
  await delay(5);
});

test('merged signals abort with the first reason and let go of the others', async () => {
  const one = new AbortController();
  const two = new AbortController();
  const merged = mergeSignals(one.signal, undefined, two.signal);
  const reason = new Error('stop');
  two.abort(reason);
  one.abort(new Error('later'));
  assert.is(await caught(abortable(never, merged.signal)), reason);
  merged.release();
  assert.is(mergeSignals(two.signal).signal.reason, reason);

  const living = new AbortController();
  mergeSignals(living.signal).release();
  assert.is(getEventListeners(living.signal, 'abort').length, 0);
});
