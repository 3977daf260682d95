/**
 * Measures what a put costs while frames are queued, and draws the curve.
 *
 *   node bench/put-cost.mjs [--json] [--output FOLDER]
 *
 * Builds the C library and bench/native/put_cost.c without sanitizers, runs it, and writes
 * put-cost.json and put-cost.svg into FOLDER (build/bench unless told). Nothing depends on the
 * figures: test/native/put_cost_test.c counts what is measured here.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { lineChart } from './line-chart.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What the C producer of AWS was measured to take on two cores of a server, in nanoseconds. */
const AWS = [
  { queued: 1000, median: 5000 },
  { queued: 64_000, median: 369_000 },
];

const { values } = parseArgs({
  options: { json: { type: 'boolean' }, output: { type: 'string' } },
});
const folder = values.output ?? join(root, 'build', 'bench');

const run = (command, args) => execFileSync(command, args, { cwd: root, encoding: 'utf8' });

function build() {
  const type = ['-DCMAKE_BUILD_TYPE=Release', '-DBUILD_TESTING=OFF', '-DKVS_BUILD_BENCHMARKS=ON'];
  run('cmake', ['-S', root, '-B', folder, ...type]);
  run('cmake', ['--build', folder, '--target', 'bench_put_cost', '--config', 'Release']);
}

function measure() {
  return run(join(folder, 'bench_put_cost'), [])
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

function commit() {
  try {
    return run('git', ['rev-parse', '--short', 'HEAD']).trim();
  } catch {
    return undefined;
  }
}

mkdirSync(folder, { recursive: true });
build();
const points = measure();
const report = {
  benchmark: 'put-cost',
  unit: 'ns per put of 200 bytes',
  commit: commit(),
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  node: process.version,
  points,
};
const json = `${JSON.stringify(report, undefined, 2)}\n`;
writeFileSync(join(folder, 'put-cost.json'), json);
writeFileSync(
  join(folder, 'put-cost.svg'),
  lineChart({
    title: 'Cost of a put, by what is queued',
    x: { label: 'frames queued', of: ({ queued }) => queued },
    y: { label: 'nanoseconds (logarithmic)', of: ({ median }) => median },
    lines: [
      { name: 'this producer', colour: '#0b6e4f', points },
      { name: 'AWS C producer', colour: '#b3541e', points: AWS },
    ],
  }),
);
if (values.json) process.stdout.write(json);
else {
  for (const { queued, best, median, worst } of points) {
    console.log(
      `${String(queued).padStart(6)} queued: ${median.toFixed(0)} ns (${best.toFixed(0)} to ${worst.toFixed(0)})`,
    );
  }
  console.log(`The curve is in ${join(folder, 'put-cost.svg')}`);
}
