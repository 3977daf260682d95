import {
  BlockHeaderScanner,
  DEFAULT_TIMESTAMP_SCALE,
  EbmlReader,
  ElementId,
  MatroskaError,
  readInfo,
  readTags,
  readTracks,
  readUnsigned,
  type BlockHeader,
  type EbmlElement,
  type MatroskaTrack,
} from '../../parser/index.js';

/** What is known of a fragment; it grows until the fragment ends. Times are epoch milliseconds. */
export interface FragmentInfo {
  number: string;
  /** By the clock of the producer; undefined when the service does not say. */
  producerTime: number | undefined;
  /** When the service got it. */
  serverTime: number | undefined;
  /** How far it was behind the newest one when it was sent. */
  millisBehindNow: number | undefined;
  /** Of its frames, so far. */
  bytes: number;
  frames: number;
  /** From its beginning to its newest frame, in milliseconds. */
  duration: number;
  /** The producer's own metadata. */
  readonly metadata: { readonly name: string; readonly value: string }[];
}

/** A frame of one track. */
export interface StreamFrame {
  readonly trackNumber: number;
  /** When it is to be shown, in epoch milliseconds by the clock of the producer. */
  readonly time: number;
  readonly keyFrame: boolean;
  readonly data: Uint8Array<ArrayBuffer>;
  readonly fragment: FragmentInfo;
}

/** Gets what a `StreamReader` finds, in the order of the stream. */
export interface StreamHandler {
  /** The tracks, when they are seen first and when they change. */
  tracks(tracks: readonly MatroskaTrack[]): void;
  /** A fragment begins. */
  fragment(fragment: FragmentInfo): void;
  frame(frame: StreamFrame): void;
  /** All of the fragment has been read. */
  fragmentEnd(fragment: FragmentInfo): void;
  /** The service ends the stream with an error. */
  serviceError(code: string, id: string): void;
}

const PREFIX = 'AWS_KINESISVIDEO_';
/** The largest frame that is taken. */
const MAX_FRAME_BYTES = 64 * 1024 * 1024;

/**
 * Reads what GetMedia sends, cut anywhere: a frame is handed on as soon as its last byte is there,
 * which may be long before its fragment ends.
 */
export class StreamReader {
  readonly #handler: StreamHandler;
  readonly #reader: EbmlReader;
  readonly #scanner = new BlockHeaderScanner();
  #fragment: FragmentInfo | undefined;
  #inCluster = false;
  #scale = DEFAULT_TIMESTAMP_SCALE;
  #clusterTime = 0;
  #tracks: Uint8Array | undefined;
  #errorCode: string | undefined;
  #block = new Uint8Array(0);
  #blockFill = 0;
  #blockHeader: BlockHeader | undefined;
  /** The frame of a BlockGroup, and whether it refers to another: then it is no key frame. */
  #grouped: Omit<StreamFrame, 'keyFrame'> | undefined;
  #refers = false;

