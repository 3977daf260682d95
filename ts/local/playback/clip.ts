import {
  framesOf,
  progressiveMovie,
  requireWholeFrames,
  samplesOf,
  type MatroskaFragment,
  type MuxSample,
  type MuxTrack,
} from '../../mux/index.js';
import { ServiceException } from '../exceptions.js';
import type { FragmentEntry } from '../fragments/entry.js';
import type { LocalStream } from '../streams/stream.js';
import { asServiceException, playableTracks, translated } from './formats.js';
import { loadFragment, spanOf } from './media.js';
import { selectFragments, type TimeRange, type TimestampType } from './selection.js';
import { spacing, Timeline } from './timeline.js';

const MAX_FRAGMENTS = 200;
const MAX_BYTES = 100_000_000;

/**
 * Makes one MP4 of the fragments in a range, or of the first of them when they are too many. Where
 * recording stopped for a while the clip goes on without a gap. Returns the file in pieces. Throws
 * ServiceException.
 *
 * @param spend - is told how many fragments are used before they are read; it may throw
 */
export async function makeClip(
  stream: LocalStream,
  range: TimeRange,
  timestamps: TimestampType,
  spend: (fragments: number) => void,
): Promise<readonly Uint8Array[]> {
  stream.enforceRetention();
  const selected = selectFragments(stream.fragments.entries, range, timestamps);
  const builder = new ClipBuilder(timestamps);
  const entries = withinLimits(selected);
  spend(entries.length);
  for (const [index, entry] of entries.entries()) {
    const fragment = await loadFragment(stream.fragments, entry).catch((error: unknown) => {
      throw translated(error);
    });
    // It has been removed since, because of its age.
    if (fragment === undefined) continue;
    asServiceException(() => {
      builder.add(entry, fragment, entries[index + 1]);
    });
  }
  return builder.finish();
}

/** The first fragments that together keep to the limits of a clip. */
function withinLimits(entries: readonly FragmentEntry[]): FragmentEntry[] {
  let bytes = 0;
  const fits = entries.slice(0, MAX_FRAGMENTS).findIndex((entry) => {
    bytes += entry.size;
    return bytes > MAX_BYTES;
  });
  return entries.slice(0, fits < 0 ? MAX_FRAGMENTS : Math.max(fits, 1));
}

class ClipBuilder {
  readonly #timeline: Timeline;
  #tracks: readonly MuxTrack[] = [];
  readonly #samples = new Map<number, MuxSample[]>();

  constructor(timestamps: TimestampType) {
    this.#timeline = new Timeline({ timestamps, format: 'clip', discontinuities: 'NEVER' });
  }

  add(entry: FragmentEntry, fragment: MatroskaFragment, next: FragmentEntry | undefined): void {
    const tracks = playableTracks(fragment, 'clip');
    const duration =
      (next && spacing(entry, next)) ?? (tracks[0] ? spanOf(tracks[0], fragment) : 0);
    const { failure, mediaTime } = this.#timeline.place(entry, fragment, duration);
    if (failure !== undefined) throw failure;
    if (this.#tracks.length === 0) this.#tracks = tracks;
    for (const track of tracks) {
      const frames = framesOf(fragment, track.id);
      requireWholeFrames(track, frames);
      const { timescale } = track;
      const origin = timescale.fromMilliseconds(mediaTime);
      const samples = samplesOf(track, frames, origin, timescale.fromMilliseconds(duration));
      this.#samples.set(track.id, [...(this.#samples.get(track.id) ?? []), ...samples]);
    }
  }

  finish(): readonly Uint8Array[] {
    if (this.#tracks.length === 0) {
      throw new ServiceException(
        'ResourceNotFoundException',
        'No fragments found in the stream for the clip request.',
      );
    }
    return progressiveMovie(
      this.#tracks.map((track) => ({ track, samples: this.#samples.get(track.id) ?? [] })),
    );
  }
}
