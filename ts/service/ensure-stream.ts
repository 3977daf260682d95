import { KinesisVideoError } from '../internal/errors.js';
import { backoffDelay } from '../internal/backoff.js';
import { delay } from '../internal/signal.js';
import { serviceError } from './service-error.js';
import type { StreamInfo } from './stream-info.js';

/** The stream that a producer wants, as CreateStream takes it. */
export interface StreamDefinition {
  readonly streamName: string;
  /** Whether to create the stream when it does not exist. */
  readonly allowStreamCreation: boolean;
  /** Hours that the service keeps the data; 0 keeps nothing. */
  readonly retentionPeriod: number;
  /** Such as `video/h264` or `video/h264,audio/aac`. */
  readonly mediaType?: string | undefined;
  /** Key that encrypts the stored data; default `aws/kinesisvideo`. */
  readonly kmsKeyId?: string | undefined;
  readonly deviceName?: string | undefined;
  /** Tags by key; those of an existing stream are added to or overwritten. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** How `ensureStream` behaves. */
export interface EnsureStreamOptions {
  /** Ends the wait; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds to wait for the stream to become `ACTIVE`; default 60 000. */
  readonly activeTimeout?: number | undefined;
  /** Takes the error of a failed tagging, which otherwise rejects the promise. */
  readonly onTagError?: ((error: KinesisVideoError) => void) | undefined;
}

/** The calls that `ensureStream` makes. */
export interface StreamCalls {
  describeStream(
    streamName: string,
    options: { signal?: AbortSignal | undefined },
  ): Promise<StreamInfo | undefined>;
  createStream(
    definition: StreamDefinition,
    options: { signal?: AbortSignal | undefined },
  ): Promise<string>;
  tagStream(
    streamName: string,
    tags: Readonly<Record<string, string>>,
    options: { signal?: AbortSignal | undefined },
  ): Promise<void>;
}

const ACTIVE_TIMEOUT = 60_000;
/** DescribeStream may be called 5 times a second for a stream. */
const POLL = { factor: 250, cap: 4000 };

/** Describes, creates when missing and allowed, waits until `ACTIVE`, tags. */
export async function ensureStream(
  calls: StreamCalls,
  region: string,
  definition: StreamDefinition,
  options: EnsureStreamOptions,
): Promise<StreamInfo> {
  const { streamName, tags = {} } = definition;
  const { signal } = options;
  const found = await calls.describeStream(streamName, { signal });
  const isCreator = found === undefined && (await create(calls, region, definition, signal));
  const info = await untilActive(calls, region, streamName, found, options);
  // CreateStream has set the tags already, which policies may demand.
  if (isCreator || Object.keys(tags).length === 0) return info;

  try {
    await calls.tagStream(streamName, tags, { signal });
  } catch (error) {
    if (!(error instanceof KinesisVideoError) || options.onTagError === undefined) throw error;
    options.onTagError(error);
  }
  return info;
}

/** Creates the stream; false when somebody else has done so since it was found missing. */
async function create(
  calls: StreamCalls,
  region: string,
  definition: StreamDefinition,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const { streamName, allowStreamCreation } = definition;
  if (!allowStreamCreation) throw missingStream('DescribeStream', region, streamName);
  try {
    await calls.createStream(definition, { signal });
    return true;
  } catch (error) {
    const isRace =
      error instanceof KinesisVideoError &&
      error.code === 'STATUS_SERVICE_CALL_RESOURCE_IN_USE_ERROR';
    if (isRace) return false;
    throw error;
  }
}

/** Describes the stream again and again until it is active; `first` is what is known already. */
async function untilActive(
  calls: StreamCalls,
  region: string,
  streamName: string,
  first: StreamInfo | undefined,
  options: EnsureStreamOptions,
): Promise<StreamInfo> {
  const { signal, activeTimeout = ACTIVE_TIMEOUT } = options;
  const deadline = performance.now() + activeTimeout;
  let info = first;
  for (let poll = 0; ; poll += 1) {
    // A stream that has just been created may not be visible everywhere at once, so that
    // "does not exist" is a reason to wait here.
    if (info?.status === 'ACTIVE') return info;
    if (info?.status === 'DELETING') throw beingDeleted(region, streamName);
    const pause = poll === 0 && info === undefined ? 0 : backoffDelay(poll, POLL);
    if (performance.now() + pause >= deadline) {
      throw notActive(region, streamName, info?.status ?? 'not visible', activeTimeout);
    }
    await delay(pause, signal);
    info = await calls.describeStream(streamName, { signal });
  }
}

/** The error for a stream that is not there. */
export function missingStream(
  operation: string,
  region: string,
  streamName: string,
): KinesisVideoError {
  const failure = { httpStatus: 404, type: 'ResourceNotFoundException' };
  return serviceError({ operation, region, streamName }, failure);
}

function beingDeleted(region: string, streamName: string): KinesisVideoError {
  const advice = 'wait until it is gone, then create it again, or use another name';
  return new KinesisVideoError(
    'STATUS_STREAM_IS_BEING_DELETED_ERROR',
    `Stream "${streamName}" in ${region} is being deleted: ${advice}.`,
    { values: { streamName, region, streamStatus: 'DELETING' }, advice, retryable: true },
  );
}

function notActive(
  region: string,
  streamName: string,
  streamStatus: string,
  activeTimeout: number,
): KinesisVideoError {
  const advice = 'try again later, or look at the stream in the console';
  return new KinesisVideoError(
    'STATUS_SERVICE_CALL_TIMEOUT_ERROR',
    `Stream "${streamName}" in ${region} is ${streamStatus} and did not become ACTIVE within ` +
      `${activeTimeout} ms: ${advice}.`,
    { values: { streamName, region, streamStatus, activeTimeout }, advice, retryable: true },
  );
}
