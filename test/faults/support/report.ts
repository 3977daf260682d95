/** The table at the end. */
import type { LaneReport } from '../lane.js';
import { titleOf, type FaultRow, type Outcome } from './row.js';

/** What became of a row. */
export type Verdict = 'ok' | 'FAILED' | 'skipped';

/** One line of the table. */
export interface Line {
  readonly row: FaultRow;
  readonly outcome: Outcome | undefined;
  readonly verdict: Verdict;
  /** Why it was skipped, or what is wrong. */
  readonly reasons: readonly string[];
}

const HEADINGS = [
  'fault',
  'phase',
  'time to recover',
  'frames accepted',
  'persisted',
  'reported dropped',
  'verdict',
];

/** Judges an outcome. */
export function judge(row: FaultRow, outcome: Outcome): Line {
  const { problems } = outcome;
  if (problems.length === 0) {
    const reasons = row.todo === undefined ? [] : [`passes: the todo can go (${row.todo})`];
    return { row, outcome, verdict: 'ok', reasons };
  }
  const known = row.todo !== undefined;
  return {
    row,
    outcome,
    verdict: known ? 'skipped' : 'FAILED',
    reasons: [...(known ? [`known: ${row.todo ?? ''}`] : []), ...problems],
  };
}

/** The lines as text, in columns. */
export function table(lines: readonly Line[]): string {
  const cells = lines.map(({ row, outcome, verdict }) => [
    row.fault,
    row.phase,
    seconds(outcome, row),
    text(outcome?.accepted),
    text(outcome?.persisted),
    text(outcome?.dropped),
    verdict,
  ]);
  const all = [HEADINGS, ...cells];
  const widths = HEADINGS.map((_, column) =>
    Math.max(...all.map((line) => line[column]?.length ?? 0)),
  );
  const isNumber = (column: number): boolean => column >= 2 && column <= 5;
  const format = (line: readonly string[]): string =>
    line
      .map((cell, column) =>
        isNumber(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [format(HEADINGS), rule, ...cells.map(format)].join('\n');
}

/** What is to be said of a line besides. */
export function remarks({ row, verdict, reasons }: Line): string {
  if (reasons.length === 0) return '';
  return [`${verdict}: ${titleOf(row)}`, ...reasons.map((reason) => `    ${reason}`)].join('\n');
}

/** Bytes that a process may have more after its last row than after its first ones. */
const HEAP_GROWTH = 12 * 1024 * 1024;
const RSS_GROWTH = 96 * 1024 * 1024;
/** Rows in which a process loads what it needs. */
const WARM_UP = 3;

/** What is wrong with the memory of a lane; the first rows load code and set the base. */
export function memoryProblems(reports: readonly LaneReport[]): string[] {
  const [base, last] = [reports[WARM_UP], reports.at(-1)];
  if (base === undefined || last === undefined) return [];
  const heap = last.heapUsed - base.heapUsed;
  const rss = last.rss - base.rss;
  return [
    ...(heap > HEAP_GROWTH ? [`the heap has grown by ${mib(heap)} MiB`] : []),
    ...(rss > RSS_GROWTH ? [`the process has grown by ${mib(rss)} MiB`] : []),
  ];
}

/** The course of a lane's memory, in words. */
export function memoryLine(reports: readonly LaneReport[]): string {
  const [base, last] = [reports[Math.min(WARM_UP, reports.length - 1)], reports.at(-1)];
  if (base === undefined || last === undefined) return 'no rows';
  const course = (name: 'heapUsed' | 'rss'): string =>
    `${mib(base[name])} → ${mib(last[name])} MiB`;
  return `${reports.length} rows, heap ${course('heapUsed')}, RSS ${course('rss')}`;
}

function seconds(outcome: Outcome | undefined, row: FaultRow): string {
  if (row.fatal !== undefined) return 'fatal';
  return outcome?.recovery === undefined ? '-' : `${(outcome.recovery / 1000).toFixed(2)} s`;
}

function text(count: number | undefined): string {
  return count === undefined ? '-' : String(count);
}

function mib(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1);
}
