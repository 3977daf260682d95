/** A process that runs rows one after the other, as the runner sends their titles. */
import { rowsByTitle } from './rows.js';
import { runRow } from './support/run-row.js';
import type { Outcome } from './support/row.js';
import type { Transport } from './support/world.js';

/** What a lane tells the runner after each row. */
export interface LaneReport {
  readonly outcome: Outcome;
  /** Bytes after a garbage collection. */
  readonly heapUsed: number;
  readonly rss: number;
}

const rows = rowsByTitle();
const transport = (process.argv[2] ?? 'main') as Transport;
const collectGarbage = (globalThis as { gc?: () => void }).gc ?? ((): void => undefined);

process.on('message', (title: string) => {
  void run(title);
});
process.send?.('ready');

async function run(title: string): Promise<void> {
  const row = rows.get(title);
  if (row === undefined) throw new Error(`There is no row "${title}"`);
  const outcome = await runRow(row, transport);
  collectGarbage();
  const { heapUsed, rss } = process.memoryUsage();
  const report: LaneReport = { outcome, heapUsed, rss };
  process.send?.(report);
}
