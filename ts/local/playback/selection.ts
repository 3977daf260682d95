/** Which fragments lie in a range of time. */
import { compareFragmentNumbers } from '../../parser/fragment-number.js';
import { invalidArgument } from '../exceptions.js';
import type { FragmentEntry } from '../fragments/entry.js';
import type { Input } from '../input.js';

/** Values of the members that choose a clock. */
export const TIMESTAMP_TYPES = ['SERVER_TIMESTAMP', 'PRODUCER_TIMESTAMP'] as const;
/** The clock that fragments are chosen and placed by. */
export type TimestampType = (typeof TIMESTAMP_TYPES)[number];

/** Epoch milliseconds, both ends included; without an end it goes on. */
export interface TimeRange {
  readonly from: number;
  readonly to: number | undefined;
}

const MAX_RANGE_MS = 24 * 3_600_000;

/** Reads a TimestampRange. Throws InvalidArgumentException. */
export function readRange(
  range: Input,
  rules: { timestamps: TimestampType; now: number; openEnded: boolean },
): TimeRange {
  const from = range.required('StartTimestamp', range.timestamp('StartTimestamp'));
  const to = range.timestamp('EndTimestamp');
  if (to === undefined) {
    if (!rules.openEnded) range.required('EndTimestamp', to);
    return { from, to };
  }
  const [start, end] = [from / 1000, to / 1000];
  if (to <= from) {
    throw invalidArgument(`EndTimestamp ${end} must be later than StartTimestamp ${start}`);
  }
  if (to - from > MAX_RANGE_MS) {
    throw invalidArgument(
      `EndTimestamp ${end} must be within 24 hours of StartTimestamp ${start}; ask for a shorter range`,
    );
  }
  if (rules.timestamps === 'SERVER_TIMESTAMP' && to > rules.now) {
    throw invalidArgument(
      `EndTimestamp ${end} must be in the past, since FragmentSelectorType is SERVER_TIMESTAMP; it is ${rules.now / 1000} now`,
    );
  }
  return { from, to };
}

/** When a fragment begins by the chosen clock, in epoch milliseconds. */
export function startOf(entry: FragmentEntry, timestamps: TimestampType): number {
  return timestamps === 'SERVER_TIMESTAMP' ? entry.serverTimestamp : entry.producerTimestamp;
}

/**
 * Fragments in the order in which they are played. By producer timestamps, of several with the
 * same start the newest counts.
 */
export function inPlayingOrder(
  entries: readonly FragmentEntry[],
  timestamps: TimestampType,
): FragmentEntry[] {
  if (timestamps === 'SERVER_TIMESTAMP') return [...entries];
  const byStart = new Map<number, FragmentEntry>();
  for (const entry of entries) {
    const other = byStart.get(entry.producerTimestamp);
    const isNewest = !other || compareFragmentNumbers(entry.number, other.number) > 0;
    if (isNewest) byStart.set(entry.producerTimestamp, entry);
  }
  return [...byStart.values()].sort((a, b) => a.producerTimestamp - b.producerTimestamp);
}

/** Whether `entry` is played after `other`. */
export function comesAfter(
  entry: FragmentEntry,
  other: FragmentEntry,
  timestamps: TimestampType,
): boolean {
  if (timestamps === 'SERVER_TIMESTAMP') {
    return compareFragmentNumbers(entry.number, other.number) > 0;
  }
  return entry.producerTimestamp > other.producerTimestamp;
}

/** The fragments of `entries` that begin in `range`, in the order in which they are played. */
export function selectFragments(
  entries: readonly FragmentEntry[],
  range: TimeRange,
  timestamps: TimestampType,
): FragmentEntry[] {
  const { from, to = Infinity } = range;
  const inside = entries.filter((entry) => {
    const start = startOf(entry, timestamps);
    return start >= from && start <= to;
  });
  return inPlayingOrder(inside, timestamps);
}
