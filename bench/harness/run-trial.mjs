import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { summarize, isLowerBetter } from './statistics.mjs';

const RUN_CASE = fileURLToPath(new URL('run-case.mjs', import.meta.url));

/**
 * Runs the cases of a trial one after the other, each in a process of its own.
 *
 * @param trial - one of trials/index.mjs
 * @param {{ quick: boolean, onCase?: (trial, item) => void }} options
 * @returns {Promise<{ measurements: object[], skipped: object[], failed: object[] }>}
 */
export async function runTrial(trial, { quick, onCase = () => undefined }) {
  const outcome = { measurements: [], skipped: [], failed: [] };
  for (const [index, item] of trial.cases.entries()) {
    onCase(trial, item);
    const facts = { trial: trial.name, ...item };
    const reason = await trial.reasonToSkip?.(item);
    if (reason !== undefined) {
      outcome.skipped.push({ ...facts, reason });
      continue;
    }
    try {
      for (const measurement of await runCase(trial, index, quick)) {
        outcome.measurements.push(complete(trial, item, measurement));
      }
    } catch (error) {
      outcome.failed.push({ ...facts, reason: error.message });
    }
  }
  return outcome;
}

function runCase(trial, index, quick) {
  const child = fork(RUN_CASE, [trial.name, index, quick ? 'quick' : 'full'], {
    execArgv: ['--expose-gc'],
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
    // Standard output is that of the report alone.
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  return new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      reject(new Error(`The process ended with ${signal ?? `exit status ${code}`}`));
    });
  });
}

function complete(trial, { driver = 'kvs' }, { what, unit, rounds }) {
  const name = `${trial.name}/${what}/${driver}`;
  const better = isLowerBetter(unit) ? 'lower' : 'higher';
  return { name, trial: trial.name, what, driver, unit, better, rounds, ...summarize(rounds) };
}