  constructor(handler: StreamHandler) {
    this.#handler = handler;
    this.#reader = new EbmlReader(
      {
        start: (element) => {
          this.#start(element);
        },
        value: (element, data) => {
          this.#value(element, data);
        },
        data: (_element, piece) => {
          this.#data(piece);
        },
        end: (element) => {
          this.#end(element);
        },
      },
      {
        collected: [ElementId.Info, ElementId.Tracks, ElementId.Tags],
        streamed: [ElementId.SimpleBlock, ElementId.Block],
      },
    );
  }

  /** Takes the next bytes. Throws MatroskaError when they are not what GetMedia sends. */
  push(chunk: Uint8Array): void {
    this.#reader.push(chunk);
  }

  /** Ends the stream. Throws MatroskaError when that is in the middle of something. */
  end(): void {
    this.#reader.end();
    this.#endFragment();
  }

  #start({ id, size = 0 }: EbmlElement): void {
    switch (id) {
      case ElementId.EBML:
        this.#endFragment();
        this.#scale = DEFAULT_TIMESTAMP_SCALE;
        return;
      case ElementId.Cluster:
        this.#clusterTime = 0;
        this.#inCluster = true;
        this.#handler.fragment(this.#open());
        return;
      case ElementId.BlockGroup:
        this.#grouped = undefined;
        this.#refers = false;
        return;
      case ElementId.SimpleBlock:
      case ElementId.Block:
        this.#beginBlock(size);
        return;
      default:
    }
  }

  #value({ id }: EbmlElement, data: Uint8Array): void {
    switch (id) {
      case ElementId.Info:
        this.#scale = readInfo(data).timestampScale;
        return;
      case ElementId.Tracks:
        this.#readTracks(data);
        return;
      case ElementId.Tags:
        this.#readTags(data);
        return;
      case ElementId.Timestamp:
        this.#clusterTime = readUnsigned(data);
        return;
      case ElementId.ReferenceBlock:
        this.#refers = true;
        return;
      default:
    }
  }

  #end({ id }: EbmlElement): void {
    switch (id) {
      case ElementId.SimpleBlock:
        this.#emit({ ...this.#endBlock(), keyFrame: this.#blockHeader?.keyFrame === true });
        return;
      case ElementId.Block:
        this.#grouped = this.#endBlock();
        return;
      case ElementId.BlockGroup:
        if (this.#grouped !== undefined) this.#emit({ ...this.#grouped, keyFrame: !this.#refers });
        return;
      default:
    }
  }

  /** The fragment that the next element belongs to. */
  #open(): FragmentInfo {
    this.#fragment ??= {
      number: '',
      producerTime: undefined,
      serverTime: undefined,
      millisBehindNow: undefined,
      bytes: 0,
      frames: 0,
      duration: 0,
      metadata: [],
    };
    return this.#fragment;
  }

  #endFragment(): void {
    if (this.#fragment !== undefined && this.#inCluster) this.#handler.fragmentEnd(this.#fragment);
    this.#fragment = undefined;
    this.#inCluster = false;
  }

  #readTracks(data: Uint8Array): void {
    const isSame = this.#tracks?.length === data.length && equal(this.#tracks, data);
    if (isSame) return;
    this.#tracks = data.slice();
    this.#handler.tracks(readTracks(data));
  }

  #readTags(data: Uint8Array): void {
    const fragment = this.#open();
    for (const { name, string = '' } of readTags(data).flatMap((tag) => tag.simpleTags)) {
      if (!name.startsWith(PREFIX)) fragment.metadata.push({ name, value: string });
      else this.#readServiceTag(fragment, name.slice(PREFIX.length), string);
    }
  }

  #readServiceTag(fragment: FragmentInfo, name: string, value: string): void {
    switch (name) {
      case 'FRAGMENT_NUMBER':
        fragment.number = value;
        return;
      case 'SERVER_TIMESTAMP':
        fragment.serverTime = secondsToMs(value);
        return;
      case 'PRODUCER_TIMESTAMP':
        fragment.producerTime = secondsToMs(value);
        return;
      case 'MILLIS_BEHIND_NOW':
        fragment.millisBehindNow = Number(value);
        return;
      case 'ERROR_CODE':
        this.#errorCode = value;
        return;
      case 'ERROR_ID':
        this.#handler.serviceError(this.#errorCode ?? 'unknown', value);
        return;
      default:
    }
  }

  #beginBlock(size: number): void {
    if (size > MAX_FRAME_BYTES) {
      const text = `A frame has ${size} bytes; at most ${MAX_FRAME_BYTES} are read`;
      throw new MatroskaError('ELEMENT_TOO_LARGE', text);
    }
    this.#scanner.reset();
    this.#blockHeader = undefined;
    this.#block = new Uint8Array(size);
    this.#blockFill = 0;
  }

  #data(piece: Uint8Array): void {
    this.#blockHeader = this.#scanner.push(piece) ?? this.#blockHeader;
    this.#block.set(piece, this.#blockFill);
    this.#blockFill += piece.length;
  }

  #endBlock(): Omit<StreamFrame, 'keyFrame'> {
    this.#scanner.end();
    const { trackNumber, relativeTime, laced, length } = this.#blockHeader as BlockHeader;
    if (laced) throw new MatroskaError('INVALID_VALUE', 'Blocks of several frames are not played');
    const fragment = this.#open();
    const unit = this.#scale / 1e6;
    const start = fragment.producerTime ?? this.#clusterTime * unit;
    return {
      trackNumber,
      time: start + relativeTime * unit,
      data: this.#block.subarray(length),
      fragment,
    };
  }

  #emit(frame: StreamFrame): void {
    const { fragment, time, data } = frame;
    fragment.frames += 1;
    fragment.bytes += data.length;
    const start = fragment.producerTime ?? time;
    fragment.duration = Math.max(fragment.duration, time - start);
    this.#handler.frame(frame);
  }
}

function secondsToMs(text: string): number | undefined {
  const milliseconds = Math.round(Number(text) * 1000);
  return text === '' || Number.isNaN(milliseconds) ? undefined : milliseconds;
}

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.every((byte, index) => byte === other[index]);
}
