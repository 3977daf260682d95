/** Cuts the Matroska stream of a PutMedia into fragments, each a file of its own. */
import {
  BlockHeaderScanner,
  DEFAULT_TIMESTAMP_SCALE,
  EbmlReader,
  ElementId,
  elementName,
  MatroskaError,
  readInfo,
  readString,
  readTags,
  readTracks,
  readUnsigned,
  type EbmlElement,
  type EbmlHandler,
  type MatroskaTag,
} from '../../parser/index.js';
import { AckError } from './acks.js';
import { END_OF_FRAGMENT_TAG, FragmentRules, type FragmentRuleOptions } from './fragment-rules.js';
import { StreamHeader } from './stream-header.js';

/** Receives the fragments. Bytes may be kept: nothing writes to them again. */
export interface FragmentSink {
  /** A Cluster begins. `header` is what its file starts with; `sized` says if it tells its size. */
  begin(header: Uint8Array, sized: boolean): void;
  /** The Cluster's timecode is known: as sent, and in milliseconds. */
  identify(timecode: number, milliseconds: number): void;
  /** More of the Cluster, and then of what follows it. */
  append(bytes: Uint8Array): void;
  /** Tags of the fragment that is open, or of the next one when none is. */
  tag(tags: readonly MatroskaTag[]): void;
  /**
   * The first `bytes` of what has been appended are whole elements. `duration` in milliseconds from
   * the first frame to the last one so far.
   */
  advance(bytes: number, duration: number): void;
  /** Everything before the next Cluster has been received. `duration` in milliseconds, `frames` of all tracks. */
  complete(duration: number, frames: number): void;
}

/** Where the bytes of the element at hand belong. */
type Route = 'every fragment' | 'next fragment' | 'open fragment' | 'nowhere';

const DOC_TYPES: ReadonlySet<string> = new Set(['matroska', 'webm']);
/** Elements that a body can have only one of. */
const SINGLE: ReadonlySet<number> = new Set([ElementId.EBML, ElementId.Segment, ElementId.Tracks]);
/** Ten tags of full length with room to spare; more could only be refused. */
const MAX_TAGS_BYTES = 64 * 1024;
const NS_PER_MS = 1_000_000;

/** Takes the body of a PutMedia in pieces of any size. */
export class MediaReceiver {
  readonly #rules: FragmentRules;
  readonly #sink: FragmentSink;
  readonly #reader: EbmlReader;
  readonly #header = new StreamHeader();
  readonly #block = new BlockHeaderScanner();
  /** Ids of the elements of depth 0 and 1 so far. */
  readonly #seen = new Set<number>();
  #route: Route = 'nowhere';
  #timestampScale = DEFAULT_TIMESTAMP_SCALE;
  #fragmentOpen = false;
  /** Offsets in the body: where the open Cluster begins, where the last whole element ends, what is shown. */
  #clusterOffset = 0;
  #wholeUntil = 0;
  #shownUntil = 0;
  #insideCluster = false;
  #endsFragment = false;

