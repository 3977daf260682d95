import { ByteHold } from './byte-hold.js';
import { EbmlReader, type EbmlElement } from './ebml-reader.js';
import { ElementId } from './elements.js';
import { MatroskaError } from './errors.js';
import { readInfo } from './info.js';
import { readTags } from './tags.js';

/** What the service adds to each chunk begins so; producers cannot use the prefix. */
const SERVICE_TAG_PREFIX = 'AWS_KINESISVIDEO_';

/** Larger than any header that the service accepts (codec private data is at most 1 MiB a track). */
const MAX_HELD_BYTES = 8 * 1024 * 1024;

/** What a merged stream consists of, so far. */
export interface MergeCounts {
  /** Clusters. */
  fragments: number;
  /** Bytes of the result. */
  bytes: number;
}

/**
 * Makes one playable Matroska file of what GetMedia answers: there each fragment comes with an EBML
 * header and a Segment of its own, at which players stop. Kept are the first header, the clusters as
 * they are, and the producer's own tags; left out are the repeated headers, the service's tags, and
 * indexes, whose positions no longer hold.
 *
 * Memory: one header or tag at a time, never a cluster.
 */
export class SegmentMerger {
  /** What was written so far. */
  readonly counts: MergeCounts = { fragments: 0, bytes: 0 };
  readonly #write: (piece: Uint8Array) => void;
  readonly #reader: EbmlReader;
  /** The bytes of an element of which only its end tells whether it is kept. */
  readonly #held = new ByteHold(MAX_HELD_BYTES);
  #isHolding = false;
  #passing = false;
  #inEbmlHeader = false;
  #segments = 0;
  #tracks: Uint8Array | undefined;
  #timestampScale: number | undefined;
  #isServiceTag = false;

  /** @param write - gets the merged bytes; a piece is valid until `write` returns */
  constructor(write: (piece: Uint8Array) => void) {
    this.#write = write;
    this.#reader = new EbmlReader(
      {
        start: (element) => {
          this.#start(element);
        },
        value: ({ id }, data) => {
          if (id === ElementId.Tags) this.#isServiceTag = isServiceTag(data);
          else if (id === ElementId.Info) this.#checkScale(readInfo(data).timestampScale);
        },
        end: (element) => {
          this.#end(element);
        },
        bytes: (piece) => {
          this.#bytes(piece);
        },
      },
      { collected: [ElementId.Info, ElementId.Tags] },
    );
  }

  /**
   * Takes the next bytes of the answer, cut anywhere.
   *
   * @throws MatroskaError when they are not Matroska; TRACKS_CHANGED when the tracks or the scale of
   *   time change, and what was written so far is a whole file then
   */
  push(chunk: Uint8Array): void {
    this.#reader.push(chunk);
  }

  /** Marks the end. Throws MatroskaError when the last fragment is cut off. */
  end(): void {
    this.#reader.end();
  }

  #start({ id, depth }: EbmlElement): void {
    if (depth > 1 || this.#inEbmlHeader) return;
    this.#passing = false;
    switch (id) {
      case ElementId.EBML:
        this.#inEbmlHeader = true;
        this.#passing = this.#segments === 0;
        return;
      case ElementId.Segment:
        this.#segments += 1;
        this.#passing = this.#segments === 1;
        return;
      case ElementId.Info:
        this.#passing = this.#segments === 1;
        return;
      case ElementId.Cluster:
        this.counts.fragments += 1;
        this.#passing = true;
        return;
      case ElementId.Tracks:
      case ElementId.Tags:
        this.#isHolding = true;
        return;
      default:
    }
  }

  #end({ id, depth }: EbmlElement): void {
    if (id === ElementId.EBML) this.#inEbmlHeader = false;
    if (depth > 1 || this.#inEbmlHeader) return;
    this.#passing = false;
    if (!this.#isHolding) return;
    this.#isHolding = false;
    const bytes = this.#held.take();
    if (id === ElementId.Tracks) this.#endTracks(bytes);
    else if (!this.#isServiceTag) this.#emit(bytes);
  }

  #endTracks(bytes: Uint8Array): void {
    if (this.#tracks === undefined) {
      this.#tracks = bytes;
      this.#emit(bytes);
    } else if (!isEqual(this.#tracks, bytes)) {
      throw this.#changed('tracks or codec settings');
    }
  }

  #checkScale(timestampScale: number): void {
    this.#timestampScale ??= timestampScale;
    if (this.#timestampScale !== timestampScale) throw this.#changed('time code scale');
  }

  #changed(what: string): MatroskaError {
    return new MatroskaError(
      'TRACKS_CHANGED',
      `The stream's ${what} changed after fragment ${this.counts.fragments}, which one Matroska ` +
        'file cannot hold: read on from this fragment into another file.',
    );
  }

  #bytes(piece: Uint8Array): void {
    if (this.#isHolding) this.#held.add(piece);
    else if (this.#passing) this.#emit(piece);
  }

  #emit(piece: Uint8Array): void {
    this.counts.bytes += piece.length;
    this.#write(piece);
  }
}

function isServiceTag(content: Uint8Array): boolean {
  const names = readTags(content).flatMap((tag) => tag.simpleTags.map(({ name }) => name));
  return names.length > 0 && names.every((name) => name.startsWith(SERVICE_TAG_PREFIX));
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
