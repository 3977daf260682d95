/**
 * What goes on, for tools that trace a program: channels of `node:diagnostics_channel`. A message is
 * made only when somebody has subscribed, and holds no secret. Durations are milliseconds.
 */
import { channel, type Channel } from 'node:diagnostics_channel';
import { KinesisVideoError } from '../internal/errors.js';
import { redact } from '../internal/redact.js';

/** Names of the channels. */
export const CHANNELS = Object.freeze({
  call: 'kinesis-video-producer.call',
  connection: 'kinesis-video-producer.connection',
  state: 'kinesis-video-producer.state',
  ack: 'kinesis-video-producer.ack',
  drop: 'kinesis-video-producer.drop',
  pressure: 'kinesis-video-producer.pressure',
  retry: 'kinesis-video-producer.retry',
  credentials: 'kinesis-video-producer.credentials',
  error: 'kinesis-video-producer.error',
});

/** An error as it stands in a message. */
export interface ErrorSummary {
  /** The name of the status, or of the class of an error that is not ours, such as `AbortError`. */
  readonly code: string;
  /** The sentence of the error. */
  readonly message: string;
}

/** What the subscribers of each channel get. */
export interface ChannelMessages {
  /** An attempt of a call to the service has ended. */
  readonly call: {
    readonly operation: string;
    readonly streamName?: string;
    readonly duration: number;
    /** Whether it repeats one that has failed. */
    readonly isRetry: boolean;
    readonly error?: ErrorSummary;
  };
  /**
   * A connection for media. `opened` took `duration`; `closed` had lasted `duration`; `failed` did not
   * come to be; `rotating` is about to be taken over by the next one.
   */
  readonly connection: {
    readonly streamName: string;
    readonly phase: 'opened' | 'closed' | 'failed' | 'rotating';
    readonly sessionId?: number;
    readonly endpoint?: string;
    readonly duration?: number;
    readonly error?: ErrorSummary;
  };
  /** The state of a stream has changed. */
  readonly state: {
    readonly streamName: string;
    readonly state: string;
    readonly previous: string;
  };
  /** The service has said something about a fragment. */
  readonly ack: {
    readonly streamName: string;
    readonly type: string;
    readonly fragmentNumber: string;
    readonly fragmentTimecode?: number;
    readonly errorId?: number;
    readonly errorCode?: string;
  };
  /** Frames were dropped. */
  readonly drop: {
    readonly streamName: string;
    readonly reason: string;
    readonly frames: number;
    readonly fragments: number;
    readonly bytes: number;
    readonly firstPresentationTs: number;
    readonly lastPresentationTs: number;
  };
  /** The event of that name was emitted; `value` is its number: bytes for `storagePressure`, else milliseconds. */
  readonly pressure: {
    readonly streamName: string;
    readonly kind: string;
    readonly value: number;
  };
  /** A stream tries again after a failure, the `failures`-th in a row, in `pause`. */
  readonly retry: {
    readonly streamName: string;
    readonly failures: number;
    readonly pause: number;
    readonly error: ErrorSummary;
  };
  /** Credentials were asked for. `expiration` is in milliseconds since the epoch. */
  readonly credentials: {
    readonly duration: number;
    readonly expiration?: number;
    readonly error?: ErrorSummary;
  };
  /** A stream has failed for good. */
  readonly error: {
    readonly streamName: string;
    readonly error: ErrorSummary;
  };
}

/** The short name of a channel. */
export type ChannelName = keyof ChannelMessages;

// Held here, since a channel that nobody holds is forgotten together with its subscribers.
const channels = Object.fromEntries(
  Object.entries(CHANNELS).map(([name, full]) => [name, channel(full)]),
) as Record<ChannelName, Channel>;

/** Publishes what `make` returns, which is called only when there are subscribers. */
export function publish<K extends ChannelName>(name: K, make: () => ChannelMessages[K]): void {
  const target = channels[name];
  if (target.hasSubscribers) target.publish(Object.freeze(make()));
}

/** What a message tells of an error. */
export function summarize(error: unknown): ErrorSummary {
  if (error instanceof KinesisVideoError) {
    return Object.freeze({ code: error.code, message: error.message });
  }
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return Object.freeze({ code: name, message: redact(message) });
}
