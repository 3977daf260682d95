import { BlockBuffer } from './block-buffer.js';
import { readBlock } from './block-frames.js';
import { BlockGroup } from './block-group.js';
import type { EbmlElement } from './ebml-reader.js';
import { ElementId } from './elements.js';
import { restoreFrame, type FrameStorage } from './encodings.js';
import { MatroskaError } from './errors.js';
import type { MatroskaTrack } from './tracks.js';
import { readUnsigned } from './values.js';

/** One frame of a track. Times are in milliseconds. */
export interface MatroskaFrame {
  /** The number of its track. */
  readonly trackNumber: number;
  /** Undefined when the Segment does not describe the track. */
  readonly track: MatroskaTrack | undefined;
  /**
   * A part of a chunk that was read when the frame lies in one, else a copy. Never written to again by
   * the parser.
   */
  readonly data: Uint8Array;
  /** True when it can be decoded without another frame. */
  readonly keyFrame: boolean;
  /** True when no decoder needs the frame. */
  readonly discardable: boolean;
  /** Presentation time as the file has it. */
  readonly timestamp: number;
  /** Presentation time since the epoch by the clock of the producer, in a fragment that has one. */
  readonly producerTimestamp?: number;
  /** The same by the clock of the service. */
  readonly serverTimestamp?: number;
  /** Undefined when neither the block nor the track tells it. */
  readonly duration?: number;
}

/** What the times of frames are counted from. */
export interface FrameTimes {
  /** Nanoseconds for each unit of time. */
  readonly scale: number;
  /** Start of the fragment in milliseconds since the epoch. */
  readonly producerTimestamp: number | undefined;
  readonly serverTimestamp: number | undefined;
}

/** A track, and how its frames are stored. */
export interface FrameTrack {
  readonly track: MatroskaTrack;
  readonly storage: FrameStorage | undefined;
}

/** The elements that it takes, all of them descendants of a Cluster. */
const BLOCKS: ReadonlySet<number> = new Set([ElementId.SimpleBlock, ElementId.Block]);

/** Puts the frames of clusters together from the events of an EbmlReader that streams blocks. */
export class FrameReader {
  readonly #limit: number;
  readonly #emit: (frame: MatroskaFrame) => void;
  readonly #block = new BlockBuffer();
  #group: BlockGroup | undefined;
  #tracks: ReadonlyMap<number, FrameTrack> = new Map();
  #times: FrameTimes = { scale: 1, producerTimestamp: undefined, serverTimestamp: undefined };
  #clusterTime = 0;
  /** Bytes that were put back in the frames of the Cluster. */
  #restored = 0;

  /** @param limit - the largest block that is read, in bytes */
  constructor(limit: number, emit: (frame: MatroskaFrame) => void) {
    this.#limit = limit;
    this.#emit = emit;
  }

  /** Begins with a Cluster. */
  cluster(times: FrameTimes, tracks: ReadonlyMap<number, FrameTrack>): void {
    this.#times = times;
    this.#tracks = tracks;
    this.#clusterTime = 0;
    this.#restored = 0;
    this.#group = undefined;
  }

  /** An element begins. */
  start({ id, size = 0, offset }: EbmlElement): void {
    if (id === ElementId.BlockGroup) this.#group = new BlockGroup();
    if (!BLOCKS.has(id)) return;
    if (size > this.#limit) {
      const message = `A block has ${size} bytes; at most ${this.#limit} are read`;
      throw new MatroskaError('ELEMENT_TOO_LARGE', message, offset);
    }
    this.#block.reset(size);
  }

  /** The next piece of a streamed element. */
  data({ id }: EbmlElement, piece: Uint8Array): void {
    if (BLOCKS.has(id)) this.#block.add(piece);
  }

  /** The content of an element that is kept in memory. */
  value({ id }: EbmlElement, data: Uint8Array): void {
    if (id === ElementId.Timestamp) this.#clusterTime = readUnsigned(data);
    else this.#group?.value(id, data);
  }

  /** An element is complete. */
  end({ id }: EbmlElement): void {
    const group = this.#group;
    if (id === ElementId.SimpleBlock) {
      this.#frames(this.#block.take(), undefined);
    } else if (id === ElementId.Block && group !== undefined) {
      group.block = this.#block.take();
    } else if (id === ElementId.BlockGroup) {
      this.#group = undefined;
      if (group?.block !== undefined) this.#frames(group.block, group);
    }
  }

  #frames(block: Uint8Array, group: BlockGroup | undefined): void {
    const { header, frames } = readBlock(block);
    const found = this.#tracks.get(header.trackNumber);
    const prefix = this.#prefixOf(found, frames.length);
    const whole = group?.duration === undefined ? undefined : this.#milliseconds(group.duration);
    const duration =
      whole === undefined ? defaultDuration(found?.track) : whole / Math.max(1, frames.length);
    for (const [index, data] of frames.entries()) {
      this.#emit({
        trackNumber: header.trackNumber,
        track: found?.track,
        data: restoreFrame(prefix, data),
        keyFrame: group?.keyFrame ?? header.keyFrame,
        discardable: group === undefined && header.discardable,
        ...this.#timesOf(header.relativeTime, index * (duration ?? 0)),
        ...(duration !== undefined && { duration }),
      });
    }
  }

  /** What each frame of a block lacks. Throws when the Cluster lacks too much. */
  #prefixOf(found: FrameTrack | undefined, frames: number): Uint8Array | undefined {
    const { prefix, missing, obstacle = '' } = found?.storage ?? {};
    if (missing !== undefined) {
      const message = `Track ${found?.track.number} cannot be read: ${obstacle}`;
      throw new MatroskaError('ELEMENT_TOO_LARGE', message);
    }
    this.#restored += frames * (prefix?.length ?? 0);
    if (this.#restored <= this.#limit) return prefix;
    const message = `The frames of a Cluster lack ${this.#restored} bytes; at most ${this.#limit} are put back`;
    throw new MatroskaError('ELEMENT_TOO_LARGE', message);
  }

  /** The times of a frame that comes `later` milliseconds than the first one of its block. */
  #timesOf(relativeTime: number, later: number) {
    const { producerTimestamp, serverTimestamp } = this.#times;
    const sinceStart = this.#milliseconds(relativeTime) + later;
    return {
      timestamp: this.#milliseconds(this.#clusterTime + relativeTime) + later,
      ...(producerTimestamp !== undefined && { producerTimestamp: producerTimestamp + sinceStart }),
      ...(serverTimestamp !== undefined && { serverTimestamp: serverTimestamp + sinceStart }),
    };
  }

  #milliseconds(ticks: number): number {
    return (ticks * this.#times.scale) / 1e6;
  }
}

function defaultDuration(track: MatroskaTrack | undefined): number | undefined {
  return track?.defaultDuration === undefined ? undefined : track.defaultDuration / 1e6;
}
