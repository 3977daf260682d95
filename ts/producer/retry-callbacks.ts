import type { KinesisVideoError } from '../internal/errors.js';
import type { DroppedFrames } from './events.js';

/**
 * What a stream does about a trouble.
 *
 * - `continue`: goes on as it is; after a failure it connects again.
 * - `reset-connection`: makes the connection anew and sends again what is not confirmed.
 * - `reset-stream`: drops all that is held, makes the connection anew and begins with a key frame.
 * - `fail`: gives up; the stream has failed.
 */
export type RetryAction = 'continue' | 'reset-connection' | 'reset-stream' | 'fail';

/** An action, now or soon; undefined for what the stream does by itself. */
export type RetryAdvice = RetryAction | undefined | Promise<RetryAction | undefined>;

/** A trouble of a stream, by name. Durations are milliseconds. */
export interface StreamTroubles {
  /** More than `maxLatency` of media is still to be sent, although there is a connection. */
  readonly latencyPressure: { readonly streamName: string; readonly duration: number };
  /** The service has owed an acknowledgement for `connectionStaleness` or more. */
  readonly connectionStale: { readonly streamName: string; readonly duration: number };
  /** A connection or an attempt to make one has failed, or the service has refused a fragment. */
  readonly streamError: {
    readonly streamName: string;
    readonly error: KinesisVideoError;
    /** Failures in a row, this one included. */
    readonly failures: number;
    /** Milliseconds until the next attempt. */
    readonly pause: number;
    /** What the stream does when nothing is advised: `continue`, or `fail` when retrying is pointless. */
    readonly suggested: 'continue' | 'fail';
  };
  /** Frames were dropped. */
  readonly droppedFrame: { readonly streamName: string } & DroppedFrames;
}

/**
 * What to do about troubles, for a program that knows better than the stream. Each one is optional, and
 * may answer with a promise; the stream waits for it no longer than 5 s.
 */
export type RetryCallbacks = {
  readonly [K in keyof StreamTroubles]?: (trouble: StreamTroubles[K]) => RetryAdvice;
};

/** Times of `continuousRetry`, in milliseconds. */
export interface ContinuousRetryOptions {
  /** How long after a reset nothing more is done about latency. Default 30000. */
  readonly quietTime?: number | undefined;
  /** How long after that the latency must stay low for the next trouble to be a new one. Default 60000. */
  readonly verificationTime?: number | undefined;
}

/**
 * What a client does unless it is given other callbacks: every connection that fails is made anew for
 * as long as that can help; one that the service does not answer is given up; and latency has the
 * connection made anew when the buffer goes on growing, no more often than every 30 s, since what is
 * slow may be the connection and not the network. Dropped frames are only told.
 *
 * @example
 * ```ts
 * const client = new KinesisVideoClient({
 *   retryCallbacks: {
 *     ...continuousRetry(),
 *     streamError: ({ failures, suggested }) => (failures > 100 ? 'fail' : suggested),
 *   },
 * });
 * ```
 */
export function continuousRetry(options: ContinuousRetryOptions = {}): Required<RetryCallbacks> {
  const { quietTime = 30_000, verificationTime = 60_000 } = options;
  const watches = new Map<string, LatencyWatch>();
  return {
    latencyPressure: ({ streamName, duration }) => {
      const watch = watches.get(streamName) ?? { quietUntil: 0, normalAt: 0, duration: 0 };
      watches.set(streamName, watch);
      return isGrowing(watch, duration, { quietTime, verificationTime })
        ? 'reset-connection'
        : 'continue';
    },
    connectionStale: () => 'reset-connection',
    streamError: ({ suggested }) => suggested,
    droppedFrame: () => 'continue',
  };
}

/** What is known of one stream's latency; moments are those of `performance.now()`. */
interface LatencyWatch {
  quietUntil: number;
  /** From when on a pressure is a new trouble. */
  normalAt: number;
  /** The latency at the last reset. */
  duration: number;
}

/** Whether the buffer grows although the last reset was long enough ago to have helped. */
function isGrowing(
  watch: LatencyWatch,
  duration: number,
  { quietTime, verificationTime }: { quietTime: number; verificationTime: number },
): boolean {
  const now = performance.now();
  if (now < watch.quietUntil) return false;
  const isNew = now >= watch.normalAt;
  if (!isNew && duration <= watch.duration) return false;
  watch.quietUntil = now + quietTime;
  watch.normalAt = watch.quietUntil + verificationTime;
  watch.duration = duration;
  return true;
}
