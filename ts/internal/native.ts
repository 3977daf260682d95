/**
 * The native addon's interface, exactly. Nothing in it throws for a bad value: methods answer with a
 * status number, which `nativeError` turns into an error in the caller's stack.
 *
 * Times are milliseconds since the epoch, with fractions; sizes are bytes.
 */
import { binding } from './binding.js';
import { KinesisVideoError } from './errors.js';
import { statusName, type StatusName } from './status.js';

declare const brand: unique symbol;

/** A status of the core: 0 is success. */
export type StatusCode = number;

/** 2^32: the second of two numbers in one result is in units of it. */
const HIGH_PART = 2 ** 32;

/** The low 32 bits of a result that holds two numbers. */
export function lowPart(result: number): number {
  return result % HIGH_PART;
}

/** The high part of a result that holds two numbers. */
export function highPart(result: number): number {
  return Math.floor(result / HIGH_PART);
}

/** What changed in a stream since its signals were last taken; bits. */
export const Signal = { EVENTS: 1, DATA: 2, ROOM: 4, ROTATE: 8, TICK: 16 } as const;

/** Flags of a frame; bits. */
export const FrameFlag = { KEY: 1, DISCARDABLE: 2, INVISIBLE: 4, END_OF_FRAGMENT: 8 } as const;

/** What the service shall do with a fragment; bits. */
export const FragmentEvent = { IMAGE: 1, NOTIFICATION: 2 } as const;

/** How a session ended, besides HTTP statuses and ids of ERROR acknowledgements. */
export const SessionResult = { OK: 200, DISCONNECTED: 598 } as const;

/** How `readSession` ended. */
export const ReadKind = { FULL: 0, STARVED: 1, END_OF_STREAM: 2, ABORTED: 3 } as const;

/** The addon's exports. */
export interface NativeBinding {
  /** An empty `spillDirectory` stands for no spill. */
  createClient(
    storageSize: number,
    maxStreams: number,
    spillDirectory: string,
    spillSize: number,
  ): NativeClient | StatusCode;
  /**
   * A further handle of a client that another thread of the process has made; STATUS_INVALID_HANDLE_ERROR
   * for an `id` that no open client has.
   */
  attachClient(id: number): NativeClient | StatusCode;
  /** Name, text and retryability of any status code. */
  statusInfo(code: StatusCode): { name: string; text: string; retryable: boolean };
  /** Bytes that the core holds for the clients made here, apart from the pages of the stores. */
  allocatedBytes(): number;
}

/**
 * A content store and the streams that share it.
 *
 * Threads share it by handles. The one that `createClient` gave is the owner's: its `close` ends the
 * client for everybody, at once. The `close` of an attached one lets go of that handle. The same goes
 * for streams.
 */
export interface NativeClient {
  readonly [brand]: 'client';
  /** What `attachClient` takes: a whole number, or 0 once closed. */
  id(): number;
  createStream(config: NativeStreamConfig): NativeStream | StatusCode;
  /** A further handle of a stream of the client, by the stream's `id`. */
  attachStream(id: number): NativeStream | StatusCode;
  metrics(): NativeClientMetrics | StatusCode;
  /** Closes the streams too. Idempotent. */
  close(): void;
}

/**
 * A stream of the core. After `close()`, here or by its owner in another thread, its methods answer
 * STATUS_INVALID_HANDLE_ERROR.
 */
