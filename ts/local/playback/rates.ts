/** How much and how fast a session's media are, for players that choose by it. */
import type { MatroskaFragment, MuxTrack, VideoTrack } from '../../mux/index.js';
import type { PlacedFragment } from './timeline.js';

/** What packaging adds to the bytes that are stored, of small frames above all. */
const OVERHEAD = 1.1;
const MIN_BANDWIDTH = 1000;

/** The video track among `tracks`. */
export function videoOf(tracks: readonly MuxTrack[]): VideoTrack | undefined {
  return tracks.find((track) => track.type === 'video');
}

/** What the first fragment of a session tells about all of them. */
export class MediaRates {
  readonly #bytes = new Map<number, number>();
  readonly #frames = new Map<number, number>();
  readonly #duration: number;

  /** @param duration - of the fragment, in milliseconds */
  constructor({ frames }: MatroskaFragment, duration: number) {
    this.#duration = duration;
    for (const { trackNumber, data } of frames) {
      this.#bytes.set(trackNumber, (this.#bytes.get(trackNumber) ?? 0) + data.length);
      this.#frames.set(trackNumber, (this.#frames.get(trackNumber) ?? 0) + 1);
    }
  }

  /** The peak of bits a second over some fragments, of one track or of all. */
  bandwidth(placed: readonly PlacedFragment[], track?: MuxTrack): number {
    const all = [...this.#bytes.values()].reduce((sum, bytes) => sum + bytes, 0);
    const share = track === undefined ? 1 : (this.#bytes.get(track.id) ?? 0) / Math.max(all, 1);
    const rates = placed.map(({ entry, duration }) => (entry.size * 8000) / duration);
    return Math.max(MIN_BANDWIDTH, Math.ceil(Math.max(0, ...rates) * OVERHEAD * share));
  }

  /** Frames a second to three decimals: as the stream tells, or as they are in the fragment. */
  frameRate({ id, frameRate }: VideoTrack): number {
    const measured = ((this.#frames.get(id) ?? 0) * 1000) / this.#duration;
    return Math.round((frameRate ?? measured) * 1000) / 1000;
  }
}
