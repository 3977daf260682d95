import type { CredentialsProvider } from '../credentials/index.js';
import { KinesisVideoError } from '../internal/errors.js';
import type { Dialer } from '../network/index.js';
import type { ClockSkew } from './clock-skew.js';

/** What PutMedia is asked for, and whom to tell what. */
export interface PutMediaOptions {
  /** The data endpoint, as `getDataEndpoint(streamName, 'PUT_MEDIA')` answers it. */
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: CredentialsProvider;
  readonly streamName: string;
  /** Wall clock of the producer at the start, ms since the epoch; RELATIVE timecodes count from it. */
  readonly startTimestamp: number;
  /** Whether cluster timecodes are since the epoch or since `startTimestamp`. */
  readonly timecodeType: 'ABSOLUTE' | 'RELATIVE';
  /** Whether the service acknowledges fragments. */
  readonly fragmentAcks: boolean;
  /** Makes the connection. */
  readonly dialer: Dialer;
  /** Milliseconds for name look-up, proxy, TCP and TLS; default 5000. */
  readonly connectTimeout?: number | undefined;
  /** The `User-Agent` header. */
  readonly userAgent?: string | undefined;
  /** Corrects the time of the signature, and learns when the service finds it wrong. */
  readonly clockSkew?: ClockSkew | undefined;
  /** Ends `open`, which then rejects with its reason; an open connection it does not touch. */
  readonly signal?: AbortSignal | undefined;
  /** Gets what the service sends after it has accepted the request: acknowledgements, cut anywhere. */
  readonly onAckBytes: (chunk: Uint8Array) => void;
  /** Called once, when the connection is closed and all written buffers are free. */
  readonly onClose: (error: KinesisVideoError | undefined) => void;
}

/** Sent when the caller gives none; it names no version, which would have to be kept in step. */
const USER_AGENT = `kinesis-video-producer nodejs/${process.versions.node}`;

/**
 * The headers of a PutMedia request that are signed.
 *
 * @throws KinesisVideoError STATUS_INVALID_ARG for a stream name or a time that cannot be sent
 */
export function putMediaHeaders(options: PutMediaOptions): Record<string, string> {
  const { streamName, timecodeType, fragmentAcks } = options;
  if (!/^[a-zA-Z0-9_.-]{1,256}$/.test(streamName)) {
    const advice = 'use 1 to 256 letters, digits and _ . -';
    throw new KinesisVideoError(
      'STATUS_INVALID_ARG',
      `Expected a stream name but received ${JSON.stringify(streamName)}: ${advice}.`,
      { values: { streamName }, advice },
    );
  }
  return {
    'user-agent': options.userAgent ?? USER_AGENT,
    'x-amzn-stream-name': streamName,
    'x-amzn-fragment-timecode-type': timecodeType,
    'x-amzn-producer-start-timestamp': formatTimestamp(options.startTimestamp),
    'x-amzn-fragment-acknowledgment-required': fragmentAcks ? '1' : '0',
    // Every client of the service says so, although it is what HTTP/1.1 does without.
    connection: 'keep-alive',
    'transfer-encoding': 'chunked',
  };
}

/**
 * Milliseconds since the epoch as `seconds.mmm`. Always three digits: what comes after the point
 * is a decimal fraction, in which 7 ms are `.007`.
 */
function formatTimestamp(milliseconds: number): string {
  const whole = Math.round(milliseconds);
  if (!Number.isSafeInteger(whole) || whole < 0) {
    const advice = 'give milliseconds since the epoch, as Date.now() does';
    throw new KinesisVideoError(
      'STATUS_INVALID_ARG',
      `Expected a time for startTimestamp but received ${milliseconds}: ${advice}.`,
      { values: { startTimestamp: milliseconds }, advice },
    );
  }
  return `${Math.floor(whole / 1000)}.${String(whole % 1000).padStart(3, '0')}`;
}
