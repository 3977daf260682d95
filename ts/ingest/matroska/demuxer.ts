import { readBlock } from '../../parser/block-frames.js';
import { BlockGroup } from '../../parser/block-group.js';
import { readFrameStorage, type FrameStorage } from '../../parser/encodings.js';
import {
  DEFAULT_TIMESTAMP_SCALE,
  EbmlReader,
  ElementId,
  MatroskaError,
  readInfo,
  readString,
  readTracks,
  readUnsigned,
  type EbmlElement,
  type EbmlHandler,
  type MatroskaTrack,
} from '../../parser/index.js';

/** A track with how its frames are stored. */
export interface StoredTrack extends MatroskaTrack {
  readonly storage: FrameStorage;
}

/** The frames of one block. */
export interface Block {
  readonly trackNumber: number;
  /** Milliseconds of the first frame. */
  readonly time: number;
  /** Milliseconds of all frames, when told. */
  readonly duration: number | undefined;
  readonly keyFrame: boolean;
  /** Bytes that are never written to again. */
  readonly frames: readonly Uint8Array[];
}

const DOC_TYPES = ['matroska', 'webm'];
/** A fragment holds at most 50 MB, so no larger frame could be sent. */
const MAX_ELEMENT_BYTES = 64 * 1024 * 1024;

/**
 * Finds tracks and blocks in a Matroska stream. Several Segments in a row, as GetMedia of Kinesis
 * Video Streams returns them, are one stream as long as their tracks are the same.
 */
export class MatroskaDemuxer {
  readonly #reader: EbmlReader;
  #chunk: Uint8Array = new Uint8Array(0);
  #tracks: StoredTrack[] | undefined;
  #duration: number | undefined;
  #hasClusters = false;
  /** Nanoseconds per unit of time. */
  #scale = DEFAULT_TIMESTAMP_SCALE;
  #clusterTime = 0;
  #group: BlockGroup | undefined;
  readonly #blocks: Block[] = [];

  constructor() {
    const handler: EbmlHandler = {
      start: (element) => {
        this.#start(element);
      },
      value: (element, data) => {
        this.#value(element, data);
      },
      end: ({ id }) => {
        if (id === ElementId.BlockGroup) this.#endGroup();
      },
    };
    this.#reader = new EbmlReader(handler, {
      collected: [ElementId.Tracks, ElementId.Info],
      streamed: [ElementId.Attachments, ElementId.Chapters, ElementId.BlockAdditions],
      maxValueBytes: MAX_ELEMENT_BYTES,
    });
  }

  /** The tracks, once they are known. */
  get tracks(): readonly StoredTrack[] | undefined {
    return this.#tracks;
  }

  /** Milliseconds, when the first Segment tells. */
  get duration(): number | undefined {
    return this.#duration;
  }

  /** Whether everything that comes before the media has been read. */
  get hasClusters(): boolean {
    return this.#hasClusters;
  }

  /** Takes the next bytes, which must not be written to later. Throws MatroskaError. */
  push(chunk: Uint8Array): void {
    // Plain bytes: `slice` of a Buffer would not copy.
    this.#chunk = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.#reader.push(this.#chunk);
  }

  /** Marks the end. Throws MatroskaError TRUNCATED when it comes too early. */
  end(): void {
    this.#reader.end();
  }

  /** The blocks that were complete since the last call, also after an error. */
  takeBlocks(): Block[] {
    return this.#blocks.splice(0);
  }

  #start({ id, offset }: EbmlElement): void {
    if (id === ElementId.BlockGroup) {
      this.#group = new BlockGroup();
    } else if (id === ElementId.Cluster) {
      if (this.#tracks === undefined) {
        throw new MatroskaError('MISSING_ELEMENT', 'A Cluster comes before any Tracks', offset);
      }
      this.#hasClusters = true;
      this.#clusterTime = 0;
    }
  }

  #value({ id, offset }: EbmlElement, data: Uint8Array): void {
    const group = this.#group;
    if (id === ElementId.SimpleBlock) this.#addBlock(this.#keep(data));
    else if (id === ElementId.Timestamp) this.#clusterTime = readUnsigned(data);
    else if (id === ElementId.Tracks) this.#setTracks(data, offset);
    else if (id === ElementId.Info) this.#setInfo(data);
    else if (id === ElementId.DocType) checkDocType(readString(data), offset);
    else if (group !== undefined && id === ElementId.Block) group.block = this.#keep(data);
    else group?.value(id, data);
  }

  #endGroup(): void {
    const group = this.#group;
    this.#group = undefined;
    if (group?.block !== undefined) this.#addBlock(group.block, group);
  }

  #setInfo(data: Uint8Array): void {
    const { timestampScale, duration } = readInfo(data);
    this.#scale = timestampScale;
    if (duration !== undefined) this.#duration ??= this.#milliseconds(duration);
  }

  #setTracks(data: Uint8Array, offset: number): void {
    const storage = readFrameStorage(data);
    const tracks = readTracks(data).map((track) => {
      return { ...track, storage: storage.get(track.number) ?? { codecDelay: 0 } };
    });
    if (this.#tracks !== undefined && !sameTracks(this.#tracks, tracks)) {
      throw new MatroskaError('INVALID_VALUE', 'The tracks are no longer the same', offset);
    }
    this.#tracks = tracks;
  }

  /** @param data - never written to again */
  #addBlock(data: Uint8Array, group?: BlockGroup): void {
    const { header, frames } = readBlock(data);
    const ticks = group?.duration;
    this.#blocks.push({
      trackNumber: header.trackNumber,
      time: this.#milliseconds(this.#clusterTime + header.relativeTime),
      duration: ticks === undefined ? undefined : this.#milliseconds(ticks),
      keyFrame: group?.keyFrame ?? header.keyFrame,
      frames,
    });
  }

  #milliseconds(ticks: number): number {
    return (ticks * this.#scale) / 1e6;
  }

  /** What did not come in one piece lies in a buffer that the reader uses again. */
  #keep(data: Uint8Array): Uint8Array {
    return data.buffer === this.#chunk.buffer ? data : data.slice();
  }
}

function checkDocType(docType: string, offset: number): void {
  if (DOC_TYPES.includes(docType)) return;
  throw new MatroskaError('INVALID_VALUE', `The document type is "${docType}"`, offset);
}

function sameTracks(before: readonly MatroskaTrack[], after: readonly MatroskaTrack[]): boolean {
  const essence = (tracks: readonly MatroskaTrack[]): string => {
    return JSON.stringify(
      tracks.map(({ number, codecId, codecPrivate }) => {
        return [number, codecId, Buffer.from(codecPrivate ?? []).toString('base64')];
      }),
    );
  };
  return essence(before) === essence(after);
}
