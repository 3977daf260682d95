import { setImmediate as nextTurn } from 'node:timers/promises';
import type { KinesisVideoError } from '../internal/errors.js';
import { Status } from '../internal/status.js';
import { isFrame, type Frame } from './frame.js';
import type { WaitOptions } from './limits.js';
import { RoomQueue, wakeAll } from './room-queue.js';
import type { ResolvedDefinition } from './stream-definition.js';
import { TrackPace } from './track-pace.js';
import { TurnMeter } from './turn-meter.js';

/** What frames are put with. */
export interface WaitingPutOptions {
  readonly definition: ResolvedDefinition;
  /** Those who wait for room in the store, which the streams of a client share. */
  readonly rooms: Set<RoomQueue>;
  /** Puts a frame and returns the core's status; throws for what is no frame. */
  readonly tryPut: (frame: Frame) => number;
  /** The error for a frame that was not taken. */
  readonly errorOf: (status: number, frame: Frame) => KinesisVideoError;
}

/**
 * Puts frames that may have to wait: those of an offline stream wait for room in the store, and for
 * frames of its other tracks when they are far ahead. The frames of one track are taken in the order
 * of the calls.
 */
export class WaitingPut {
  readonly #options: WaitingPutOptions;
  readonly #waits: boolean;
  readonly #common = new RoomQueue();
  /** One for each track when tracks wait for each other, else one for all. */
  readonly #queues = new Map<number | undefined, RoomQueue>();
  readonly #pace: TrackPace | undefined;
  readonly #turn = new TurnMeter();
  #patience: NodeJS.Timeout | undefined;
  #repeated = 0;

  constructor(options: WaitingPutOptions) {
    this.#options = options;
    const { streamingType, frameOrder, tracks, orderWindow } = options.definition;
    this.#waits = streamingType === 'offline';
    const ids = tracks.map(({ trackId }) => trackId);
    if (this.#waits && frameOrder !== 'pass-through' && ids.length > 1) {
      // What is further apart than the window the core takes for a gap.
      this.#pace = new TrackPace(ids, orderWindow / 2);
    }
    this.#queues.set(undefined, this.#common);
    if (this.#pace !== undefined) for (const id of ids) this.#queues.set(id, new RoomQueue());
    for (const queue of this.#queues.values()) options.rooms.add(queue);
  }

  /** Attempts that found no room and were made again. */
  get repeated(): number {
    return this.#repeated;
  }

  /** Whether no frame waits. */
  get isIdle(): boolean {
    return [...this.#queues.values()].every((queue) => queue.isEmpty);
  }

  /** Takes a frame. Returns what to wait for, when there is something; may throw as it may reject. */
  put(frame: Frame, limits: WaitOptions): Promise<void> | undefined {
    const queue = this.#queueOf(frame);
    if (queue.isEmpty && this.#attempt(frame)) {
      return this.#turn.isOver(frame.data.byteLength) ? nextTurn() : undefined;
    }
    return queue.wait(() => this.#attempt(frame), limits);
  }

  /** Lets those try again who wait, since there may be room. */
  wake(): void {
    for (const queue of this.#queues.values()) queue.wake();
    wakeAll(this.#options.rooms);
  }

  /** Ends all waits with an error. */
  rejectAll(error: KinesisVideoError): void {
    clearTimeout(this.#patience);
    for (const queue of this.#queues.values()) queue.rejectAll(error);
  }

  /** Ends all waits for good, and lets the other streams have the room. */
  close(error: KinesisVideoError): void {
    this.rejectAll(error);
    for (const queue of this.#queues.values()) this.#options.rooms.delete(queue);
    wakeAll(this.#options.rooms);
  }

  #queueOf(frame: Frame): RoomQueue {
    if (this.#pace === undefined) return this.#common;
    const { trackId = 1 } = (frame as Frame | undefined) ?? {};
    return this.#queues.get(trackId) ?? this.#common;
  }

  #attempt(frame: Frame): boolean {
    if (this.#pace !== undefined && isFrame(frame) && this.#isAhead(frame, this.#pace))
      return false;
    const status = this.#options.tryPut(frame);
    if (status === 0) {
      this.#advance(frame);
      return true;
    }
    const hasNoRoom = status === Status.STATUS_STORE_OUT_OF_MEMORY;
    if (!this.#waits || !hasNoRoom) throw this.#options.errorOf(status, frame);
    this.#repeated += 1;
    return false;
  }

  #isAhead(frame: Frame, pace: TrackPace): boolean {
    const { trackId = 1 } = frame;
    if (!pace.isAhead(trackId, timeOf(frame))) return false;
    // A track that has ended, or is silent, is waited for once.
    this.#patience ??= setTimeout(() => {
      this.#patience = undefined;
      pace.giveUpWaiting(trackId, timeOf(frame));
      this.#wakeTracks();
    }, this.#options.definition.orderWindow);
    return true;
  }

  #advance(frame: Frame): void {
    if (this.#pace === undefined) return;
    const { trackId = 1 } = frame;
    this.#pace.advance(trackId, timeOf(frame));
    clearTimeout(this.#patience);
    this.#patience = undefined;
    this.#wakeTracks();
  }

  #wakeTracks(): void {
    for (const queue of this.#queues.values()) queue.wake();
  }
}

function timeOf({ presentationTs, decodingTs = presentationTs }: Frame): number {
  return decodingTs;
}
