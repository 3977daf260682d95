/**
 * The fault suite: `npm run test:faults -- [--transport worker] [FILTER…]`. Runs the rows of
 * `rows.ts`, or those whose title contains a filter, several at a time and each lane in a process of
 * its own. With `KVS_NO_SKIP=1` a row fails for which a program is not installed.
 */
import { secretsIn } from './support/canary.js';
import { Lane } from './support/lane-process.js';
import { Namespace, NOT_INSTALLED } from './support/namespace.js';
import { judge, memoryLine, memoryProblems, remarks, table, type Line } from './support/report.js';
import { titleOf, type FaultRow } from './support/row.js';
import type { Transport } from './support/world.js';
import { ROWS, rowsByTitle } from './rows.js';

/**
 * Rows mostly wait; more lanes than this keep two cores busy with starting programs. A worker thread
 * loads all of its code for each row.
 */
const LANES = { main: 8, worker: 4 };
const ISOLATED_LANES = 3;

interface Arguments {
  readonly transport: Transport;
  readonly filters: readonly string[];
}

function readArguments(args: readonly string[]): Arguments {
  const at = args.indexOf('--transport');
  const transport = at < 0 ? 'main' : (args[at + 1] ?? '');
  if (transport !== 'main' && transport !== 'worker') {
    throw new Error(`Expected main or worker for --transport but received "${transport}"`);
  }
  return { transport, filters: args.filter((_, index) => at < 0 || index < at || index > at + 1) };
}

/** The longest first: what runs last should not be what everybody waits for. */
function byLength(a: FaultRow, b: FaultRow): number {
  return (b.lasts ?? 2000) - (a.lasts ?? 2000);
}

/** Runs rows in lanes; returns the lines and what is wrong with the lanes. */
async function runAll(
  rows: readonly FaultRow[],
  transport: Transport,
  lanes: number,
  isolated: boolean,
): Promise<{ lines: Line[]; problems: string[]; notes: string[] }> {
  const lines: Line[] = [];
  const problems: string[] = [];
  const notes: string[] = [];
  const queue = [...rows].sort(byLength).values();
  const work = async (): Promise<void> => {
    const lane = await Lane.open(transport, isolated);
    for (const row of queue) {
      const line = judge(row, await lane.run(row));
      const { recovery, took } = line.outcome ?? { took: 0 };
      const time = recovery === undefined ? '' : `, back in ${(recovery / 1000).toFixed(1)} s`;
      console.log(`${line.verdict}: ${titleOf(row)} (${(took / 1000).toFixed(1)} s${time})`);
      lines.push(line);
    }
    await lane.close();
    const secrets = secretsIn(lane.output);
    problems.push(
      ...memoryProblems(lane.reports),
      ...secrets.map((secret) => `a lane has printed "${secret}"`),
    );
    if (lane.output.trim() !== '') console.log(lane.output.trim());
    notes.push(memoryLine(lane.reports));
  };
  await Promise.all(Array.from({ length: Math.min(lanes, rows.length) }, work));
  return { lines, problems, notes };
}

async function main(): Promise<void> {
  const began = performance.now();
  const { transport, filters } = readArguments(process.argv.slice(2));
  rowsByTitle();
  const chosen = ROWS.filter(
    (row) => filters.length === 0 || filters.some((filter) => titleOf(row).includes(filter)),
  );
  const obstacle = chosen.some((row) => row.namespace) ? Namespace.obstacle() : undefined;
  const barred = obstacle === undefined ? [] : chosen.filter((row) => row.namespace === true);
  const skipped = barred.map((row): Line => ({
    row,
    outcome: undefined,
    verdict: 'skipped',
    reasons: [obstacle ?? ''],
  }));
  const runnable = chosen.filter((row) => !barred.includes(row));
  const results = await Promise.all([
    runAll(
      runnable.filter((row) => row.namespace !== true),
      transport,
      LANES[transport],
      false,
    ),
    runAll(
      runnable.filter((row) => row.namespace === true),
      transport,
      ISOLATED_LANES,
      true,
    ),
  ]);
  const lines = [...results.flatMap((result) => result.lines), ...skipped].sort(
    (a, b) => ROWS.indexOf(a.row) - ROWS.indexOf(b.row),
  );
  const problems = results.flatMap((result) => result.problems);
  if (chosen.length === 0) problems.push('No row matches');

  for (const remark of lines.map(remarks)) if (remark !== '') console.log(remark);
  console.log(`\n${table(lines)}\n`);
  for (const note of results.flatMap((result) => result.notes)) console.log(`process: ${note}`);
  for (const problem of problems) console.log(`FAILED: ${problem}`);
  summarise(lines, problems.length, (performance.now() - began) / 1000);
}

function summarise(lines: readonly Line[], problems: number, seconds: number): void {
  const count = (verdict: Line['verdict']): number =>
    lines.filter((line) => line.verdict === verdict).length;
  // A program can be installed; that a system gives no rights to its root cannot be helped.
  const lacking = lines.filter(({ reasons: [reason] }) => reason?.endsWith(NOT_INSTALLED) === true);
  const barred = process.env['KVS_NO_SKIP'] === '1' ? lacking.length : 0;
  const failed = count('FAILED') + problems + barred;
  console.log(`took ${seconds.toFixed(0)} s`);
  if (barred > 0) console.log(`KVS_NO_SKIP is set: ${barred} skipped rows are failures`);
  console.log(`${count('ok')} passed, ${failed} failed, ${count('skipped') - barred} skipped`);
  process.exitCode = failed > 0 ? 1 : 0;
}

void main();
