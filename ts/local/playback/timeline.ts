import type { FragmentHeader } from '../../mux/index.js';
import { ServiceException } from '../exceptions.js';
import type { FragmentEntry } from '../fragments/entry.js';
import { sameCodecPrivateData, trackLayout } from './formats.js';
import type { PlaybackRequest } from './request.js';
import { startOf } from './selection.js';

/** Gaps and overlaps up to this are none. */
const TOLERANCE_MS = 50;
const MAX_CODEC_CHANGES = 500;

/** The codec private data of some fragments in a row. */
export interface TrackVersion {
  /** Sequence number of the first of them. */
  readonly sequence: number;
  readonly header: FragmentHeader;
}

/** A fragment that has a place in a session. */
export interface PlacedFragment {
  /** 0 for the first one of the session. */
  readonly sequence: number;
  readonly entry: FragmentEntry;
  /** When it begins by the session's clock, in epoch milliseconds. */
  readonly start: number;
  /** Milliseconds that it is played for; no other changes it. */
  readonly duration: number;
  /** When it begins on a time line without gaps, in milliseconds. The first one is at its `start`. */
  readonly mediaTime: number;
  /** Whether a player has to begin a new time line here. */
  readonly discontinuity: boolean;
  readonly version: TrackVersion;
  /** Why its media cannot be handed out. */
  readonly failure: ServiceException | undefined;
}

/** What the places depend on. */
export type TimelineRequest = Pick<PlaybackRequest, 'format' | 'timestamps' | 'discontinuities'>;

/** Gives fragments their places in a session, one after the other. */
export class Timeline {
  readonly #request: TimelineRequest;
  #last: PlacedFragment | undefined;
  #codecChanges = 0;

  constructor(request: TimelineRequest) {
    this.#request = request;
  }

  /** The fragment that was placed last. */
  get last(): PlacedFragment | undefined {
    return this.#last;
  }

  /** Places the next fragment, which lasts for `duration` milliseconds. */
  place(entry: FragmentEntry, header: FragmentHeader, duration: number): PlacedFragment {
    const last = this.#last;
    const start = startOf(entry, this.#request.timestamps);
    const sequence = (last?.sequence ?? -1) + 1;
    const isSame = last !== undefined && sameCodecPrivateData(last.version.header, header);
    const placed: PlacedFragment = {
      sequence,
      entry,
      start,
      duration,
      mediaTime:
        last === undefined ? start : last.mediaTime + (spacing(last.entry, entry) ?? last.duration),
      discontinuity: this.#isDiscontinuity(start),
      version: isSame ? last.version : { sequence, header },
      failure: isSame || last === undefined ? undefined : this.#judgeChange(last, header),
    };
    this.#last = placed;
    return placed;
  }

  #isDiscontinuity(start: number): boolean {
    const { discontinuities } = this.#request;
    if (discontinuities !== 'ON_DISCONTINUITY') return discontinuities === 'ALWAYS';
    const last = this.#last;
    return last !== undefined && Math.abs(start - (last.start + last.duration)) > TOLERANCE_MS;
  }

  #judgeChange(last: PlacedFragment, header: FragmentHeader): ServiceException | undefined {
    const [before, after] = [trackLayout(last.version.header), trackLayout(header)];
    if (before !== after) {
      return new ServiceException(
        'InvalidArgumentException',
        `The tracks of the stream changed from ${before} to ${after}; ask for the media before or after the change`,
      );
    }
    this.#codecChanges += 1;
    const allowed = this.#request.format.startsWith('HLS') ? MAX_CODEC_CHANGES : 0;
    if (this.#codecChanges <= allowed) return undefined;
    return new ServiceException(
      'InvalidCodecPrivateDataException',
      `The codec private data changed ${this.#codecChanges} times; ${allowed} changes are allowed; ask for the media before or after the change`,
    );
  }
}

/**
 * Milliseconds from the beginning of one fragment to that of the next. Producer timestamps tell
 * exactly; undefined when recording stopped in between, or the producer's clock was set.
 */
export function spacing(entry: FragmentEntry, next: FragmentEntry): number | undefined {
  const apart = next.producerTimestamp - entry.producerTimestamp;
  return apart > 0 && Math.abs(apart - entry.duration) <= TOLERANCE_MS ? apart : undefined;
}