  constructor(sink: FragmentSink, options: FragmentRuleOptions) {
    this.#sink = sink;
    this.#rules = new FragmentRules(options);
    const handler: EbmlHandler = {
      start: (element) => {
        this.#start(element);
      },
      value: (element, data) => {
        this.#value(element, data);
      },
      data: (_element, piece) => {
        this.#blockData(piece);
      },
      end: (element) => {
        this.#end(element);
      },
      bytes: (piece) => {
        this.#bytes(piece);
      },
    };
    this.#reader = new EbmlReader(handler, {
      collected: [ElementId.Info, ElementId.Tracks, ElementId.Tags],
      streamed: [ElementId.SimpleBlock, ElementId.Block],
    });
  }

  /** Takes the next bytes. Throws AckError for media that the service refuses. */
  push(chunk: Uint8Array): void {
    asAckError(() => {
      this.#reader.push(chunk);
    });
    this.#advance();
  }

  /** Takes the end of the body, which completes the last fragment. Throws AckError. */
  finish(): void {
    if (this.#reader.offset === 0) return;
    asAckError(() => {
      this.#reader.end();
    });
    if (!this.#seen.has(ElementId.Cluster)) throw invalid('There is no Cluster in the media');
    this.#completeFragment();
  }

  #start(element: EbmlElement): void {
    const { id, depth } = element;
    if (id === ElementId.SimpleBlock || id === ElementId.Block) this.#block.reset();
    const insideEbmlHeader = depth === 1 && !this.#seen.has(ElementId.Segment);
    if (depth > 1 || insideEbmlHeader) return;
    if (SINGLE.has(id) && this.#seen.has(id)) throw invalid(`A second ${elementName(id)} follows`);
    if (depth === 0) this.#startRoot(id);
    else this.#startSegmentChild(element);
    this.#seen.add(id);
  }

  #startRoot(id: number): void {
    this.#route = this.#seen.has(ElementId.Segment) ? 'nowhere' : 'every fragment';
    if (id !== ElementId.Segment) return;
    if (!this.#seen.has(ElementId.EBML)) throw invalid('The Segment comes without an EBML header');
    this.#header.addSegment();
    this.#route = 'nowhere';
  }

  #startSegmentChild({ id, size, offset }: EbmlElement): void {
    if (id === ElementId.Cluster) {
      this.#completeFragment(true);
      this.#rules.begin();
      this.#fragmentOpen = true;
      this.#clusterOffset = offset;
      this.#wholeUntil = offset;
      this.#shownUntil = offset;
      this.#sink.begin(this.#header.take(), size !== undefined);
    }
    this.#insideCluster = id === ElementId.Cluster;
    if (id === ElementId.Tags && (size ?? 0) > MAX_TAGS_BYTES) {
      throw new AckError('FRAGMENT_METADATA_LIMIT_REACHED', `Tags of ${size} bytes are too large`);
    }
    this.#route = this.#routeOf(id);
  }

  #routeOf(id: number): Route {
    if (this.#fragmentOpen) return 'open fragment';
    if (this.#seen.has(ElementId.Cluster)) return 'next fragment';
    // Tags ahead of everything else come with the first fragment only.
    const isLeading = !this.#seen.has(ElementId.Info) && !this.#seen.has(ElementId.Tracks);
    return id === ElementId.Tags && isLeading ? 'next fragment' : 'every fragment';
  }

  #bytes(piece: Uint8Array): void {
    if (this.#route === 'open fragment') {
      this.#rules.addBytes(piece.length);
      this.#sink.append(piece);
    } else if (this.#route !== 'nowhere') {
      this.#header.add(piece, this.#route === 'next fragment');
    }
  }

  #value({ id }: EbmlElement, data: Uint8Array): void {
    if (id === ElementId.DocType) checkDocType(readString(data));
    else if (id === ElementId.Info) this.#takeInfo(data);
    else if (id === ElementId.Tracks) this.#rules.declareTracks(readTracks(data));
    else if (id === ElementId.Tags) this.#takeTags(data);
    else if (id === ElementId.Timestamp) this.#takeTimecode(readUnsigned(data));
  }

  #takeInfo(data: Uint8Array): void {
    if (this.#seen.has(ElementId.Cluster)) return;
    this.#timestampScale = readInfo(data).timestampScale;
    this.#rules.timestampScale = this.#timestampScale;
  }

  #takeTags(data: Uint8Array): void {
    const tags = readTags(data);
    this.#rules.addTags(tags);
    this.#sink.tag(tags);
    this.#endsFragment = tags.some((tag) =>
      tag.simpleTags.some(({ name }) => name === END_OF_FRAGMENT_TAG),
    );
  }

  #takeTimecode(timecode: number): void {
    this.#rules.setTimecode(timecode);
    this.#sink.identify(timecode, (timecode * this.#timestampScale) / NS_PER_MS);
  }

  #blockData(piece: Uint8Array): void {
    const header = this.#block.push(piece);
    if (header !== undefined) this.#rules.addFrame(header.trackNumber, header.relativeTime);
  }

  #end({ id, depth, offset, headerSize, size }: EbmlElement): void {
    if (id === ElementId.SimpleBlock || id === ElementId.Block) this.#block.end();
    const isWhole = depth === 1 || (depth === 2 && this.#insideCluster);
    if (isWhole && size !== undefined) this.#wholeUntil = offset + headerSize + size;
    if (id !== ElementId.Tags || depth !== 1 || !this.#endsFragment) return;
    this.#endsFragment = false;
    this.#completeFragment();
  }

  /** Shows the elements of the open fragment that have become whole. */
  #advance(): void {
    if (!this.#fragmentOpen || this.#wholeUntil === this.#shownUntil) return;
    this.#shownUntil = this.#wholeUntil;
    this.#sink.advance(this.#wholeUntil - this.#clusterOffset, this.#rules.duration);
  }

  #completeFragment(isFollowed = false): void {
    if (!this.#fragmentOpen) return;
    const duration = this.#rules.complete(isFollowed);
    this.#fragmentOpen = false;
    this.#sink.complete(duration, this.#rules.frames);
  }
}

function checkDocType(docType: string): void {
  if (!DOC_TYPES.has(docType)) throw invalid(`The document type is '${docType}', not Matroska`);
}

function asAckError(read: () => void): void {
  try {
    read();
  } catch (error) {
    throw error instanceof MatroskaError ? invalid(error.message) : error;
  }
}

function invalid(message: string): AckError {
  return new AckError('INVALID_MKV_DATA', message);
}
