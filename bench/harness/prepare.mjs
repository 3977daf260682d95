/** What has to be there before the first trial. Output goes to standard error. */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Runs npm, with the program that has started this one where it was npm. */
function npm(...args) {
  const script = process.env.npm_execpath;
  const [command, first] = script ? [process.execPath, [script]] : ['npm', []];
  const options = { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' };
  return spawnSync(command, [...first, ...args], options).status === 0;
}

/**
 * Builds the package and the addon, as the tests do.
 *
 * @throws Error when that fails, of which the compilers have said the reason
 */
export function buildPackage() {
  for (const script of ['build', 'build:native']) {
    if (!npm('run', '--silent', script)) throw new Error(`npm run ${script} has failed`);
  }
}

/** Whether the peers are installed as the lock file has them: npm leaves a copy of it behind. */
function areInstalled() {
  const [wanted, installed] = ['package-lock.json', 'node_modules/.package-lock.json']
    .map((name) => join(root, 'bench', name))
    .map((file) => (existsSync(file) ? statSync(file).mtimeMs : 0));
  return installed >= wanted;
}

/** Installs the peers of bench/package.json on first use; says so when they cannot be had. */
export function installPeers(log) {
  if (areInstalled()) return;
  log('Installing what is compared with, on first use: npm ci --prefix bench');
  const done = npm('ci', '--prefix', 'bench', '--no-audit', '--no-fund', '--loglevel=error');
  if (!done) log('That has failed: the benchmark goes on without them');
}
