import * as assert from 'uvu/assert';
import { DropLines } from '../../ts/cli/put/drop-lines.js';
import type { DroppedFrames, DropReason } from '../../ts/index.js';
import { suite } from '../support/suite.js';

const test = suite('drop lines of kvs put');

function drop(reason: DropReason, presentationTs: number): DroppedFrames {
  return {
    reason,
    frames: 1,
    fragments: 0,
    bytes: 100,
    firstPresentationTs: presentationTs,
    lastPresentationTs: presentationTs,
  };
}

test('drops that follow one another for one reason are one line', () => {
  const lines: DroppedFrames[] = [];
  const drops = new DropLines((line) => lines.push(line));
  drops.add(drop('rejected', 0));
  for (const time of [80, 40, 120]) drops.add(drop('awaiting-key-frame', time));
  drops.flush();
  drops.flush();
  assert.equal(lines, [
    drop('rejected', 0),
    {
      reason: 'awaiting-key-frame',
      frames: 3,
      fragments: 0,
      bytes: 300,
      firstPresentationTs: 40,
      lastPresentationTs: 120,
    },
  ]);
});

test('a line does not wait for ever', async () => {
  const lines: DroppedFrames[] = [];
  const drops = new DropLines((line) => lines.push(line));
  drops.add(drop('late', 0));
  assert.is(lines.length, 0);
  await new Promise((resolve) => setTimeout(resolve, 700));
  assert.is(lines.length, 1);
});
