/** Stream live or recorded media from a device to Amazon Kinesis Video Streams. */
export {
  KinesisVideoClient,
  KinesisVideoStream,
  NalAdaptationFlags,
  PutFrameHelper,
  type BufferLevel,
  type CallMetrics,
  type ClientMetrics,
  type CreateStreamOptions,
  type DroppedFrameCounts,
  type DroppedFrames,
  type DropReason,
  type EventMetadataOptions,
  type FragmentAck,
  type FragmentAckType,
  type FragmentEventName,
  type Frame,
  type FrameOrder,
  type KinesisVideoClientOptions,
  type MetadataOptions,
  type PutFrameHelperOptions,
  type PutOptions,
  type StopOptions,
  type StopResult,
  type StreamDefinition,
  type StreamEvents,
  type StreamMetrics,
  type StreamState,
  type TrackFrame,
  type TrackInfo,
} from './producer/index.js';
export type { LogDetails, Logger, LogLevel, LogMethod } from './logging/index.js';
export { KinesisVideoError, type KinesisVideoErrorOptions } from './internal/errors.js';
export { Status, type StatusName } from './internal/status.js';
export type { Credentials, CredentialsInput, CredentialsProvider } from './credentials/index.js';
