import type { NativeClientMetrics, NativeStreamMetrics } from '../internal/native.js';

/** What a stream holds of some kind. */
export interface BufferLevel {
  readonly frames: number;
  readonly bytes: number;
  /** Milliseconds of media. */
  readonly duration: number;
}

/** Counters of a stream at one moment. */
export interface StreamMetrics {
  /** Milliseconds since the stream was created. */
  readonly uptime: number;
  readonly framesPut: number;
  readonly bytesPut: number;
  /** Frames that were refused with an error. */
  readonly putErrors: number;
  readonly fragmentsPut: number;
  /** Frames sent, those sent again included. */
  readonly framesSent: number;
  readonly bytesSent: number;
  /** Upload sessions, which is connections and attempts to connect. */
  readonly sessions: number;
  /** Frames that the service has: persisted, or received when the stream keeps nothing. */
  readonly framesDelivered: number;
  readonly fragmentsDelivered: number;
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
  readonly droppedFragments: number;
  /** All that is kept: what is not yet sent, and what is sent and not yet confirmed. */
  readonly view: BufferLevel;
  /** What is not yet sent. */
  readonly pending: BufferLevel;
  /** When the service last confirmed a stored fragment, in milliseconds since the epoch. */
  readonly lastPersistedAt?: number;
}

/** Dropped frames by reason; see `DroppedFrames`. */
export interface DroppedFrameCounts {
  readonly total: number;
  readonly awaitingKeyFrame: number;
  readonly bufferDuration: number;
  readonly storePressure: number;
  readonly rejected: number;
}

/** Counters of a client's store, in bytes. */
export interface ClientMetrics {
  readonly storageSize: number;
  readonly storageAllocated: number;
  readonly storageAvailable: number;
  /** The most that was ever allocated, which is what the system has backed with memory. */
  readonly storagePeak: number;
  readonly streams: number;
}

/**
 * The public form of a stream's counters.
 *
 * @param repeatedPuts - refusals that were no errors, since the caller waited and tried again
 */
export function toStreamMetrics(
  native: NativeStreamMetrics,
  repeatedPuts: number,
  lastPersistedAt: number | undefined,
): StreamMetrics {
  return Object.freeze({
    uptime: native.uptime,
    framesPut: native.framesPut,
    bytesPut: native.bytesPut,
    putErrors: native.putErrors - repeatedPuts,
    fragmentsPut: native.fragmentsPut,
    framesSent: native.framesSent,
    bytesSent: native.bytesSent,
    sessions: native.sessions,
    framesDelivered: native.framesDelivered,
    fragmentsDelivered: native.fragmentsDelivered,
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
    view: level(native.viewFrames, native.viewBytes, native.viewDuration),
    pending: level(native.pendingFrames, native.pendingBytes, native.pendingDuration),
    ...(lastPersistedAt !== undefined && { lastPersistedAt }),
  });
}

/** Frames that were put and are neither delivered nor dropped. */
export function undeliveredFrames(native: NativeStreamMetrics): number {
  const { framesPut, framesDelivered, framesOverBufferDuration, framesOverStorage } = native;
  const dropped = framesOverBufferDuration + framesOverStorage + native.framesRejected;
  return framesPut - framesDelivered - dropped;
}

/** Dropped frames by reason. */
export function toDroppedFrameCounts(native: NativeStreamMetrics): DroppedFrameCounts {
  const { framesAwaitingKeyFrame, framesOverBufferDuration, framesOverStorage } = native;
  return Object.freeze({
    total:
      framesAwaitingKeyFrame + framesOverBufferDuration + framesOverStorage + native.framesRejected,
    awaitingKeyFrame: framesAwaitingKeyFrame,
    bufferDuration: framesOverBufferDuration,
    storePressure: framesOverStorage,
    rejected: native.framesRejected,
  });
}

/** The public form of a store's counters. */
export function toClientMetrics(native: NativeClientMetrics): ClientMetrics {
  const { streamCount, ...storage } = native;
  return Object.freeze({ ...storage, streams: streamCount });
}

function level(frames: number, bytes: number, duration: number): BufferLevel {
  return Object.freeze({ frames, bytes, duration });
}
