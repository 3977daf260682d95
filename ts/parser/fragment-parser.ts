import { ByteHold } from './byte-hold.js';
import { EbmlReader, type EbmlElement } from './ebml-reader.js';
import { ElementId } from './elements.js';
import { MatroskaError } from './errors.js';
import {
  sortTags,
  type FragmentError,
  type FragmentEvent,
  type FragmentTag,
  type ServiceTags,
  type SortedTags,
} from './fragment-tags.js';
import { FragmentSpan } from './fragment-span.js';
import { FrameReader, type MatroskaFrame } from './frame-reader.js';
import { DEFAULT_TIMESTAMP_SCALE, readInfo, type SegmentInfo } from './info.js';
import { readTags } from './tags.js';
import { TrackDescriptions } from './track-descriptions.js';
import type { MatroskaTrack } from './tracks.js';

/** What is known of a fragment when its Cluster begins. Times are in milliseconds. */
export interface FragmentHeader {
  /** The service's number, ascending in a stream. Absent in what does not come from the service. */
  readonly fragmentNumber?: string;
  /** When the service received it, since the epoch. */
  readonly serverTimestamp?: number;
  /** When it begins by the clock of the producer, since the epoch. */
  readonly producerTimestamp?: number;
  /** What its Segment says about itself. */
  readonly segment: SegmentInfo;
  /** Its tracks: the same array as with the fragment before when that has described them alike. */
  readonly tracks: readonly MatroskaTrack[];
  /** What the producer has sent ahead of the media; more can come behind them. */
  readonly tags: readonly FragmentTag[];
  /** What the producer has asked the service for. */
  readonly events: readonly FragmentEvent[];
}

/** What is known of a fragment when it is over. */
export interface FragmentEnd {
  /** All tags of the producer. */
  readonly tags: readonly FragmentTag[];
  /** All that the producer has asked the service for. */
  readonly events: readonly FragmentEvent[];
  /** Milliseconds by which the reader was behind when the service sent the fragment. */
  readonly millisBehindNow?: number;
  /** Where GetMedia can go on. */
  readonly continuationToken?: string;
  /** How many frames it has. */
  readonly frames: number;
  /** Bytes, headers included. */
  readonly bytes: number;
  /**
   * Milliseconds from its start to the end of its last frame. The last frame of a track is taken to
   * last as long as the others on average; undefined when nothing tells that.
   */
  readonly duration?: number;
  /** True when the input ended there, so that the end of the fragment may be missing. */
  readonly atEndOfInput: boolean;
}

/** Receives what a FragmentParser finds. What a handler throws comes out of `push`. */
export interface FragmentHandler {
  /** A Cluster begins. */
  fragment?(fragment: FragmentHeader): void;
  /** The next frame of the fragment. */
  frame?(frame: MatroskaFrame): void;
  /** The next bytes of the fragment as they came, the headers ahead of its Cluster included. */
  bytes?(piece: Uint8Array): void;
  /** The fragment is over. */
  end?(end: FragmentEnd): void;
  /** The service could not give a fragment, or no more of them. */
  error?(error: FragmentError): void;
}

/** Where a FragmentParser draws the line. */
export interface FragmentParserOptions {
  /** Largest block, in bytes. Default 64 MiB; the service takes fragments of at most 50 MB. */
  readonly maxFrameBytes?: number;
}

const DEFAULT_MAX_FRAME_BYTES = 64 * 1024 * 1024;
/** Larger than any header that the service accepts (codec private data is at most 1 MiB a track). */
const MAX_HELD_BYTES = 8 * 1024 * 1024;
/** The service takes 10 tags with a fragment. */
const MAX_TAGS = 1000;

/**
 * Finds the fragments in what GetMedia and GetMediaForFragmentList answer: a Matroska document for
 * each, one after another, with tags of the service around the Cluster. In other Matroska each Cluster
 * is a fragment, without number and times of its own.
 *
 * Memory: a frame and a header at a time, each within its limit. Throws MatroskaError for what is not
 * Matroska.
 */
export class FragmentParser {
  readonly #handler: FragmentHandler;
  readonly #reader: EbmlReader;
  readonly #frames: FrameReader;
  /** Bytes ahead of a Cluster, and tags of which only their end tells where they belong. */
  readonly #held = new ByteHold(MAX_HELD_BYTES);
  #holding = true;
  #segment: SegmentInfo = { timestampScale: DEFAULT_TIMESTAMP_SCALE };
  readonly #tracks = new TrackDescriptions();
  /** Tags that belong to the fragment to come. */
  #ahead: SortedTags = { service: {}, tags: [], events: [] };
  #fragment: OpenFragment | undefined;
  /** Whether the elements that come are in a Cluster; blocks elsewhere mean nothing. */
  #inCluster = false;
  #isComplete = false;
  #isOver = false;