export interface NativeStream {
  readonly [brand]: 'stream';
  /** What `attachStream` takes: a whole number, or 0 once closed. */
  id(): number;
  /** Returns status + 2^32 × signals. Copies `data` before it returns. */
  putFrame(
    data: Uint8Array,
    flags: number,
    trackId: number,
    presentationTs: number,
    decodingTs: number,
    duration: number,
  ): number;
  putMetadata(name: string, value: string, persistent: boolean): StatusCode;
  /** `pairs` are names and values by turns. */
  putEvent(events: number, imagePrefix: string | null, pairs: readonly string[]): StatusCode;
  setCodecPrivate(trackId: number, data: Uint8Array): StatusCode;
  setNalAdaptation(flags: number): StatusCode;
  /** `expires` is when the credentials that it uses run out, 0 for never. */
  openSession(expires: number): NativeSession | StatusCode;
  /**
   * Fills `out` and returns the length + 2^32 × ReadKind. END_OF_STREAM says that the session's part
   * is sent, whether or not the stream goes on in another session.
   */
  readSession(sessionId: number, out: Uint8Array): number;
  /** Returns how many bytes from `offset` on were used, or minus a status. */
  ackBytes(sessionId: number, data: Uint8Array, offset: number): number;
  /** `result` is an HTTP status, the id of an ERROR acknowledgement or a SessionResult. */
  closeSession(sessionId: number, result: number): StatusCode;
  /** Whether all that the session has sent is delivered or dropped. */
  isSettled(sessionId: number): boolean;
  /** Does what is due; returns in how many milliseconds something is again, Infinity for never. */
  tick(): number;
  pollEvent(): NativeEvent | undefined;
  takeSignals(): number;
  metrics(): NativeStreamMetrics | StatusCode;
  stop(): StatusCode;
  /** Drops all that is held and ends all sessions. */
  reset(): StatusCode;
  /** Ends all sessions. */
  resetConnection(): StatusCode;
  /** Ends the sessions that the handle has opened. Idempotent. */
  close(): void;
}

/** What a session starts with. */
export interface NativeSession {
  readonly sessionId: number;
  readonly startTimestamp: number;
}

/** One track; every member is set, with 0 and '' for what is not known. */
export interface NativeTrack {
  readonly trackId: number;
  /** 1 video, 2 audio, 3 unknown. */
  readonly trackType: number;
  readonly codecId: string;
  readonly trackName: string;
  readonly codecPrivateData: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly samplingFrequency: number;
  readonly channels: number;
  readonly bitDepth: number;
}

/** A stream's configuration; every member is set. */
export interface NativeStreamConfig {
  readonly name: string;
  readonly writingApp: string;
  /** 0 realtime, 1 near-realtime, 2 offline. */
  readonly streamingType: number;
  readonly dropOldest: boolean;
  readonly fragmentAcks: boolean;
  readonly retained: boolean;
  readonly absoluteTimecodes: boolean;
  readonly keyFrameFragmentation: boolean;
  readonly fragmentDuration: number;
  readonly bufferDuration: number;
  readonly replayDuration: number;
  /** 0 PERSISTED, 1 RECEIVED. */
  readonly replayPoint: number;
  /** 0 for never, as for the next two. */
  readonly maxLatency: number;
  readonly staleness: number;
  readonly idleTimeout: number;
  /** Place in FRAME_ORDERS of stream-definition.ts. */
  readonly frameOrder: number;
  /** 0 lets the core choose. */
  readonly orderWindow: number;
  /** 0 throw, 1 drop, 2 fix. */
  readonly timestampPolicy: number;
  readonly timecodeScale: number;
  readonly nalAdaptation: number;
  /** 0 lets the core choose. */
  readonly maxFrames: number;
  /** Bytes; 0 sets no limit. */
  readonly highWaterMark: number;
  readonly segmentUid: Uint8Array;
  readonly tracks: readonly NativeTrack[];
}

/** An acknowledgement of the service. */
export interface NativeAckEvent {
  readonly type: 'ack';
  readonly sessionId: number;
  readonly status: StatusCode;
  /** 1 BUFFERING, 2 RECEIVED, 3 PERSISTED, 4 ERROR, 5 IDLE; 0 when it could not be read. */
  readonly ackType: number;
  readonly fragmentNumber: string;
  /** Absent when the acknowledgement names no fragment. */
  readonly fragmentTimecode?: number;
  readonly errorId: number;
  readonly errorCode: string;
}

/** Frames that will not reach the service. */
export interface NativeDropEvent {
  readonly type: 'dropped';
  /** Place in DROP_REASONS of events.ts. */
  readonly reason: number;
  readonly frames: number;
  readonly fragments: number;
  readonly bytes: number;
  readonly firstPresentationTs: number;
  readonly lastPresentationTs: number;
}

/** Little room is left: bytes of the store, or milliseconds of the buffer duration. */
export interface NativePressureEvent {
  readonly type: 'storagePressure' | 'bufferPressure';
  readonly remaining: number;
}

/** Much media is still to be sent. */
export interface NativeLatencyEvent {
  readonly type: 'latencyPressure';
  readonly duration: number;
}

/** The service has owed an acknowledgement for long. */
export interface NativeStaleEvent {
  readonly type: 'stale';
  readonly sessionId: number;
  readonly duration: number;
}

