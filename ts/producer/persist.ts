import { KinesisVideoError } from '../internal/errors.js';
import { abortable, delay, mergeSignals } from '../internal/signal.js';
import { retryAfterOf } from '../service/retry-after.js';
import { Retry } from './retry.js';

/** How long something is tried, and whom it is told. */
export interface PersistOptions {
  /** What is tried, as the object of "is not possible", such as `Creating stream "door"`. */
  readonly what: string;
  /** Milliseconds; Infinity sets no limit. */
  readonly timeout: number;
  /** Ends it; the promise then rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** A failure after which it is tried again in `pause` milliseconds. */
  readonly onRetry: (error: KinesisVideoError, pause: number) => void;
}

/** Errors of a service or a network that cannot be reached now, and of a stream that is changed. */
const PASSING: ReadonlySet<string> = new Set([
  'STATUS_SERVICE_CALL_UNKNOWN_ERROR',
  'STATUS_SERVICE_CALL_TIMEOUT_ERROR',
  'STATUS_SERVICE_CALL_CLIENT_LIMIT_ERROR',
  'STATUS_SERVICE_CALL_RESOURCE_IN_USE_ERROR',
  'STATUS_STREAM_IS_BEING_DELETED_ERROR',
  'STATUS_GET_STREAMING_TOKEN_CALL_FAILED',
  'STATUS_IOT_FAILED',
  'STATUS_IOT_INVALID_RESPONSE_LENGTH',
  'STATUS_OPERATION_TIMED_OUT',
]);

/**
 * Does `work` again after each failure that can pass, with the pauses of an upload. When the time is
 * up it rejects with the last failure, or with STATUS_OPERATION_TIMED_OUT when there was none yet.
 */
export async function persist<T>(
  work: (signal: AbortSignal) => Promise<T>,
  options: PersistOptions,
): Promise<T> {
  const { timeout, signal, onRetry } = options;
  const expiry = new AbortController();
  const timer =
    timeout === Infinity
      ? undefined
      : setTimeout(() => {
          expiry.abort();
        }, timeout);
  const stop = mergeSignals(signal, expiry.signal);
  const retry = new Retry();
  let last: KinesisVideoError | undefined;
  try {
    for (;;) {
      try {
        return await abortable(work(stop.signal), stop.signal);
      } catch (error) {
        stop.signal.throwIfAborted();
        if (!canPass(error)) throw error;
        last = error;
      }
      const pause = Math.max(retry.failed(), retryAfterOf(last));
      onRetry(last, Math.round(pause));
      await delay(pause, stop.signal);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw expiry.signal.aborted ? (last ?? timedOut(options)) : error;
  } finally {
    clearTimeout(timer);
    stop.release();
  }
}

function canPass(error: unknown): error is KinesisVideoError {
  return error instanceof KinesisVideoError && error.retryable && PASSING.has(error.code);
}

function timedOut({ what, timeout }: PersistOptions): KinesisVideoError {
  const advice = 'check the network, or allow more time';
  return new KinesisVideoError(
    'STATUS_OPERATION_TIMED_OUT',
    `${what} was not possible within ${timeout} ms: ${advice}.`,
    { values: { timeout }, advice, retryable: true },
  );
}
