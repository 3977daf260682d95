/** What the page asks for, read from the query of a URL. */
import { alternatives, expected } from '../../internal/options.js';
import type { SessionRequest } from '../protocol.js';
import type { MediaStart } from '../source.js';

const FRAGMENT_NUMBER = /^\d{1,128}$/;
const MAX_TIME = 8.64e15;

/** Where GetMedia shall begin: `start` is `now`, `earliest`, `time:MS` or `after:NUMBER`. */
export function parseStart(query: URLSearchParams): MediaStart {
  const start = query.get('start') ?? 'now';
  if (start === 'now' || start === 'earliest') return start;
  const [kind, value = ''] = start.split(':', 2);
  if (kind === 'after' && FRAGMENT_NUMBER.test(value)) return { afterFragment: value };
  if (kind === 'time') return { producerTime: parseTime(value, 'start') };
  throw expected('now, earliest, time:MILLISECONDS or after:FRAGMENT', 'start', start);
}

/** A range of time in `start` and `end`. */
export function parseRange(query: URLSearchParams): { start: number; end: number } {
  const start = parseTime(query.get('start'), 'start');
  const end = parseTime(query.get('end'), 'end');
  if (end <= start) throw expected('a time behind start', 'end', end);
  return { start, end };
}

/** A playback session: `protocol`, `mode`, `container` and, on demand, a range of time. */
export function parseSession(query: URLSearchParams): SessionRequest {
  const protocol = oneOf(['hls', 'dash'], query, 'protocol');
  const mode = oneOf(['live', 'on-demand'], query, 'mode');
  const container = oneOf(['fmp4', 'ts'], query, 'container');
  return { protocol, mode, container, ...(mode === 'on-demand' && parseRange(query)) };
}

function oneOf<const T extends string>(
  choices: readonly T[],
  query: URLSearchParams,
  name: string,
): T {
  const given = query.get(name) ?? choices[0];
  const found = choices.find((choice) => choice === given);
  if (found === undefined) throw expected(alternatives(choices), name, given);
  return found;
}

function parseTime(given: string | null, name: string): number {
  const time = /^\d+(\.\d+)?$/.test(given ?? '') ? Number(given) : NaN;
  if (time >= 0 && time <= MAX_TIME) return time;
  throw expected('a time in epoch milliseconds', name, given);
}
