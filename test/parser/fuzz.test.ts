import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { getMediaChunk } from './support/fragments.js';
import { check, mutate, Random } from './support/fuzz.js';

const test = suite('Fuzzing the parser', { timeout: 60_000 });

const GOLDEN = readFileSync(
  fileURLToPath(new URL('../fixtures/golden/h265-aac.mkv', import.meta.url)),
);

for (const [name, origin] of [
  ['an answer of GetMedia', Buffer.concat([getMediaChunk(0), getMediaChunk(1, true)])],
  ['a file', GOLDEN],
] as const) {
  test(`mutations of ${name} give a MatroskaError or sound media`, async () => {
    const random = new Random(20_261_127);
    assert.ok(await check(origin, random));
    let accepted = 0;
    for (let count = 0; count < 1500; count += 1) {
      if (await check(mutate(origin, random), random)) accepted += 1;
    }
    assert.ok(accepted > 20 && accepted < 1480, `${accepted} of 1500 were sound`);
  });
}

test('the same seed makes the same input', () => {
  const once = mutate(GOLDEN, new Random(5));
  assert.ok(once.equals(mutate(GOLDEN, new Random(5))));
  assert.not.ok(once.equals(mutate(GOLDEN, new Random(6))));
});
