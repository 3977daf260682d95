import type { EventEmitter } from 'node:events';
import type { KinesisVideoError } from '../internal/errors.js';
import type { NativeAckEvent, NativeDropEvent } from '../internal/native.js';
import { statusName, type StatusName } from '../internal/status.js';
import type { StreamHealth } from './health.js';

/** What the core numbers acknowledgements by. */
const ACK_TYPES = [undefined, 'BUFFERING', 'RECEIVED', 'PERSISTED', 'ERROR', 'IDLE'] as const;

/** What the core numbers the reasons by. */
const DROP_REASONS = [
  'awaiting-key-frame',
  'buffer-duration',
  'store-pressure',
  'rejected',
  'frame-count',
  'replay-duration',
  'reset',
  'late',
  'timestamp',
  'spill-failed',
] as const;

/** How far the service is with a fragment. */
export type FragmentAckType = NonNullable<(typeof ACK_TYPES)[number]>;

/** An acknowledgement of the service. */
export interface FragmentAck {
  /**
   * `BUFFERING`: the first bytes have arrived. `RECEIVED`: all of them. `PERSISTED`: the fragment is
   * stored. `ERROR`: it is refused, or the connection is. `IDLE`: nothing has come for a while.
   */
  readonly type: FragmentAckType;
  /** What the service calls the fragment: digits, or '' when it gives no number. */
  readonly fragmentNumber: string;
  /** Start of the fragment in milliseconds, as it was sent; absent when no fragment is meant. */
  readonly fragmentTimecode?: number;
  /** The service's number of the error. */
  readonly errorId?: number;
  /** The service's name of the error, such as `INVALID_MKV_DATA`. */
  readonly errorCode?: string;
  /** What the error is called here, such as `STATUS_ACK_ERR_INVALID_MKV_DATA`. */
  readonly status?: StatusName;
}

/** Why frames are not delivered. */
export type DropReason = (typeof DROP_REASONS)[number];

/** Frames that will not reach the service. Times are milliseconds. */
export interface DroppedFrames {
  /**
   * `awaiting-key-frame`: a stream, and what follows a gap, can only begin with a key frame.
   * `buffer-duration`: older than the buffer duration. `store-pressure`: the store was full.
   * `rejected`: the service refused the fragment. `frame-count`: the stream held `maxFrames`.
   * `replay-duration`: sent and not confirmed when the connection was lost, and older than the replay
   * duration. `reset`: the stream was reset. `late`: came when its fragment was closed, or had begun
   * without its track. `timestamp`: its times could not go out and `timestampPolicy` is `drop`.
   * `spill-failed`: it had been moved to the spill, which could not give it back.
   */
  readonly reason: DropReason;
  /** How many frames. */
  readonly frames: number;
  /** How many fragments are dropped whole. */
  readonly fragments: number;
  /** Bytes of their payload. */
  readonly bytes: number;
  /** The presentation time of the first one. */
  readonly firstPresentationTs: number;
  /** The presentation time of the last one. */
  readonly lastPresentationTs: number;
}

/** Frames that a stream still held when it was over. Times are milliseconds. */
export interface UndeliveredFrames {
  /** How many frames. */
  readonly frames: number;
  /** The presentation time of the first one. */
  readonly firstPresentationTs: number;
  /** The presentation time of the last one. */
  readonly lastPresentationTs: number;
}

/**
 * What the connection does: `idle` has nothing to send and no connection, `connecting` and
 * `streaming` have something, `retrying` waits before it connects again. `closed` and `failed` are
 * final.
 */
export type StreamState = 'idle' | 'connecting' | 'streaming' | 'retrying' | 'closed' | 'failed';

