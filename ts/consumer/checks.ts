/** Checks of options that several calls have. */
import { expected, optional, rule, string, type Check } from '../internal/options.js';

/** A time: milliseconds since the epoch, as `Date.now()` gives them, or a Date. */
export type Timestamp = number | Date;

/** What every call of a consumer needs. */
export interface StreamCallOptions {
  /** The stream, by its name. */
  readonly streamName: string;
  /** Ends the call, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** A span of time of a stream. */
export interface TimeRange {
  /** The first fragment begins then or later. */
  readonly startTimestamp: Timestamp;
  /** The last fragment begins then or earlier. */
  readonly endTimestamp: Timestamp;
  /**
   * Whose clock the times are of: that of the service, `SERVER_TIMESTAMP`, or that of the producer,
   * `PRODUCER_TIMESTAMP`. Default `SERVER_TIMESTAMP`.
   */
  readonly fragmentSelectorType?: FragmentSelectorType | undefined;
}

/** Whose clock times are of. */
export type FragmentSelectorType = 'SERVER_TIMESTAMP' | 'PRODUCER_TIMESTAMP';

/** The largest time that a Date can hold, in milliseconds. */
const MAX_TIME = 8.64e15;

/** Accepts a time and returns it as a Date. */
export const timestamp: Check<Date> = (value, name) => {
  const time = value instanceof Date ? value.getTime() : value;
  if (typeof time === 'number' && time >= 0 && time <= MAX_TIME) return new Date(time);
  throw expected('milliseconds since the epoch or a valid Date', name, value);
};

/** Accepts the name of a stream. */
export const streamName: Check<string> = string(
  'a stream name of 1 to 256 letters, digits and _.-',
  (text) => /^[a-zA-Z0-9_.-]{1,256}$/.test(text),
);

/** Accepts the decimal digits of a fragment number. */
export const fragmentNumber: Check<string> = string('a fragment number', (text) =>
  /^\d{1,128}$/.test(text),
);

/** Accepts an AbortSignal, or nothing. */
export const signal: Check<AbortSignal | undefined> = optional(
  rule<AbortSignal>('an AbortSignal', (value) => value instanceof AbortSignal),
);

/** Checks that a range does not end before it begins, where both ends are given. */
export function checkOrder(start: Date | undefined, end: Date | undefined): void {
  if (start === undefined || end === undefined || start <= end) return;
  throw expected('a time that is not before startTimestamp', 'endTimestamp', end.toISOString());
}
