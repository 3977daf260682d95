import type { LocalStream } from '../streams/stream.js';

/** The StreamInfo structure: as the service does, with an explicit null for what is not set. */
export function streamInfo({ record, status }: LocalStream): object {
  return {
    DeviceName: record.deviceName ?? null,
    StreamName: record.streamName,
    StreamARN: record.streamArn,
    MediaType: record.mediaType ?? null,
    KmsKeyId: record.kmsKeyId,
    Version: record.version,
    Status: status,
    CreationTime: record.creationTime / 1000,
    DataRetentionInHours: record.dataRetentionInHours,
    IngestionConfiguration: null,
  };
}
