/** Levels of loggers: their numbers, and what the environment says about them. */
import { KinesisVideoError } from '../internal/errors.js';
import { LOG_LEVELS, type LogLevel } from './logger.js';

/** A level, or `silent` for none. */
export type LogThreshold = LogLevel | 'silent';

/** What a logger can be set to. */
export const LOG_THRESHOLDS = [...LOG_LEVELS, 'silent'] as const;

/** The numbers that pino gives to levels. */
export const LEVEL_NUMBERS: Readonly<Record<LogThreshold, number>> = {
  trace: 10,
  debug: 20,
  info: 30,
  warn: 40,
  error: 50,
  fatal: 60,
  silent: Infinity,
};

const VARIABLE = 'AWS_KVS_LOG_LEVEL';

/**
 * The level of AWS_KVS_LOG_LEVEL, from 1 (all) to 7 (nothing) as other producers of the service count
 * them; undefined when it is not set.
 *
 * @throws KinesisVideoError STATUS_INVALID_ARG for anything else
 */
export function levelOfEnvironment(): LogThreshold | undefined {
  const text = process.env[VARIABLE];
  if (text === undefined || text === '') return undefined;
  const level = /^[1-7]$/.test(text) ? LOG_THRESHOLDS[Number(text) - 1] : undefined;
  if (level !== undefined) return level;
  const advice = 'set it to a number from 1 (trace) to 6 (fatal), or to 7 for silence';
  throw new KinesisVideoError('STATUS_INVALID_ARG', `${VARIABLE} is "${text}": ${advice}.`, {
    values: { [VARIABLE]: text },
    advice,
  });
}
