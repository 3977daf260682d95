import {
  nativeError,
  type NativeClientMetrics,
  type NativeStream,
  type NativeStreamMetrics,
} from '../internal/native.js';
import { NO_CALLS, type CallMetrics } from './call-meter.js';

/** What a stream holds of some kind. */
export interface BufferLevel {
  /** How many frames. */
  readonly frames: number;
  /** Bytes of their payloads, and of metadata. */
  readonly bytes: number;
  /** Milliseconds of media. */
  readonly duration: number;
}

/** Counters of a stream at one moment. Durations are milliseconds. */
export interface StreamMetrics {
  /** Time since the stream was created. */
  readonly uptime: number;
  /** Frames that were taken, those dropped at once included. */
  readonly framesPut: number;
  /** Bytes of their payload. */
  readonly bytesPut: number;
  /** Frames that were refused with an error. */
  readonly putErrors: number;
  /** Fragments that were begun. */
  readonly fragmentsPut: number;
  /** Frames a second of the first video track, by the clock, from a moving average of the intervals; 0 until known. */
  readonly frameRate: number;
  /** Frames a second by the two latest decoding times; 0 until known. */
  readonly elementaryFrameRate: number;
  /** Frames sent, those sent again included. */
  readonly framesSent: number;
  /** Bytes that connections have taken, those of the container included. */
  readonly bytesSent: number;
  /** Bytes a second that are sent; a moving average. */
  readonly transferRate: number;
  /** Upload sessions, which is connections and attempts to connect. */
  readonly sessions: number;
  /** Those that are open now: more than one while one takes over from another. */
  readonly openSessions: number;
  /** How long a session lasts; a moving average over those that have ended. */
  readonly sessionDuration: number;
  /** Frames that the service has: persisted, or received when the stream keeps nothing. */
  readonly framesDelivered: number;
  /** Fragments that the service has; see `framesDelivered`. */
  readonly fragmentsDelivered: number;
  /** Fragments of these that the service had received when it was lost; see `replayPoint`. */
  readonly fragmentsPresumed: number;
  /** Acknowledgements of the service by type; `unreadable` ones make no sense. */
  readonly acks: {
    readonly buffering: number;
    readonly received: number;
    readonly persisted: number;
    readonly error: number;
    readonly idle: number;
    readonly unreadable: number;
  };
  /** Frames that will not be delivered, by reason. */
  readonly droppedFrames: DroppedFrameCounts;
  /** Fragments that will not be delivered. */
  readonly droppedFragments: number;
  /** Frames that are neither delivered nor dropped: still kept, or, once the stream is over, lost. */
  readonly undeliveredFrames: number;
  /** Items of fragment metadata that found no fragment. */
  readonly droppedMetadata: number;
  /** Frames whose times were mended, see `timestampPolicy`. */
  readonly fixedTimestamps: number;
  /** How often the events of these names came. */
  readonly pressures: {
    readonly storage: number;
    readonly bufferDuration: number;
    readonly latency: number;
    readonly connectionStale: number;
  };
  /** All that is kept: what is not yet sent, and what is sent and not yet confirmed. */
  readonly view: BufferLevel;
  /** What is not yet sent. */
  readonly pending: BufferLevel;
  /** Frames that wait for those of other tracks, see `frameOrder`. They are part of no level. */
  readonly orderingFrames: number;
  /** Frames that were sent, whose bytes then made room for others, and that may still be confirmed. */
  readonly awaitedFrames: number;
  /** Bytes of memory that keeping track of the frames takes, beside the store. */
  readonly viewMemory: number;
  /** When the service last confirmed a stored fragment, in milliseconds since the epoch. */
  readonly lastPersistedAt?: number;
  /** The calls to the service that were made for the stream. */
  readonly calls: CallMetrics;
}

/** Dropped frames by reason; see `DroppedFrames`. */
export interface DroppedFrameCounts {
  /** The sum of all others. */
  readonly total: number;
  /** Came when only a key frame could follow. */
  readonly awaitingKeyFrame: number;
  /** Were older than the buffer duration. */
  readonly bufferDuration: number;
  /** Made room in a store that was full. */
  readonly storePressure: number;
  /** Were in a fragment that the service refused. */
  readonly rejected: number;
  /** Made room in a stream that held `maxFrames`. */
  readonly frameCount: number;
  /** Were not confirmed when a connection was lost, and older than the replay duration. */
  readonly replayDuration: number;
  /** Were held when the stream was reset. */
  readonly reset: number;
  /** Came when their fragment was closed, or had begun without their track. */
  readonly late: number;
  /** Had times that could not go out. */
  readonly timestamp: number;
  /** Were in the spill, which could not give them back. */
  readonly spillFailed: number;
}

