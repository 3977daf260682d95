import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { spanOf, time } from '../../ts/cli/consume/range.js';
import { suite } from '../support/suite.js';

const test = suite('kvs spans of time');

test('a span between two times ago is as long as it says, however long its reading takes', async () => {
  const start = time('-2d', 'start');
  await sleep(5);
  const end = time('-1d', 'end');
  assert.is(end - start, 86_400_000);
  await sleep(5);
  assert.is(spanOf({ start, end: 'now', by: 'server' }).endTimestamp - start, 2 * 86_400_000);
});
