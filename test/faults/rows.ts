/** The whole table. A row is added to the list of its kind in `rows/`. */
import { CALL_ROWS } from './rows/calls.js';
import { NETWORK_ROWS } from './rows/network.js';
import { titleOf, type FaultRow } from './support/row.js';

export const ROWS: readonly FaultRow[] = [...NETWORK_ROWS, ...CALL_ROWS];

/** Rows by what they are called; two of one name would be one. */
export function rowsByTitle(): ReadonlyMap<string, FaultRow> {
  const rows = new Map(ROWS.map((row) => [titleOf(row), row]));
  if (rows.size < ROWS.length) throw new Error('Two rows have the same fault and phase');
  return rows;
}
