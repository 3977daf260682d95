/** Streaming media to the service. */
export type {
  Chunk,
  ChunkMetadata,
  EncodedChunk,
  EncodedChunkInit,
  PutChunkOptions,
} from './chunk.js';
export type { KinesisVideoClientOptions } from './client-options.js';
export { KinesisVideoClient } from './client.js';
export type {
  DroppedFrames,
  DropReason,
  FragmentAck,
  FragmentAckType,
  StreamEvents,
  StreamState,
  UndeliveredFrames,
} from './events.js';
export type {
  EventMetadataOptions,
  FragmentEventName,
  MetadataOptions,
} from './fragment-metadata.js';
export type { Frame } from './frame.js';
export type { HealthState, StreamHealth } from './health.js';
export type { CreateStreamOptions, PutOptions, StopOptions, WaitOptions } from './limits.js';
export type { CallMetrics } from './call-meter.js';
export type { BufferLevel, ClientMetrics, DroppedFrameCounts, StreamMetrics } from './metrics.js';
export {
  observeMetrics,
  type MetricAttributes,
  type MetricBatchCallback,
  type MetricInstrumentOptions,
  type MetricMeter,
  type MetricObserver,
  type ObserveOptions,
} from './observe-metrics.js';
export { PutFrameHelper, type PutFrameHelperOptions, type TrackFrame } from './put-frame-helper.js';
export {
  continuousRetry,
  type ContinuousRetryOptions,
  type RetryAction,
  type RetryAdvice,
  type RetryCallbacks,
  type StreamTroubles,
} from './retry-callbacks.js';
export type { StopResult } from './stop-result.js';
export { NalAdaptationFlags } from './nal-flags.js';
export type { FrameOrder, StreamDefinition } from './stream-definition.js';
export { KinesisVideoStream } from './stream.js';
export type { TrackInfo } from './track-info.js';
export type { TransportName } from './worker/transport.js';
