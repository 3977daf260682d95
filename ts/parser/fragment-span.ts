import type { MatroskaFrame } from './frame-reader.js';

/** The frames of one track, in milliseconds. */
interface TrackSpan {
  first: number;
  last: number;
  frames: number;
  /** Duration of the last frame, when told. */
  lastDuration: number | undefined;
}

/** The service takes 3 tracks; what claims to have more than this is not measured. */
const MAX_TRACKS = 100;

/** Measures how long a fragment is while its frames come. */
export class FragmentSpan {
  readonly #tracks = new Map<number, TrackSpan>();
  #start = Infinity;
  #frames = 0;

  /** How many frames there were. */
  get frames(): number {
    return this.#frames;
  }

  /** Takes the next frame. */
  add({ trackNumber, timestamp, duration }: MatroskaFrame): void {
    this.#frames += 1;
    this.#start = Math.min(this.#start, timestamp);
    const span = this.#tracks.get(trackNumber);
    if (span === undefined) {
      if (this.#tracks.size >= MAX_TRACKS) return;
      const fresh = { first: timestamp, last: timestamp, frames: 1, lastDuration: duration };
      this.#tracks.set(trackNumber, fresh);
      return;
    }
    span.frames += 1;
    span.first = Math.min(span.first, timestamp);
    if (timestamp >= span.last) {
      span.last = timestamp;
      span.lastDuration = duration;
    }
  }

  /** Milliseconds from the first frame to the end of the last one; undefined when nothing tells. */
  get duration(): number | undefined {
    const ends = [...this.#tracks.values()].flatMap(({ first, last, frames, lastDuration }) => {
      const spacing = frames > 1 ? (last - first) / (frames - 1) : undefined;
      const length = lastDuration ?? spacing;
      return length === undefined ? [] : [last + length - this.#start];
    });
    return ends.length === 0 ? undefined : Math.max(...ends);
  }
}
