import type { StreamInfo as SdkStreamInfo } from '@aws-sdk/client-kinesis-video';
import { KinesisVideoError } from '../internal/errors.js';
import { callValues, placeOf, type ServiceCall } from './service-call.js';

/** Where a stream is in its life; media can be put only while it is `ACTIVE`. */
export type StreamStatus = 'CREATING' | 'ACTIVE' | 'UPDATING' | 'DELETING';

/** A stream as the service describes it. */
export interface StreamInfo {
  readonly streamName: string;
  readonly streamArn: string;
  readonly status: StreamStatus;
  /** Opaque version, which changes with each update. */
  readonly version: string;
  /** Hours that the service keeps data; 0 means that nothing is stored and nothing is persisted. */
  readonly retentionPeriod: number;
  /** Milliseconds since the epoch. */
  readonly creationTime?: number;
  readonly mediaType?: string;
  readonly kmsKeyId?: string;
  readonly deviceName?: string;
}

/**
 * Turns the SDK's form into ours; returns undefined when what identifies a stream is missing. The
 * service sends explicit nulls for members that are not set.
 */
export function toStreamInfo(info: SdkStreamInfo | undefined): StreamInfo | undefined {
  if (!info?.StreamName || !info.StreamARN || !info.Status) return undefined;
  const { CreationTime, MediaType, KmsKeyId, DeviceName } = info;
  return Object.freeze({
    streamName: info.StreamName,
    streamArn: info.StreamARN,
    status: info.Status,
    version: info.Version ?? '',
    retentionPeriod: info.DataRetentionInHours ?? 0,
    ...(CreationTime && { creationTime: CreationTime.getTime() }),
    ...(MediaType && { mediaType: MediaType }),
    ...(KmsKeyId && { kmsKeyId: KmsKeyId }),
    ...(DeviceName && { deviceName: DeviceName }),
  });
}

/** The longest ARN and version that the service documents, in characters. */
const MAX_ARN = 1024;
const MAX_VERSION = 128;

/**
 * Checks that what identifies a stream can be what the service calls it.
 *
 * @throws KinesisVideoError STATUS_INVALID_DESCRIBE_STREAM_RESPONSE
 */
export function checkLengths(call: ServiceCall, { streamArn, version }: StreamInfo): void {
  for (const [name, { length }, limit] of [
    ['StreamARN', streamArn, MAX_ARN],
    ['Version', version, MAX_VERSION],
  ] as const) {
    if (length <= limit) continue;
    const advice = 'check that the endpoint is that of Kinesis Video Streams';
    throw new KinesisVideoError(
      'STATUS_INVALID_DESCRIBE_STREAM_RESPONSE',
      `The ${name} in the answer to ${call.operation} of the service ${placeOf(call)} has ${length} ` +
        `characters, and ${limit} are allowed: ${advice}.`,
      { values: { ...callValues(call), name, length, limit }, advice },
    );
  }
}
