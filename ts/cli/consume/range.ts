import { expected } from '../../internal/options.js';
import { choice, moment, required, valueOr, type Parser } from '../options.js';

/** When the command was given: what is a day long from one time ago to another stays so. */
export const NOW = Date.now();

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** A moment in epoch milliseconds: as `moment` has it, or so long ago, such as `-10m`. */
export const time: Parser<number> = (given, name) => {
  const [, amount, unit = ''] = /^-(\d+(?:\.\d+)?)([smhd])$/.exec(given) ?? [];
  const seconds = UNITS[unit];
  if (amount !== undefined && seconds !== undefined) {
    return Math.max(0, Math.round(NOW - Number(amount) * seconds * 1000));
  }
  try {
    const found = moment(given, name);
    return found === 'now' ? NOW : found;
  } catch {
    const times =
      '-30s, -10m, -2h or -1d for so long ago, now, a date such as 2026-01-31T12:00:00Z';
    throw expected(`${times}, or epoch milliseconds`, name, given);
  }
};

/** Whose clock times are of. */
export const BY_OPTION = {
  by: valueOr(
    'CLOCK',
    'clock of the times: server (default); producer for media not sent live',
    choice('server', 'producer'),
    'server',
  ),
};

/** The options that choose a span of time; both ends have to be given. */
export const SPAN_OPTIONS = {
  start: required('TIME', 'from TIME on: ISO 8601, epoch ms, or -10m for 10 minutes ago', time),
  end: valueOr<number | 'now'>('TIME', 'up to TIME (default: now)', time, 'now'),
  ...BY_OPTION,
};

/** The span that those options say, as a consumer takes it. */
export function spanOf(options: {
  readonly start: number;
  readonly end: number | 'now';
  readonly by: 'server' | 'producer';
}) {
  const { start, end, by } = options;
  return {
    startTimestamp: start,
    endTimestamp: end === 'now' ? NOW : end,
    fragmentSelectorType: clockOf(by),
  };
}

/** The service's name for a clock. */
export function clockOf(by: 'server' | 'producer'): 'SERVER_TIMESTAMP' | 'PRODUCER_TIMESTAMP' {
  return by === 'server' ? 'SERVER_TIMESTAMP' : 'PRODUCER_TIMESTAMP';
}
