import { readBlock } from '../parser/block-frames.js';
import { BlockGroup } from '../parser/block-group.js';
import { readFrameStorage, restoreFrame, type FrameStorage } from '../parser/encodings.js';
import {
  DEFAULT_TIMESTAMP_SCALE,
  EbmlReader,
  ElementId,
  MatroskaError,
  readInfo,
  readTracks,
  readUnsigned,
  type EbmlElement,
  type MatroskaTrack,
} from '../parser/index.js';
import { MuxError } from './errors.js';

/** One frame as a block holds it. Times are in units of the timestamp scale. */
export interface MatroskaFrame {
  readonly trackNumber: number;
  /** From the Cluster's timestamp. A laced frame after the first can have fractions. */
  readonly time: number;
  /** When the block tells. */
  readonly duration: number | undefined;
  readonly keyFrame: boolean;
  /** A view of the fragment's bytes. */
  readonly data: Uint8Array;
}

/** What a fragment begins with. */
export interface FragmentHeader {
  readonly tracks: readonly MatroskaTrack[];
  /** Nanoseconds of a unit of time. */
  readonly timestampScale: number;
}

/** One fragment: a Segment with one Cluster. */
export interface MatroskaFragment extends FragmentHeader {
  /** The Cluster's timestamp, in units of the scale. */
  readonly timestamp: number;
  /** All frames in the order of their blocks, which is decoding order. */
  readonly frames: readonly MatroskaFrame[];
}

/** A fragment has at most 50 MB. */
const MAX_ELEMENT_BYTES = 64 * 1024 * 1024;

/** Reads a whole fragment. Throws MatroskaError, or MuxError for frames that are stored encoded. */
export function readFragment(bytes: Uint8Array): MatroskaFragment {
  const builder = new FragmentBuilder();
  builder.read(bytes);
  return builder;
}

/** Reads what precedes the Cluster, of which `bytes` may hold any part. Throws MatroskaError. */
export function readFragmentHeader(bytes: Uint8Array): FragmentHeader {
  const builder = new FragmentBuilder();
  builder.readStart(bytes);
  return builder;
}

/** The frames of one track, in decoding order. */
export function framesOf(
  { frames }: Pick<MatroskaFragment, 'frames'>,
  trackNumber: number,
): MatroskaFrame[] {
  return frames.filter((frame) => frame.trackNumber === trackNumber);
}

class FragmentBuilder implements MatroskaFragment {
  tracks: readonly MatroskaTrack[] = [];
  timestampScale = DEFAULT_TIMESTAMP_SCALE;
  timestamp = 0;
  readonly frames: MatroskaFrame[] = [];
  #storage: ReadonlyMap<number, FrameStorage> = new Map();
  #group: BlockGroup | undefined;
  /** Bytes that were put back in the frames. */
  #restored = 0;

  read(bytes: Uint8Array): void {
    const reader = this.#reader();
    reader.push(bytes);
    reader.end();
  }

  readStart(bytes: Uint8Array): void {
    this.#reader().push(bytes);
  }

  #reader(): EbmlReader {
    return new EbmlReader(
      {
        start: ({ id }) => {
          if (id === ElementId.BlockGroup) this.#group = new BlockGroup();
        },
        value: (element, data) => {
          this.#value(element, data);
        },
        end: ({ id }) => {
          if (id === ElementId.BlockGroup) this.#endGroup();
        },
      },
      {
        collected: [ElementId.Tracks, ElementId.Info],
        streamed: [ElementId.Attachments, ElementId.Chapters, ElementId.BlockAdditions],
        maxValueBytes: MAX_ELEMENT_BYTES,
      },
    );
  }

  #value({ id }: EbmlElement, data: Uint8Array): void {
    const group = this.#group;
    if (id === ElementId.SimpleBlock) this.#addBlock(data);
    else if (id === ElementId.Timestamp) this.timestamp = readUnsigned(data);
    else if (id === ElementId.Info) this.timestampScale = readInfo(data).timestampScale;
    else if (id === ElementId.Tracks) {
      this.tracks = readTracks(data);
      this.#storage = readFrameStorage(data);
    } else if (group !== undefined && id === ElementId.Block) group.block = data;
    else group?.value(id, data);
  }

  #endGroup(): void {
    const group = this.#group;
    this.#group = undefined;
    if (group?.block !== undefined) this.#addBlock(group.block, group);
  }

  #addBlock(data: Uint8Array, group?: BlockGroup): void {
    const { header, frames: laced } = readBlock(data);
    const { trackNumber, relativeTime } = header;
    const each = group?.duration === undefined ? undefined : group.duration / laced.length;
    const step = each ?? this.#defaultUnits(trackNumber);
    for (const [index, frame] of laced.entries()) {
      this.frames.push({
        trackNumber,
        time: relativeTime + index * step,
        duration: each,
        keyFrame: group?.keyFrame ?? header.keyFrame,
        data: this.#restore(trackNumber, frame),
      });
    }
  }

  /** Units that a frame of the track lasts; 0 when the track does not tell. */
  #defaultUnits(trackNumber: number): number {
    const track = this.tracks.find(({ number }) => number === trackNumber);
    return (track?.defaultDuration ?? 0) / this.timestampScale;
  }

  #restore(trackNumber: number, frame: Uint8Array): Uint8Array {
    const { obstacle, prefix } = this.#storage.get(trackNumber) ?? {};
    if (obstacle !== undefined) {
      throw new MuxError('UNSUPPORTED_CODEC', `Track ${trackNumber} cannot be read: ${obstacle}`);
    }
    this.#restored += prefix?.length ?? 0;
    if (this.#restored > MAX_ELEMENT_BYTES) {
      const message = `The frames of a fragment lack more than ${MAX_ELEMENT_BYTES} bytes`;
      throw new MatroskaError('ELEMENT_TOO_LARGE', message);
    }
    return restoreFrame(prefix, frame);
  }
}
