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
export const Signal = { EVENTS: 1, DATA: 2, ROOM: 4 } as const;

/** Flags of a frame; bits. */
export const FrameFlag = { KEY: 1, DISCARDABLE: 2, INVISIBLE: 4 } as const;

/** How `readSession` ended. */
export const ReadKind = { FULL: 0, STARVED: 1, END_OF_STREAM: 2, ABORTED: 3 } as const;

/** The addon's exports. */
export interface NativeBinding {
  createClient(storageSize: number, maxStreams: number): NativeClient | StatusCode;
  /** Name, text and retryability of any status code. */
  statusInfo(code: StatusCode): { name: string; text: string; retryable: boolean };
  /** Bytes that the core holds in this environment, apart from the pages of the stores. */
  allocatedBytes(): number;
}

/** A content store and the streams that share it. */
export interface NativeClient {
  readonly [brand]: 'client';
  createStream(config: NativeStreamConfig): NativeStream | StatusCode;
  metrics(): NativeClientMetrics | StatusCode;
  /** Closes the streams too. Idempotent. */
  close(): void;
}

/** A stream of the core. After `close()` its methods answer STATUS_INVALID_HANDLE_ERROR. */
export interface NativeStream {
  readonly [brand]: 'stream';
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
  openSession(): NativeSession | StatusCode;
  /** Fills `out` and returns the length + 2^32 × ReadKind. */
  readSession(sessionId: number, out: Uint8Array): number;
  /** Returns how many bytes from `offset` on were used, or minus a status. */
  ackBytes(sessionId: number, data: Uint8Array, offset: number): number;
  closeSession(sessionId: number): StatusCode;
  pollEvent(): NativeEvent | undefined;
  takeSignals(): number;
  metrics(): NativeStreamMetrics | StatusCode;
  stop(): StatusCode;
  /** Idempotent. */
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
  readonly offline: boolean;
  readonly dropOldest: boolean;
  readonly fragmentAcks: boolean;
  readonly retained: boolean;
  readonly absoluteTimecodes: boolean;
  readonly keyFrameFragmentation: boolean;
  readonly fragmentDuration: number;
  readonly bufferDuration: number;
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
  /** 0 no key frame, 1 buffer duration, 2 storage, 3 rejected by the service. */
  readonly reason: number;
  readonly frames: number;
  readonly fragments: number;
  readonly bytes: number;
  readonly firstPresentationTs: number;
  readonly lastPresentationTs: number;
}

export type NativeEvent = NativeAckEvent | NativeDropEvent;

/** Counters of a stream. */
export interface NativeStreamMetrics {
  readonly framesPut: number;
  readonly bytesPut: number;
  readonly putErrors: number;
  readonly fragmentsPut: number;
  readonly framesSent: number;
  readonly bytesSent: number;
  readonly sessions: number;
  readonly bufferingAcks: number;
  readonly receivedAcks: number;
  readonly persistedAcks: number;
  readonly errorAcks: number;
  readonly idleAcks: number;
  readonly unreadableAcks: number;
  readonly framesDelivered: number;
  readonly fragmentsDelivered: number;
  readonly framesAwaitingKeyFrame: number;
  readonly framesOverBufferDuration: number;
  readonly framesOverStorage: number;
  readonly framesRejected: number;
  readonly fragmentsDropped: number;
  readonly viewFrames: number;
  readonly viewBytes: number;
  readonly viewDuration: number;
  readonly pendingFrames: number;
  readonly pendingBytes: number;
  readonly pendingDuration: number;
  readonly undeliveredFirstTs: number;
  readonly undeliveredLastTs: number;
  readonly uptime: number;
}

/** Counters of a content store, in bytes. */
export interface NativeClientMetrics {
  readonly storageSize: number;
  readonly storageAllocated: number;
  readonly storageAvailable: number;
  /** The most that was ever allocated: what the system has backed with memory. */
  readonly storagePeak: number;
  readonly streamCount: number;
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
