import type { EdgeRecord } from './record.js';

/** How far an edge configuration has come. */
export type SyncStatus =
  'SYNCING' | 'ACKNOWLEDGED' | 'IN_SYNC' | 'DELETING' | 'DELETING_ACKNOWLEDGED';

/** The clock, and how long each step of the agent takes. */
export interface EdgeTiming {
  readonly now: () => number;
  readonly lifecycleDelay: number;
}

/**
 * How far a configuration has come; undefined when there is none. The endpoint stands in for the
 * agent: it acknowledges a change after the life-cycle delay, and has made it after another.
 */
export function syncStatusOf(
  edge: EdgeRecord | undefined,
  { now, lifecycleDelay }: EdgeTiming,
): SyncStatus | undefined {
  if (edge === undefined) return undefined;
  const elapsed = now() - edge.changeTime;
  const isUpdate = edge.change === 'update';
  if (elapsed < lifecycleDelay) return isUpdate ? 'SYNCING' : 'DELETING';
  if (elapsed < 2 * lifecycleDelay) return isUpdate ? 'ACKNOWLEDGED' : 'DELETING_ACKNOWLEDGED';
  return isUpdate ? 'IN_SYNC' : undefined;
}
