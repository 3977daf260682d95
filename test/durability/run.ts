/**
 * `npm run test:durability -- [--kills N] [--seed N]`: kills the local endpoint at random moments while
 * producers upload to it, and checks that it has kept what it acknowledged. Exit status 1 when not.
 */
import { parseArgs } from 'node:util';
import { runTrial } from './support/trial.js';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '50' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});

function count(name: 'kills' | 'seed'): number {
  const value = values[name];
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw new Error(`Expected a number of at most 9 digits for --${name} but received "${value}"`);
}

const options = { kills: count('kills'), seed: count('seed') };
console.log(`${options.kills} kills, --seed ${options.seed}`);
const began = performance.now();
const { persisted, held, problems } = await runTrial({
  ...options,
  report: (sentence) => {
    console.log(sentence);
  },
});
for (const problem of problems) console.error(`FAIL: ${problem}`);
const seconds = ((performance.now() - began) / 1000).toFixed(0);
console.log(
  `${persisted} fragments were acknowledged as PERSISTED, ${held} are held as they were put, ` +
    `${problems.length} problems, ${seconds} s`,
);
process.exitCode = problems.length === 0 ? 0 : 1;