  constructor(handler: FragmentHandler, options: FragmentParserOptions = {}) {
    this.#handler = handler;
    this.#frames = new FrameReader(options.maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES, (frame) => {
      this.#fragment?.span.add(frame);
      handler.frame?.(frame);
    });
    const events = {
      start: (element: EbmlElement) => {
        this.#start(element);
      },
      value: (element: EbmlElement, data: Uint8Array) => {
        this.#value(element, data);
      },
      data: (element: EbmlElement, piece: Uint8Array) => {
        if (this.#inCluster) this.#frames.data(element, piece);
      },
      end: (element: EbmlElement) => {
        this.#end(element);
      },
      bytes: (piece: Uint8Array) => {
        this.#bytes(piece);
      },
    };
    this.#reader = new EbmlReader(events, {
      collected: [ElementId.Info, ElementId.Tracks, ElementId.Tags],
      maxValueBytes: MAX_HELD_BYTES,
    });
  }

  /** Takes the next bytes, cut anywhere, which must not be written to later. Throws MatroskaError. */
  push(chunk: Uint8Array): void {
    this.#reader.push(chunk);
  }

  /** Marks the end of the input. Throws TRUNCATED when it falls inside an element of known size. */
  end(): void {
    this.#isOver = true;
    this.#reader.end();
    this.#finish();
  }

  #start(element: EbmlElement): void {
    if (this.#inCluster) this.#frames.start(element);
    if (element.depth > 1) return;
    switch (element.id) {
      case ElementId.EBML:
        this.#finish();
        this.#forget();
        return;
      case ElementId.Segment:
        this.#finish();
        this.#segment = { timestampScale: DEFAULT_TIMESTAMP_SCALE };
        this.#tracks.clear();
        return;
      case ElementId.Cluster:
        this.#finish();
        this.#begin();
        this.#inCluster = true;
        return;
      case ElementId.Tags:
        this.#holding = true;
        return;
      default:
    }
  }

  #value(element: EbmlElement, data: Uint8Array): void {
    if (element.id === ElementId.Info) this.#segment = readInfo(data);
    else if (element.id === ElementId.Tracks) this.#tracks.read(data);
    else if (element.id === ElementId.Tags) this.#takeTags(sortTags(readTags(data)));
    else if (this.#inCluster) this.#frames.value(element, data);
  }

  #end(element: EbmlElement): void {
    if (element.id === ElementId.Cluster) this.#inCluster = false;
    if (this.#inCluster) {
      this.#frames.end(element);
    } else if (
      element.depth <= 1 &&
      element.id === ElementId.Tags &&
      this.#fragment !== undefined
    ) {
      this.#holding = false;
      this.#emitHeld();
      if (this.#isComplete) this.#finish();
    }
  }

  #takeTags(sorted: SortedTags): void {
    const { service } = sorted;
    // Without a Cluster, numbers can only be those of the fragment to come.
    if (service.fragmentNumber !== undefined) this.#finish();
    const target = this.#fragment?.sorted ?? this.#ahead;
    Object.assign(target.service, service);
    target.tags.push(...sorted.tags);
    target.events.push(...sorted.events);
    if (target.tags.length + target.events.length > MAX_TAGS) {
      throw new MatroskaError('INVALID_VALUE', `A fragment has more than ${MAX_TAGS} tags`);
    }
    if (service.continuationToken !== undefined) this.#isComplete = this.#fragment !== undefined;
    if (service.errorId !== undefined || service.errorText !== undefined)
      this.#fail(target.service);
  }

  #begin(): void {
    const { service, tags, events } = this.#ahead;
    const { producerTimestamp, serverTimestamp, fragmentNumber } = service;
    this.#fragment = new OpenFragment(this.#ahead);
    this.#ahead = { service: {}, tags: [], events: [] };
    const scale = this.#segment.timestampScale;
    this.#frames.cluster({ scale, producerTimestamp, serverTimestamp }, this.#tracks.byNumber);
    this.#handler.fragment?.({
      ...(fragmentNumber !== undefined && { fragmentNumber }),
      ...(serverTimestamp !== undefined && { serverTimestamp }),
      ...(producerTimestamp !== undefined && { producerTimestamp }),
      segment: this.#segment,
      tracks: this.#tracks.list,
      tags: [...tags],
      events: [...events],
    });
    this.#holding = false;
    this.#emitHeld();
  }

  /** Ends the open fragment, if there is one. */
  #finish(): void {
    const open = this.#fragment;
    if (open === undefined) return;
    this.#fragment = undefined;
    this.#isComplete = false;
    this.#holding = true;
    this.#handler.end?.(open.summary(this.#isOver));
  }

  #fail({ fragmentNumber, errorId, errorText }: ServiceTags): void {
    this.#handler.error?.({
      ...(fragmentNumber !== undefined && { fragmentNumber }),
      ...(errorId !== undefined && { id: errorId }),
      message: errorText ?? '',
    });
  }

  /** A document begins, with which nothing of the one before has to do. */
  #forget(): void {
    this.#held.clear();
    this.#ahead = { service: {}, tags: [], events: [] };
  }

  #bytes(piece: Uint8Array): void {
    if (this.#holding) this.#held.add(piece);
    else this.#emitBytes(piece);
  }

  #emitHeld(): void {
    this.#emitBytes(this.#held.take());
  }

  #emitBytes(piece: Uint8Array): void {
    if (piece.length === 0 || this.#fragment === undefined) return;
    this.#fragment.bytes += piece.length;
    this.#handler.bytes?.(piece);
  }
}

/** The fragment whose Cluster has begun. */
class OpenFragment {
  readonly sorted: SortedTags;
  readonly span = new FragmentSpan();
  bytes = 0;

  constructor(sorted: SortedTags) {
    this.sorted = sorted;
  }

  summary(atEndOfInput: boolean): FragmentEnd {
    const { service, tags, events } = this.sorted;
    const { millisBehindNow, continuationToken } = service;
    const { duration, frames } = this.span;
    return {
      tags,
      events,
      ...(millisBehindNow !== undefined && { millisBehindNow }),
      ...(continuationToken !== undefined && { continuationToken }),
      ...(duration !== undefined && { duration }),
      frames,
      bytes: this.bytes,
      atEndOfInput,
    };
  }
}
