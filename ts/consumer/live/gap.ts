import type { FragmentEnd, FragmentHeader } from '../../parser/index.js';

/** An end of a gap. */
export interface GapEdge {
  /** The fragment at this end. */
  readonly fragmentNumber: string;
  /** Milliseconds since the epoch by the clock of the producer; undefined when it told none. */
  readonly timestamp: number | undefined;
}

/** Media that a reader does not get. */
export interface MediaGap {
  /**
   * Why: the fragment before was cut off and the service does not have the rest, `cut`; the service
   * no longer has what comes next, or could not give it, `unavailable`; the stream was deleted and
   * made anew, and nobody knows what the old one held behind, `recreated`; or the service says
   * nothing, and only the times tell, as when the producer has sent nothing for a while, `time`.
   */
  readonly reason: 'cut' | 'unavailable' | 'recreated' | 'time';
  /** The fragment before, and when its last frame ends. */
  readonly from: GapEdge;
  /** The fragment behind, and when it begins. */
  readonly to: GapEdge;
  /** Milliseconds between them, as far as the times tell. */
  readonly duration: number | undefined;
}

interface Before extends GapEdge {
  /** When it began, if it was cut. */
  readonly cutSince?: number | undefined;
  readonly isCut: boolean;
}

/** Compares what comes with what came, and finds gaps. */
export class GapFinder {
  readonly #tolerance: number;
  #before: Before | undefined;
  #isUnavailable = false;

  /** @param tolerance - milliseconds between fragments that are no gap */
  constructor(tolerance: number) {
    this.#tolerance = tolerance;
  }

  /** A fragment is over. */
  ended({ fragmentNumber = '', producerTimestamp }: FragmentHeader, end: FragmentEnd): void {
    const { duration } = end;
    const isKnown = producerTimestamp !== undefined && duration !== undefined;
    const timestamp = isKnown ? producerTimestamp + duration : undefined;
    this.#before = { fragmentNumber, timestamp, isCut: false };
  }

  /** A fragment was cut off behind a frame of this time. */
  cut({ fragmentNumber = '', producerTimestamp }: FragmentHeader, lastFrame?: number): void {
    const timestamp = lastFrame ?? producerTimestamp;
    this.#before = { fragmentNumber, timestamp, cutSince: producerTimestamp, isCut: true };
  }

  /** The service has said that it cannot go on where the reader was. */
  unavailable(): void {
    this.#isUnavailable = true;
  }

  /**
   * A fragment begins, perhaps that of a stream that was made anew; returns the gap ahead of it. One
   * that begins when a fragment began that was cut is that one, sent again.
   */
  begins(
    { fragmentNumber = '', producerTimestamp }: FragmentHeader,
    isRecreated: boolean,
  ): MediaGap | undefined {
    const before = this.#before;
    const isUnavailable = this.#isUnavailable;
    this.#isUnavailable = false;
    if (before === undefined) return undefined;
    const { isCut: wasCut, cutSince, ...from } = before;
    const isCut = wasCut && (cutSince === undefined || cutSince !== producerTimestamp);
    const isKnown = from.timestamp !== undefined && producerTimestamp !== undefined;
    const duration = isKnown ? producerTimestamp - (from.timestamp ?? 0) : undefined;
    const isLate = duration !== undefined && duration > this.#tolerance;
    if (!isRecreated && !isCut && !isLate) return undefined;
    const otherwise = isUnavailable ? 'unavailable' : 'time';
    return {
      reason: isRecreated ? 'recreated' : isCut ? 'cut' : otherwise,
      from,
      to: { fragmentNumber, timestamp: producerTimestamp },
      duration: duration === undefined ? undefined : Math.max(0, duration),
    };
  }
}
