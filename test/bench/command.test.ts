import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { suite, type TestContext } from '../support/suite.js';

/** A loaded machine takes its time, and nothing here depends on it. */
const test = suite('benchmark command', { timeout: 240_000 });

const BENCH = fileURLToPath(new URL('../../bench/bench.mjs', import.meta.url));

interface Measurement {
  readonly name: string;
  readonly driver: string;
  readonly unit: string;
  readonly better: string;
  readonly rounds: number[];
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

interface Report {
  readonly benchmark: string;
  readonly schema: number;
  readonly quick: boolean;
  readonly machine: { readonly cores: number };
  readonly versions: { readonly node: string };
  readonly measurements: Measurement[];
  readonly skipped: { readonly driver: string; readonly reason: string }[];
  readonly failed: unknown[];
  readonly bar: { readonly ours: string; readonly met?: boolean }[];
}

function scratch(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'kvs-bench-test-'));
  t.after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

function bench(
  ...args: string[]
): Promise<{ code: number | string | null | undefined; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const command = [BENCH, '--no-prepare', ...args];
    execFile(process.execPath, command, { maxBuffer: 2 ** 24 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, stdout, stderr });
    });
  });
}

test('prints a report whose measurements say in what, by whom and how often', async (t) => {
  const output = scratch(t);
  const args = ['--quick', '--json', '--only', 'put-read-js'];
  const { code, stdout, stderr } = await bench(...args, '--output', output);
  assert.is(code, 0, stderr);

  const report = JSON.parse(stdout) as Report;
  assert.is(report.benchmark, 'kinesis-video-producer');
  assert.is(report.schema, 1);
  assert.is(report.quick, true);
  assert.is(report.versions.node, process.version);
  assert.ok(report.machine.cores >= 1);
  assert.equal(report.failed, []);
  const names = report.measurements.map(({ name }) => name);
  assert.ok(names.includes('put-read-js/annexb-10240/kvs'), names.join(', '));
  for (const { name, rounds, median, low, high } of report.measurements) {
    assert.ok(rounds.length >= 3 && rounds.every((value) => value > 0), name);
    assert.ok(low <= median && median <= high, name);
    assert.ok(low === Math.min(...rounds) && high === Math.max(...rounds), name);
  }
  assert.ok(report.bar.some(({ ours }) => ours === 'put-read-js/annexb-10240/kvs'));
  assert.ok(report.bar.every(({ met }) => met === undefined));

  // A peer is measured, or it is said why not.
  const drivers = [...report.measurements, ...report.skipped].map(({ driver }) => driver);
  assert.ok(drivers.includes('mediabunny') && drivers.includes('webm-muxer'));
  for (const { reason } of report.skipped) assert.match(reason, /^not installed: /);

  assert.equal(JSON.parse(readFileSync(join(output, 'report.json'), 'utf8')), report);
  assert.match(readFileSync(join(output, 'report.md'), 'utf8'), /put-read-js .*annexb-10240/);
  assert.match(readFileSync(join(output, 'report.md'), 'utf8'), / not judged \|/);
  assert.match(readFileSync(join(output, 'report.svg'), 'utf8'), /^<svg /);

  const compared = ['--quick', '--only', 'import', '--compare', join(output, 'report.json')];
  const again = await bench(...compared, '--output', output);
  assert.is(again.code, 0, again.stderr);
  const comparison = readFileSync(join(output, 'comparison.md'), 'utf8');
  assert.match(comparison, /Only in the earlier report: put-read-js\/annexb-200\/kvs/);
  assert.match(comparison, /Not in the earlier report: import\/time\/kvs/);
});

test('says which trials there are when none has the name', async () => {
  const { code, stderr } = await bench('--only', 'nonsense');
  assert.is(code, 2);
  assert.match(stderr, /No trial has nonsense in its name: --help lists them/);
  assert.match(
    (await bench('--help')).stdout,
    /^ {2}put-read-js {2,}put and read from JavaScript$/m,
  );
});

test('starts in a clone where nothing has been built', async () => {
  const hooks = `export function resolve(specifier, context, next) {
    if (/\\b(dist|build)\\//.test(specifier)) throw new Error('loads ' + specifier);
    return next(specifier, context);
  }`;
  const asUrl = (code: string): string => `data:text/javascript,${encodeURIComponent(code)}`;
  const register = `import { register } from 'node:module'; register(${JSON.stringify(asUrl(hooks))})`;
  const command = ['--import', asUrl(register), BENCH, '--help'];
  const { stdout } = await promisify(execFile)(process.execPath, command);
  assert.match(stdout, /^Usage: /);
});

test('refuses to compare with a file that is no report, before it measures', async (t) => {
  const file = join(scratch(t), 'other.json');
  writeFileSync(file, '{}');
  const { code, stderr } = await bench('--compare', file);
  assert.is(code, 2);
  assert.match(stderr, /other\.json is no report of this benchmark/);
});