/** The events of a stream and what its listeners get. */
export interface StreamEvents {
  /** The service has said something about a fragment. */
  fragmentAck: [ack: FragmentAck];
  /** Frames were dropped. */
  droppedFrame: [drop: DroppedFrames];
  /** Whole fragments were dropped; `droppedFrame` tells of their frames too. */
  droppedFragment: [drop: DroppedFrames];
  /**
   * A connection was made where there was none. One that takes over from another before its time is
   * up, or begins a new format, is not told: nothing changes for the stream.
   */
  connected: [connection: { readonly endpoint: string }];
  /**
   * A connection was lost, with the error; or the last one has ended, without an error when all was
   * sent, the service had no more to wait for, or after `resetConnection()` and `reset()`.
   */
  disconnected: [reason: { readonly error?: KinesisVideoError }];
  /** No more than 5 % of the store is free: `remaining` bytes. Told again once more than that was. */
  storagePressure: [pressure: { readonly remaining: number }];
  /** No more than 5 % of the buffer duration is free: `remaining` milliseconds. */
  bufferDurationPressure: [pressure: { readonly remaining: number }];
  /** More than `maxLatency` is still to be sent: `duration` milliseconds of media. */
  latencyPressure: [pressure: { readonly duration: number }];
  /**
   * The service has owed an acknowledgement for `duration` milliseconds, which is
   * `connectionStaleness` or more. The connection is given up then and made anew.
   */
  connectionStale: [connection: { readonly duration: number }];
  /** No frame came for `idleTimeout`, and the open fragment was ended so that the service stores it. */
  underflow: [];
  /** The format of a track has changed. The next fragment goes out in a connection of its own. */
  formatChanged: [change: { readonly trackId: number }];
  /**
   * A track had no frames for a while and is left out of what follows (`present` false), since the
   * service takes no fragment without a frame of every track; or it is back.
   */
  track: [track: { readonly trackId: number; readonly present: boolean }];
  /** Fragment metadata that found no fragment to go with, as after the last one. */
  metadataDropped: [metadata: { readonly items: number }];
  /** The stream is over, and these frames were neither delivered nor dropped before. */
  undelivered: [left: UndeliveredFrames];
  /** The stream has failed for good. Emitted once; no further event follows. */
  error: [error: KinesisVideoError];
  /** `health.state` or `health.lastPersistedAt` has changed; so with each fragment that is stored. */
  health: [health: StreamHealth];
  /** The state has changed. */
  state: [state: StreamState, previous: StreamState];
}

type Pending = () => void;

/** Who is told of each event before the listeners are. */
export interface EventObserver {
  event<K extends keyof StreamEvents>(name: K, ...args: StreamEvents[K]): void;
}

/** Takes events for the listeners of a stream. */
export type EventSink = Pick<EventQueue, 'push'>;

/**
 * Delivers events in a turn of the event loop of their own: a listener that throws, or that calls
 * the stream, meets no half-done work of ours.
 */
export class EventQueue {
  readonly #emitter: EventEmitter<StreamEvents>;
  readonly #observer: EventObserver;
  #pending: Pending[] = [];
  #scheduled = false;

  constructor(emitter: EventEmitter<StreamEvents>, observer: EventObserver) {
    this.#emitter = emitter;
    this.#observer = observer;
  }

  /** Queues an event. */
  push<K extends keyof StreamEvents>(name: K, ...args: StreamEvents[K]): void {
    // The emitter's type cannot follow that `args` belong to `name`.
    const emitter = this.#emitter as { emit(name: string, ...args: unknown[]): boolean };
    this.#pending.push(() => {
      this.#observer.event(name, ...args);
      emitter.emit(name, ...args);
    });
    this.#schedule();
  }

  /** Queues work that shall happen after the events so far, such as settling a promise. */
  after(work: Pending): void {
    this.#pending.push(work);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#deliver();
    });
  }

  #deliver(): void {
    this.#scheduled = false;
    const batch = this.#pending;
    this.#pending = [];
    let delivered = 0;
    try {
      for (const deliver of batch) {
        delivered += 1;
        deliver();
      }
    } finally {
      // A listener threw: the others are not to suffer from it.
      if (delivered < batch.length) {
        this.#pending = [...batch.slice(delivered), ...this.#pending];
        this.#schedule();
      }
    }
  }
}

/** The public form of an acknowledgement; undefined for one that could not be read. */
export function toFragmentAck(event: NativeAckEvent): FragmentAck | undefined {
  const type = ACK_TYPES[event.ackType];
  if (type === undefined) return undefined;
  const { fragmentNumber, fragmentTimecode, errorId, errorCode } = event;
  const status = statusName(event.status);
  return Object.freeze({
    type,
    fragmentNumber,
    ...(fragmentTimecode !== undefined && { fragmentTimecode }),
    ...(type === 'ERROR' && { errorId, errorCode, ...(status !== undefined && { status }) }),
  });
}

/** The public form of a drop. */
export function toDroppedFrames(event: NativeDropEvent): DroppedFrames {
  const { frames, fragments, bytes, firstPresentationTs, lastPresentationTs } = event;
  const reason = DROP_REASONS[event.reason] ?? 'store-pressure';
  return Object.freeze({
    reason,
    frames,
    fragments,
    bytes,
    firstPresentationTs,
    lastPresentationTs,
  });
}
