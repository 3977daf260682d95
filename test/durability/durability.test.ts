import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { runTrial } from './support/trial.js';

const test = suite('Durability', { timeout: 90_000 });

test('an endpoint that is killed while media come keeps what it acknowledged', async () => {
  const { persisted, held, problems } = await runTrial({ kills: 5, seed: 6 });
  assert.equal(problems, []);
  assert.ok(persisted >= 12, `${persisted} fragments were acknowledged`);
  assert.ok(held >= persisted);
});
