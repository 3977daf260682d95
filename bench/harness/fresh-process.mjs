/** Programs that are measured as a whole: each runs in a new process, which says what it found. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const folder = new URL('../programs/', import.meta.url);

/**
 * Runs a program of bench/programs and gives what it prints, an object of JSON.
 *
 * @param {string} name - of the file, without its extension
 */
export async function inNewProcess(name, ...args) {
  const file = fileURLToPath(new URL(`${name}.mjs`, folder));
  const env = { ...process.env, NODE_NO_WARNINGS: '1' };
  const command = ['--expose-gc', file, ...args.map(String)];
  const { stdout } = await run(process.execPath, command, { env });
  return JSON.parse(stdout);
}

/**
 * Runs a command whose output is of no interest, in a POSIX shell.
 *
 * @returns {Promise<number>} milliseconds of processor time that it took, in steps of 10 or less
 */
export async function processorTimeOf(command) {
  // The second line of `times` is about the processes that have ended.
  const script = '"$@" >/dev/null || exit; times';
  const env = { ...process.env, NODE_NO_WARNINGS: '1' };
  const { stdout } = await run('sh', ['-c', script, 'sh', ...command], { env });
  const parts = stdout
    .trim()
    .split('\n')[1]
    .matchAll(/(\d+)m([\d.,]+)s/g);
  return [...parts].reduce((sum, [, minutes, seconds]) => {
    return sum + Number(minutes) * 60_000 + Number(seconds.replace(',', '.')) * 1000;
  }, 0);
}
