/** The books of one producer: every frame that was taken is stored at the endpoint, or reported. */
import type {
  DroppedFrames,
  FragmentAck,
  StreamMetrics,
  UndeliveredFrames,
} from '../../../ts/index.js';
import type { StoredFragment } from './stored.js';

/** What is to be balanced. */
export interface Books {
  /** Times of the frames that were taken, by number. */
  readonly accepted: ReadonlyMap<number, number>;
  readonly stored: readonly StoredFragment[];
  readonly drops: readonly DroppedFrames[];
  readonly acks: readonly FragmentAck[];
  readonly metrics: StreamMetrics;
  /** What the stream has told that it still held when it was over. */
  readonly undelivered: UndeliveredFrames | undefined;
}

/** The sums for the table. */
export interface Balance {
  readonly accepted: number;
  readonly persisted: number;
  readonly dropped: number;
  readonly problems: string[];
}

/** Balances the books. */
export function balance(books: Books): Balance {
  const { accepted, drops, metrics, undelivered } = books;
  const reported = drops.reduce((sum, { frames }) => sum + frames, 0);
  const delivered = metrics.framesDelivered;
  const left = undelivered?.frames ?? 0;
  const problems = [
    ...same('frames taken, frames counted', accepted.size, metrics.framesPut),
    ...same('drops told, drops counted', reported, metrics.droppedFrames.total),
    ...same('taken, delivered + dropped + undelivered', accepted.size, delivered + reported + left),
    ...same('left over as told, and as counted', left, metrics.undeliveredFrames),
    ...missing(books),
    ...repeated(books),
  ];
  return {
    accepted: accepted.size,
    persisted: delivered,
    dropped: reported + left,
    problems,
  };
}

/** Frames that are neither stored nor in a range that was reported. */
function missing({ accepted, stored, drops, metrics, undelivered }: Books): string[] {
  const held = new Set(stored.flatMap(({ frames }) => frames));
  const ranges = drops.map((drop) => [drop.firstPresentationTs, drop.lastPresentationTs] as const);
  if (undelivered !== undefined) {
    ranges.push([undelivered.firstPresentationTs, undelivered.lastPresentationTs]);
  }
  const lost = [...accepted].filter(
    ([number, time]) =>
      !held.has(number) && !ranges.some(([first, last]) => time >= first && time <= last),
  );
  const strangers = [...held].filter((number) => !accepted.has(number));
  return [
    ...(lost.length > 0 ? [`${lost.length} frames vanished, the first is ${lost[0]?.[0]}`] : []),
    ...(strangers.length > 0 ? [`${strangers.length} frames are stored that were not taken`] : []),
    // More may be stored than is known to be: an acknowledgement can be lost on its way.
    ...(held.size < metrics.framesDelivered
      ? [`${metrics.framesDelivered} frames are said to be delivered, but ${held.size} are stored`]
      : []),
  ];
}

/**
 * Fragments that are stored more than once although the producer knew better. A fragment whose
 * PERSISTED was lost with the connection has to be sent again: the protocol has no other way to find
 * out, and the service keeps both.
 */
function repeated({ stored, acks }: Books): string[] {
  const copies = new Map<number, number>();
  for (const { timecode } of stored) copies.set(timecode, (copies.get(timecode) ?? 0) + 1);
  const told = new Map<number, number>();
  for (const { type, fragmentTimecode = -1 } of acks) {
    if (type === 'PERSISTED') told.set(fragmentTimecode, (told.get(fragmentTimecode) ?? 0) + 1);
  }
  const again = [...copies].filter(
    ([timecode, count]) => count > 1 && (told.get(timecode) ?? 0) > 1,
  );
  const partial = frameCopies(stored);
  return [
    ...(again.length > 0
      ? [`${again.length} fragments were sent again although they were known to be stored`]
      : []),
    ...(partial > 0 ? [`${partial} frames are stored in fragments of different timecodes`] : []),
  ];
}

function frameCopies(stored: readonly StoredFragment[]): number {
  const home = new Map<number, number>();
  let strays = 0;
  for (const { timecode, frames } of stored) {
    for (const frame of frames) {
      const before = home.get(frame);
      if (before !== undefined && before !== timecode) strays += 1;
      home.set(frame, timecode);
    }
  }
  return strays;
}

function same(what: string, first: number, second: number): string[] {
  return first === second ? [] : [`${what}: ${first} and ${second}`];
}
