/** Programs that are measured as a whole: each runs in a new process, which says what it found. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

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
  const { stdout } = await promisify(execFile)(process.execPath, command, { env });
  return JSON.parse(stdout);
}