/** Counters of a client at one moment. Sizes are bytes. */
export interface ClientMetrics {
  /** What all streams together can hold, see the option of that name. */
  readonly storageSize: number;
  /** What they hold now, with what keeping it takes. */
  readonly storageAllocated: number;
  /** What is free; it may be in several pieces. */
  readonly storageAvailable: number;
  /** The most that was ever allocated, which is what the system has backed with memory. */
  readonly storagePeak: number;
  /** The spill, see `spillDirectory`; 0 without one. */
  readonly spillSize: number;
  /** What the streams hold in the spill. */
  readonly spillAllocated: number;
  /** Streams that are open. */
  readonly streams: number;
  /** Memory that keeping track of the frames of all streams takes, beside the store. */
  readonly viewMemory: number;
  /** The sum of those of the streams. */
  readonly frameRate: number;
  /** The sum of those of the streams. */
  readonly elementaryFrameRate: number;
  /** The sum of those of the streams. */
  readonly transferRate: number;
  /** Calls and connections that were made again after a failure, for each stream on average. */
  readonly callRetries: number;
}

/** The counters of a client and of its open streams, by their names. */
export interface MetricsSnapshot {
  readonly client: ClientMetrics;
  readonly streams: readonly (readonly [string, StreamMetrics])[];
}

/** What the counters of the core are completed with. */
export interface StreamMetricsContext {
  /** Refusals that were no errors, since the caller waited and tried again. */
  readonly repeatedPuts: number;
  readonly lastPersistedAt: number | undefined;
  readonly calls?: CallMetrics;
}

/** The public form of a stream's counters. */
export function toStreamMetrics(
  native: NativeStreamMetrics,
  { repeatedPuts, lastPersistedAt, calls = NO_CALLS }: StreamMetricsContext,
): StreamMetrics {
  return Object.freeze({
    uptime: native.uptime,
    framesPut: native.framesPut,
    bytesPut: native.bytesPut,
    putErrors: native.putErrors - repeatedPuts,
    fragmentsPut: native.fragmentsPut,
    frameRate: native.frameRate,
    elementaryFrameRate: native.elementaryFrameRate,
    framesSent: native.framesSent,
    bytesSent: native.bytesSent,
    transferRate: native.transferRate,
    sessions: native.sessions,
    openSessions: native.sessionsOpen,
    sessionDuration: native.sessionDuration,
    framesDelivered: native.framesDelivered,
    fragmentsDelivered: native.fragmentsDelivered,
    fragmentsPresumed: native.fragmentsPresumed,
    acks: Object.freeze({
      buffering: native.bufferingAcks,
      received: native.receivedAcks,
      persisted: native.persistedAcks,
      error: native.errorAcks,
      idle: native.idleAcks,
      unreadable: native.unreadableAcks,
    }),
    droppedFrames: toDroppedFrameCounts(native),
    droppedFragments: native.fragmentsDropped,
    undeliveredFrames: undeliveredFrames(native),
    droppedMetadata: native.metadataDropped,
    fixedTimestamps: native.timestampsFixed,
    pressures: Object.freeze({
      storage: native.storagePressures,
      bufferDuration: native.bufferPressures,
      latency: native.latencyPressures,
      connectionStale: native.staleEvents,
    }),
    view: level(native.viewFrames, native.viewBytes, native.viewDuration),
    pending: level(native.pendingFrames, native.pendingBytes, native.pendingDuration),
    orderingFrames: native.orderingFrames,
    awaitedFrames: native.awaitedFrames,
    viewMemory: native.viewMemory,
    ...(lastPersistedAt !== undefined && { lastPersistedAt }),
    calls,
  });
}

/** The counters of a stream that is open. */
export function countersOf(native: NativeStream, streamName: string): NativeStreamMetrics {
  const metrics = native.metrics();
  if (typeof metrics !== 'number') return metrics;
  throw nativeError(metrics, `Stream "${streamName}" has no counters`);
}

/** Frames that were put and are neither delivered nor dropped. */
export function undeliveredFrames(native: NativeStreamMetrics): number {
  return native.framesPut - native.framesDelivered - toDroppedFrameCounts(native).total;
}

/** Dropped frames by reason. */
export function toDroppedFrameCounts(native: NativeStreamMetrics): DroppedFrameCounts {
  const { noKeyFrame, replay, ...others } = native.framesDropped;
  const counts = { awaitingKeyFrame: noKeyFrame, replayDuration: replay, ...others };
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return Object.freeze({ total, ...counts });
}

/** The public form of a client's counters. */
export function toClientMetrics(native: NativeClientMetrics, callRetries: number): ClientMetrics {
  const { streamCount, ...others } = native;
  return Object.freeze({ ...others, streams: streamCount, callRetries });
}

function level(frames: number, bytes: number, duration: number): BufferLevel {
  return Object.freeze({ frames, bytes, duration });
}
