import { readFrameStorage } from './encodings.js';
import type { FrameTrack } from './frame-reader.js';
import { readTracks, type MatroskaTrack } from './tracks.js';

interface Described {
  readonly byNumber: ReadonlyMap<number, FrameTrack>;
  readonly list: readonly MatroskaTrack[];
}

const NONE: Described = { byNumber: new Map(), list: [] };

/**
 * The tracks of the Segment that is read. Every fragment of a live stream describes them again; what is
 * described alike stays the same objects, so that whoever plays them sees whether a decoder goes on.
 */
export class TrackDescriptions {
  #content: Uint8Array | undefined;
  #read: Described = NONE;
  #current: Described = NONE;

  /** By their numbers. */
  get byNumber(): ReadonlyMap<number, FrameTrack> {
    return this.#current.byNumber;
  }

  /** In the order of the Segment. */
  get list(): readonly MatroskaTrack[] {
    return this.#current.list;
  }

  /** Takes the content of a Tracks element. Throws MatroskaError. */
  read(content: Uint8Array): void {
    if (this.#content === undefined || !isEqual(this.#content, content)) {
      this.#read = describe(content);
      this.#content = new Uint8Array(content);
    }
    this.#current = this.#read;
  }

  /** Another Segment begins, which may have none. */
  clear(): void {
    this.#current = NONE;
  }
}

function describe(content: Uint8Array): Described {
  const storage = readFrameStorage(content);
  const byNumber = new Map(
    readTracks(content).map((track) => [
      track.number,
      { track, storage: storage.get(track.number) },
    ]),
  );
  return { byNumber, list: [...byNumber.values()].map(({ track }) => track) };
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
