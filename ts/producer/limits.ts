/** How long an operation may take: the options that every waiting method has. */
import { number, optional, resolveOptions, rule, type Check } from '../internal/options.js';

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
}

/** Limits of `stop` and `close`. */
export interface StopOptions {
  /** Gives up when aborted: what is left is dropped, and the promise rejects with the reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for what is left to be delivered. Default 120000. */
  readonly timeout?: number | undefined;
}

const STOP_TIMEOUT = 120_000;

const signal: Check<AbortSignal> = rule('an AbortSignal', (value) => value instanceof AbortSignal);
const timeout = number({ min: 0, max: 2 ** 31 - 1, unit: 'milliseconds' });

const PUT_SHAPE = { signal: optional(signal), timeout: optional(timeout) };
const CREATE_SHAPE = { signal: optional(signal) };
const STOP_SHAPE = { signal: optional(signal), timeout: optional(timeout, STOP_TIMEOUT) };

/** Checks the options of `put`; throws the signal's reason when it is aborted already. */
export function putLimits(options: PutOptions | undefined): WaitOptions {
  return notAborted(resolveOptions('put', PUT_SHAPE, options));
}

/** Checks the options of `createStream`; throws the signal's reason when it is aborted already. */
export function createLimits(options: CreateStreamOptions | undefined): CreateStreamOptions {
  return notAborted(resolveOptions('createStream', CREATE_SHAPE, options));
}

/** Checks the options of `stop` and `close`; throws the signal's reason when it is aborted already. */
export function stopLimits(
  owner: 'stop' | 'close',
  options: StopOptions | undefined,
): { readonly signal: AbortSignal | undefined; readonly timeout: number } {
  return notAborted(resolveOptions(owner, STOP_SHAPE, options));
}

function notAborted<T extends { readonly signal?: AbortSignal | undefined }>(limits: T): T {
  limits.signal?.throwIfAborted();
  return limits;
}
