import type { NativeStreamMetrics } from '../internal/native.js';
import type { EventQueue } from './events.js';
import { toDroppedFrameCounts, undeliveredFrames, type DroppedFrameCounts } from './metrics.js';

/** What has become of a stream's media when `stop` is done. */
export interface StopResult {
  /** Whether every frame that was put and not dropped was delivered. */
  readonly complete: boolean;
  /** Fragments that the service has stored. */
  readonly persistedFragments: number;
  /** Fragments that the service has received whole. */
  readonly receivedFragments: number;
  /** Frames that the service has: stored, or received when the stream keeps nothing. */
  readonly deliveredFrames: number;
  /** Fragments that the service has. */
  readonly deliveredFragments: number;
  /** Frames that were dropped before, by reason; `total` is their sum. */
  readonly droppedFrames: DroppedFrameCounts;
  /** Fragments that were dropped before. */
  readonly droppedFragments: number;
  /** Frames that were given up now, since the time was up; 0 when `complete`. */
  readonly undeliveredFrames: number;
  /** From when to when the undelivered frames are, in milliseconds; absent when there are none. */
  readonly undelivered?: {
    readonly firstPresentationTs: number;
    readonly lastPresentationTs: number;
  };
}

/** Tells of the frames that a stream still held when it was over, if there are any. */
export function tellUndelivered(
  { undeliveredFrames: frames, undelivered }: StopResult,
  events: EventQueue,
): void {
  if (undelivered !== undefined) events.push('undelivered', { frames, ...undelivered });
}

/** Sums up a stream from its counters. */
export function toStopResult(native: NativeStreamMetrics): StopResult {
  const left = undeliveredFrames(native);
  return Object.freeze({
    complete: left === 0,
    persistedFragments: native.persistedAcks,
    receivedFragments: native.receivedAcks,
    deliveredFrames: native.framesDelivered,
    deliveredFragments: native.fragmentsDelivered,
    droppedFrames: toDroppedFrameCounts(native),
    droppedFragments: native.fragmentsDropped,
    undeliveredFrames: left,
    ...(left > 0 && {
      undelivered: Object.freeze({
        firstPresentationTs: native.undeliveredFirstTs,
        lastPresentationTs: native.undeliveredLastTs,
      }),
    }),
  });
}
