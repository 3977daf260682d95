import type { StreamInfo as SdkStreamInfo } from '@aws-sdk/client-kinesis-video';

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
