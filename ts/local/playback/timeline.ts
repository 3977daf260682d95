import type { FragmentEntry } from '../fragments/entry.js';
import type { FragmentHeader } from '../../mux/index.js';
import { ServiceException } from '../exceptions.js';
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
  /** When it begins on a time line without gaps, in milliseconds. The first one is at its `start`. */
  readonly mediaTime: number;
  /** Whether a player has to begin a new time line here. */
  readonly discontinuity: boolean;
  readonly version: TrackVersion;
  /** Why its media cannot be handed out. */
  readonly failure: ServiceException | undefined;
}

/** Gives fragments their places in a session, one after the other. */
export class Timeline {
  readonly #request: PlaybackRequest;
  #last: PlacedFragment | undefined;
  #codecChanges = 0;

  constructor(request: PlaybackRequest) {
    this.#request = request;
  }

  /** The fragment that was placed last. */
  get last(): PlacedFragment | undefined {
    return this.#last;
  }

  /** Places the next fragment. */
  place(entry: FragmentEntry, header: FragmentHeader): PlacedFragment {
    const last = this.#last;
    const start = startOf(entry, this.#request.timestamps);
    const sequence = (last?.sequence ?? -1) + 1;
    const isSame = last !== undefined && sameCodecPrivateData(last.version.header, header);
    const placed: PlacedFragment = {
      sequence,
      entry,
      start,
      mediaTime: last === undefined ? start : last.mediaTime + spacing(last.entry, entry),
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
    return (
      last !== undefined && Math.abs(start - (last.start + last.entry.duration)) > TOLERANCE_MS
    );
  }

  #judgeChange(last: PlacedFragment, header: FragmentHeader): ServiceException | undefined {
    const [before, after] = [trackLayout(last.version.header), trackLayout(header)];
    if (before !== after) {
      return new ServiceException(
        'InvalidArgumentException',
        `The tracks of the stream changed from ${before} to ${after}; begin a new session`,
      );
    }
    this.#codecChanges += 1;
    const allowed = this.#request.format === 'DASH' ? 0 : MAX_CODEC_CHANGES;
    if (this.#codecChanges <= allowed) return undefined;
    return new ServiceException(
      'InvalidCodecPrivateDataException',
      `The codec private data changed ${this.#codecChanges} times in this session; ${allowed} changes are allowed. Begin a new session`,
    );
  }
}

/**
 * Milliseconds from the beginning of one fragment to that of the next, without a gap. Producer
 * timestamps tell exactly how far frames are apart, unless recording stopped in between.
 */
export function spacing(entry: FragmentEntry, next: FragmentEntry): number {
  const apart = next.producerTimestamp - entry.producerTimestamp;
  return Math.abs(apart - entry.duration) <= TOLERANCE_MS ? apart : entry.duration;
}
