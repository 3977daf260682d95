/** Stream live or recorded media from a device to Amazon Kinesis Video Streams. */
export {
  KinesisVideoClient,
  KinesisVideoStream,
  NalAdaptationFlags,
  type BufferLevel,
  type ClientMetrics,
  type CreateStreamOptions,
  type DroppedFrameCounts,
  type DroppedFrames,
  type DropReason,
  type FragmentAck,
  type FragmentAckType,
  type Frame,
  type KinesisVideoClientOptions,
  type Logger,
  type PutOptions,
  type StopOptions,
  type StopResult,
  type StreamDefinition,
  type StreamEvents,
  type StreamMetrics,
  type StreamState,
  type TrackInfo,
} from './producer/index.js';
export { KinesisVideoError, type KinesisVideoErrorOptions } from './internal/errors.js';
export { Status, type StatusName } from './internal/status.js';
export type { Credentials, CredentialsInput, CredentialsProvider } from './credentials/index.js';