/** A track's format has changed, or the track is left out of sessions, or is in them again. */
export interface NativeTrackEvent {
  readonly type: 'track';
  readonly trackId: number;
  readonly present: boolean;
}

/** What is told by a type and at most one number. */
export type NativeOtherEvent =
  | { readonly type: 'underflow' }
  | { readonly type: 'formatChanged'; readonly trackId: number }
  | { readonly type: 'metadataDropped'; readonly items: number };

export type NativeEvent =
  | NativeAckEvent
  | NativeDropEvent
  | NativePressureEvent
  | NativeLatencyEvent
  | NativeStaleEvent
  | NativeTrackEvent
  | NativeOtherEvent;

/** Dropped frames by reason. */
export interface NativeDropCounts {
  readonly noKeyFrame: number;
  readonly bufferDuration: number;
  readonly storePressure: number;
  readonly rejected: number;
  readonly frameCount: number;
  readonly replay: number;
  readonly reset: number;
  readonly late: number;
  readonly timestamp: number;
  readonly spillFailed: number;
}

/** Counters of a stream. */
export interface NativeStreamMetrics {
  readonly framesPut: number;
  readonly bytesPut: number;
  readonly putErrors: number;
  readonly fragmentsPut: number;
  readonly framesSent: number;
  readonly bytesSent: number;
  readonly sessions: number;
  readonly sessionsOpen: number;
  readonly bufferingAcks: number;
  readonly receivedAcks: number;
  readonly persistedAcks: number;
  readonly errorAcks: number;
  readonly idleAcks: number;
  readonly unreadableAcks: number;
  readonly framesDelivered: number;
  readonly fragmentsDelivered: number;
  /** Delivered since RECEIVED had to do. */
  readonly fragmentsPresumed: number;
  readonly framesDropped: NativeDropCounts;
  readonly fragmentsDropped: number;
  readonly metadataDropped: number;
  readonly timestampsFixed: number;
  readonly storagePressures: number;
  readonly bufferPressures: number;
  readonly latencyPressures: number;
  readonly staleEvents: number;
  readonly viewFrames: number;
  readonly viewBytes: number;
  readonly viewDuration: number;
  readonly pendingFrames: number;
  readonly pendingBytes: number;
  readonly pendingDuration: number;
  /** Frames that wait for those of other tracks. */
  readonly orderingFrames: number;
  /** Sent frames whose bytes made room for others, and whose confirmation is awaited. */
  readonly awaitedFrames: number;
  /** Bytes of the view itself. */
  readonly viewMemory: number;
  readonly undeliveredFirstTs: number;
  readonly undeliveredLastTs: number;
  /** Frames a second of the lead track, by the clock and by the latest times; 0 until known. */
  readonly frameRate: number;
  readonly elementaryFrameRate: number;
  /** Bytes a second. */
  readonly transferRate: number;
  readonly sessionDuration: number;
  readonly uptime: number;
}

/** Counters of a content store, in bytes. */
export interface NativeClientMetrics {
  readonly storageSize: number;
  readonly storageAllocated: number;
  readonly storageAvailable: number;
  /** The most that was ever allocated: what the system has backed with memory. */
  readonly storagePeak: number;
  readonly spillSize: number;
  readonly spillAllocated: number;
  readonly streamCount: number;
  /** Sums over the streams, as the next ones. */
  readonly viewMemory: number;
  readonly frameRate: number;
  readonly elementaryFrameRate: number;
  readonly transferRate: number;
}

/**
 * The error for a status of the core.
 *
 * @param problem - what did not work, as a clause with the offending value, such as
 *   `Stream "a" cannot take the frame at 40 ms of track 3`
 * @param retryable - whether the same call can succeed later, when the status alone does not tell
 */
export function nativeError(
  status: StatusCode,
  problem: string,
  values: Readonly<Record<string, unknown>> = {},
  retryable?: boolean,
): KinesisVideoError {
  const info = binding().statusInfo(status);
  const code: StatusName = statusName(status) ?? 'STATUS_INTERNAL_ERROR';
  return new KinesisVideoError(code, `${problem}. ${info.text}`, {
    values,
    retryable: retryable ?? info.retryable,
  });
}

/** Narrows a result that is an object or a status; throws the error of the status. */
export function unwrap<T extends object>(result: T | StatusCode, problem: string): T {
  if (typeof result === 'number') throw nativeError(result, problem);
  return result;
}
