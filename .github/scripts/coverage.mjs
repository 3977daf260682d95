/**
 * Sums the line coverage up by folder.
 *
 *   coverage.mjs SUMMARY MINIMUM
 *
 * SUMMARY is what `gcovr --json-summary` writes. Fails when fewer than MINIMUM percent of the lines
 * have been run.
 */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';

const [summaryFile, minimum] = process.argv.slice(2);
const { files } = JSON.parse(readFileSync(summaryFile, 'utf8'));

const folders = new Map();
const all = { covered: 0, total: 0 };
for (const { filename, line_covered: covered, line_total: total } of files) {
  const name = dirname(filename);
  const folder = folders.get(name) ?? { covered: 0, total: 0 };
  for (const sum of [folder, all]) {
    sum.covered += covered;
    sum.total += total;
  }
  folders.set(name, folder);
}

// Rounded down, so that 100.0 % means every line.
const percent = ({ covered, total }) => Math.floor((covered / total) * 1000) / 10;
const row = (name, sum) =>
  [
    name.padEnd(24),
    String(sum.covered).padStart(6),
    String(sum.total).padStart(6),
    `${percent(sum).toFixed(1)} %`.padStart(8),
  ].join(' ');

console.log(`${'lines of'.padEnd(24)} ${'run'.padStart(6)} ${'all'.padStart(6)}`);
for (const [name, sum] of [...folders].sort()) console.log(row(name, sum));
console.log(row('all', all));
if (!(percent(all) >= Number(minimum))) {
  console.error(`Fewer than ${minimum} % of the lines are run by a test`);
  process.exitCode = 1;
}
