/**
 * Runs the test files, each in its own process, and sums up. Arguments select files: those whose
 * path contains one of them. `KVS_NO_SKIP=1` turns every skipped test into a failure. With
 * `KVS_TEST_ROOT` they are those of that folder, which may be compiled ones, and with `KVS_TEST_NODE`
 * that program runs them.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CANARY } from './support/canary.js';
import type { Tally } from './support/report.js';

/** How many files run at a time: more would disturb tests that measure time. */
const PARALLEL = 2;
/** Milliseconds after which a file is killed; only a test that blocks the event loop gets there. */
const FILE_TIMEOUT = Number(process.env['KVS_TEST_FILE_TIMEOUT'] ?? 300_000);

interface Outcome extends Tally {
  output: string;
  seconds: number;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'kvs-test-'));
process.on('exit', () => {
  rmSync(scratch, { recursive: true, force: true });
});

function testFiles(filters: readonly string[]): string[] {
  const folder = process.env['KVS_TEST_ROOT'] ?? join(root, 'test');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.test\.[tj]s$/.test(name))
    .map((name) => relative(root, join(folder, name)).split(sep).join('/'))
    .filter((name) => filters.length === 0 || filters.some((filter) => name.includes(filter)))
    .sort();
}

/** Runs one file; never rejects, since a file that cannot be started has failed. */
function runFile(file: string, index: number): Promise<Outcome> {
  const tallyFile = join(scratch, `${index}.json`);
  const started = performance.now();
  const args = file.endsWith('.ts') ? ['--import', 'tsx', file] : [file];
  const child = spawn(process.env['KVS_TEST_NODE'] ?? process.execPath, args, {
    cwd: root,
    env: { ...process.env, KVS_TEST_TALLY: tallyFile },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const collect = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);

  const killer = setTimeout(() => {
    output += `\nThe file was killed after ${FILE_TIMEOUT} ms\n`;
    child.kill('SIGKILL');
    // A program that the file started may hold the pipes open.
    child.stdout.destroy();
    child.stderr.destroy();
  }, FILE_TIMEOUT);

  return new Promise((resolve) => {
    const settle = (tally: Tally): void => {
      clearTimeout(killer);
      resolve({ ...tally, output, seconds: (performance.now() - started) / 1000 });
    };
    child.on('error', (error) => {
      output += String(error);
      settle({ passed: 0, failed: 1, skipped: 0 });
    });
    child.on('close', (code, signal) => {
      const tally = readTally(tallyFile) ?? { passed: 0, failed: 0, skipped: 0 };
      const total = tally.passed + tally.failed + tally.skipped;
      if (tally.failed === 0 && (code !== 0 || total === 0)) {
        output += `\nThe file ran ${total} tests and ended with ${signal ?? `exit status ${code}`}\n`;
        tally.failed = 1;
      }
      if (output.includes(CANARY)) {
        output += `\nThe output shows the secret that the tests work with, ${CANARY}\n`;
        tally.failed += 1;
      }
      settle(tally);
    });
  });
}

/** The counts that the file left; undefined when it died before it could, or has no suite. */
function readTally(path: string): Tally | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Tally;
  } catch {
    return undefined;
  }
}

function show(file: string, outcome: Outcome, skipsFail: boolean): void {
  const failed = outcome.failed > 0 || (skipsFail && outcome.skipped > 0);
  const verdict = failed ? 'FAIL' : 'ok  ';
  const skips = outcome.skipped > 0 ? `, ${outcome.skipped} skipped` : '';
  console.log(
    `${verdict} ${file} (${outcome.passed} passed${skips}, ${outcome.seconds.toFixed(1)} s)`,
  );
  if (failed) console.log(outcome.output);
  else for (const line of outcome.output.match(/^ +skipped: .*$/gm) ?? []) console.log(line);
}

async function main(): Promise<void> {
  const skipsFail = process.env['KVS_NO_SKIP'] === '1';
  const files = testFiles(process.argv.slice(2));
  const total: Tally = { passed: 0, failed: 0, skipped: 0 };
  if (files.length === 0) {
    console.log('No test file matches');
    total.failed = 1;
  }

  const queue = files.entries();
  const worker = async (): Promise<void> => {
    for (const [index, file] of queue) {
      const outcome = await runFile(file, index);
      show(file, outcome, skipsFail);
      total.passed += outcome.passed;
      total.failed += outcome.failed;
      total.skipped += outcome.skipped;
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));

  if (skipsFail && total.skipped > 0) {
    console.log(`KVS_NO_SKIP is set: ${total.skipped} skipped tests count as failures`);
    total.failed += total.skipped;
    total.skipped = 0;
  }
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}

void main();
