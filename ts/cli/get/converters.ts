import { EbmlReader, ElementId, MatroskaError, SegmentMerger } from '../../parser/index.js';

/** What was saved. */
export interface SavedMedia {
  fragments: number;
  bytes: number;
}

/** Turns what the service sends into what is saved, and counts it. */
export interface Converter {
  /** All that was returned by `push`. */
  readonly saved: SavedMedia;
  /** The part of it that certainly consists of whole fragments. */
  readonly whole: SavedMedia;
  /** What makes it impossible to go on after what `push` has returned. */
  readonly failure: { readonly error: unknown } | undefined;
  /** Takes the next bytes of the service; returns what to write, valid for as long as they are. */
  push(chunk: Uint8Array): Uint8Array;
  /** Throws when the media so far end inside of a fragment. */
  end(): void;
}

/** Makes one playable file. */
export class MergeConverter implements Converter {
  readonly whole: SavedMedia = { fragments: 0, bytes: 0 };
  failure: { readonly error: unknown } | undefined;
  readonly #merger: SegmentMerger;
  #pieces: Uint8Array[] = [];
  #begun = 0;

  constructor() {
    this.#merger = new SegmentMerger((piece) => {
      this.#take(piece);
    });
  }

  get saved(): SavedMedia {
    return this.#merger.counts;
  }

  push(chunk: Uint8Array): Uint8Array {
    this.#pieces = [];
    try {
      this.#merger.push(chunk);
    } catch (error) {
      this.failure = { error };
    }
    return Buffer.concat(this.#pieces);
  }

  end(): void {
    // The merger refuses a change of the tracks where a fragment is complete.
    if (!isChangeOfTracks(this.failure?.error)) this.#merger.end();
  }

  #take(piece: Uint8Array): void {
    const { fragments, bytes } = this.#merger.counts;
    if (fragments > this.#begun) {
      // With the first bytes of a fragment all before it are complete.
      this.#begun = fragments;
      this.whole.fragments = fragments - 1;
      this.whole.bytes = bytes - piece.length;
    }
    this.#pieces.push(piece);
  }
}

/** Leaves the bytes as they are: a Matroska document for each fragment. */
export class RawConverter implements Converter {
  readonly saved: SavedMedia = { fragments: 0, bytes: 0 };
  readonly whole: SavedMedia = { fragments: 0, bytes: 0 };
  failure: { readonly error: unknown } | undefined;
  readonly #reader = new EbmlReader({
    start: ({ id, offset }) => {
      if (id === ElementId.EBML) Object.assign(this.whole, this.saved, { bytes: offset });
      if (id === ElementId.Cluster) this.saved.fragments += 1;
    },
  });

  push(chunk: Uint8Array): Uint8Array {
    try {
      this.#reader.push(chunk);
    } catch (error) {
      this.failure = { error };
    }
    this.saved.bytes += chunk.length;
    return chunk;
  }

  end(): void {
    this.#reader.end();
  }
}

/** Whether a file cannot hold what comes next, although that is sound. */
export function isChangeOfTracks(error: unknown): error is MatroskaError {
  return error instanceof MatroskaError && error.code === 'TRACKS_CHANGED';
}
