/** How long an operation may take: the options that every waiting method has. */
import {
  expected,
  number,
  optional,
  resolveOptions,
  rule,
  type Check,
} from '../internal/options.js';

/** Limits of a wait. */
export interface WaitOptions {
  /** Ends the wait; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds. */
  readonly timeout?: number | undefined;
}

/** Limits of `put`. There is no time limit unless one is given. */
export type PutOptions = WaitOptions;

/** Limits of `createStream`. */
export interface CreateStreamOptions {
  /** Ends the wait; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Milliseconds for which what can pass is tried again, such as a network that is not there yet.
   * Infinity waits for as long as it takes. Default 30000.
   */
  readonly timeout?: number | undefined;
}

/** Limits of `stop` and `close`. */
export interface StopOptions {
  /** Gives up when aborted: what is left is dropped, and the promise rejects with the reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for what is left to be delivered. Default 120000. */
  readonly timeout?: number | undefined;
  /** Until when it may take instead, as a Date or in milliseconds since the epoch. */
  readonly deadline?: Date | number | undefined;
}

const CREATE_TIMEOUT = 30_000;
const STOP_TIMEOUT = 120_000;

const signal: Check<AbortSignal> = rule('an AbortSignal', (value) => value instanceof AbortSignal);
/** The longest time of a timer. */
const MAX_TIMEOUT = 2 ** 31 - 1;
const timeout = number({ min: 0, max: MAX_TIMEOUT, unit: 'milliseconds' });

const timeoutOrNone: Check<number> = (value, name) =>
  value === Infinity ? value : timeout(value, name);

const PUT_SHAPE = { signal: optional(signal), timeout: optional(timeout) };
const CREATE_SHAPE = {
  signal: optional(signal),
  timeout: optional(timeoutOrNone, CREATE_TIMEOUT),
};
const deadline: Check<Date | number> = rule(
  'a Date, or milliseconds since the epoch,',
  (value) => (typeof value === 'number' || value instanceof Date) && !Number.isNaN(+value),
);
const STOP_SHAPE = {
  signal: optional(signal),
  timeout: optional(timeout),
  deadline: optional(deadline),
};

const NO_LIMITS: WaitOptions = Object.freeze({});

/** Checks the options of `put`; throws the signal's reason when it is aborted already. */
export function putLimits(options: PutOptions | undefined): WaitOptions {
  // Most frames come without, and there are many.
  if (options === undefined) return NO_LIMITS;
  return notAborted(resolveOptions('put', PUT_SHAPE, options));
}

/** Checks the options of `createStream`; throws the signal's reason when it is aborted already. */
export function createLimits(options: CreateStreamOptions | undefined): {
  readonly signal: AbortSignal | undefined;
  readonly timeout: number;
} {
  return notAborted(resolveOptions('createStream', CREATE_SHAPE, options));
}

/** Checks the options of `stop` and `close`; throws the signal's reason when it is aborted already. */
export function stopLimits(
  owner: 'stop' | 'close',
  options: StopOptions | undefined,
): { readonly signal: AbortSignal | undefined; readonly timeout: number } {
  const given = notAborted(resolveOptions(owner, STOP_SHAPE, options));
  if (given.deadline === undefined) {
    return { signal: given.signal, timeout: given.timeout ?? STOP_TIMEOUT };
  }
  if (given.timeout !== undefined) {
    throw expected('timeout or deadline, not both,', owner, options);
  }
  const left = Number(given.deadline) - Date.now();
  return { signal: given.signal, timeout: Math.min(Math.max(left, 0), MAX_TIMEOUT) };
}

function notAborted<T extends { readonly signal?: AbortSignal | undefined }>(limits: T): T {
  limits.signal?.throwIfAborted();
  return limits;
}
