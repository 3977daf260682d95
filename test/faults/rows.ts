/** The whole table. A row is added to the list of its kind in `rows/`. */
import { ACK_ROWS } from './rows/acks.js';
import { CALL_ROWS } from './rows/calls.js';
import { IDENTITY_ROWS } from './rows/identity.js';
import { ISOLATED_ROWS } from './rows/isolated.js';
import { LIFECYCLE_ROWS } from './rows/lifecycle.js';
import { NETWORK_ROWS } from './rows/network.js';
import { RESET_ROWS } from './rows/resets.js';
import { titleOf, type FaultRow } from './support/row.js';

export const ROWS: readonly FaultRow[] = [
  ...NETWORK_ROWS,
  ...RESET_ROWS,
  ...CALL_ROWS,
  ...ACK_ROWS,
  ...IDENTITY_ROWS,
  ...LIFECYCLE_ROWS,
  ...ISOLATED_ROWS,
];

/** Rows by what they are called; two of one name would be one. */
export function rowsByTitle(): ReadonlyMap<string, FaultRow> {
  const rows = new Map(ROWS.map((row) => [titleOf(row), row]));
  if (rows.size < ROWS.length) throw new Error('Two rows have the same fault and phase');
  return rows;
}
