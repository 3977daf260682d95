/** Warm-up and rounds of one measurement. */
import { processorTime } from './processor-time.mjs';

const PLANS = {
  full: { rounds: 9, milliseconds: 250 },
  quick: { rounds: 3, milliseconds: 25 },
};

/** How many rounds a measurement has, and how long each lasts about. */
export function planOf({ quick }) {
  return quick ? PLANS.quick : PLANS.full;
}

/**
 * How often `run` gets something done in a second of processor time, round by round. That is the
 * time of all threads of the process, those that collect garbage too; other programs that want the
 * processor change it less than they change the time on the clock.
 *
 * The number of repetitions is doubled until they last as long as a round, which is the warm-up too.
 *
 * @param {(count: number) => unknown} run - does the thing `count` times
 * @param {{ quick?: boolean, unit?: number }} options - `unit`: the number is a multiple of it
 * @returns {Promise<number[]>} per second
 */
export async function throughput(run, { quick = false, unit = 1 } = {}) {
  const { rounds, milliseconds } = planOf({ quick });
  let count = unit;
  while ((await timed(run, count)) < milliseconds) count *= 2;
  const rates = [];
  for (let round = 0; round < rounds; round += 1) {
    rates.push(count / ((await timed(run, count)) / 1000));
  }
  return rates;
}

async function timed(run, count) {
  const start = processorTime();
  await run(count);
  return processorTime() - start;
}
