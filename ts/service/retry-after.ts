import { KinesisVideoError } from '../internal/errors.js';

/** The longest that the service is left alone for because it asks for it, in milliseconds. */
const MAX_RETRY_AFTER = 60_000;

/**
 * Reads the header `Retry-After`, which holds seconds or a date (RFC 9110, 10.2.3).
 *
 * @returns milliseconds, at most a minute; undefined when there is no such header or no sense in it
 */
export function parseRetryAfter(header: string | undefined, now = Date.now()): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  const wait = /^\d+$/.test(text) ? Number(text) * 1000 : httpDate(text) - now;
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(wait, 0), MAX_RETRY_AFTER);
}

/** `Date.parse` makes a date of almost anything with digits in it; these begin with a weekday. */
function httpDate(text: string): number {
  return /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text) ? Date.parse(text) : Number.NaN;
}

/** Milliseconds to wait because the answer behind `error` asks for it; 0 when it does not. */
export function retryAfterOf(error: unknown): number {
  const retryAfter = error instanceof KinesisVideoError ? error.values['retryAfter'] : undefined;
  return typeof retryAfter === 'number' ? retryAfter : 0;
}
