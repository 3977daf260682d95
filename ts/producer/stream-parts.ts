import type { KinesisVideoError } from '../internal/errors.js';
import type { NativeStream } from '../internal/native.js';
import type { Logger } from '../logging/index.js';
import type { CallMetrics } from './call-meter.js';
import type { RoomQueue } from './room-queue.js';
import type { ResolvedDefinition } from './stream-definition.js';
import type { EngineHost } from './stream-engine.js';
import type { KinesisVideoStream } from './stream.js';
import type { Engine } from './worker/transport.js';

/** What a stream is made of; only the client makes streams. */
export interface StreamParts {
  readonly native: NativeStream;
  readonly definition: ResolvedDefinition;
  readonly logger: Logger;
  readonly calls: { readonly metrics: CallMetrics };
  /** Makes what moves the stream. */
  readonly makeEngine: (host: EngineHost) => Engine;
  /** Where the stream leaves the error that it failed with, until somebody has been told of it. */
  readonly unseenFailures: Set<KinesisVideoError>;
  /** Those who wait for room in the store, which the streams of a client share. */
  readonly rooms: Set<RoomQueue>;
  readonly onClosed: (stream: KinesisVideoStream) => void;
}
