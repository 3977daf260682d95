/** What the service demands of the fragments of one PutMedia. Every method throws AckError. */
import {
  DEFAULT_TIMESTAMP_SCALE,
  type MatroskaTag,
  type MatroskaTrack,
} from '../../parser/index.js';
import { AckError } from './acks.js';

const MAX_TRACKS = 3;
const MAX_FRAGMENT_BYTES = 50_000_000;
const MAX_FRAGMENT_MS = 20_000;
/** By how much the length of a fragment, whose last frame is estimated, may be too short. */
const TOLERANCE_MS = 50;
const MAX_TAGS = 10;
const MAX_TAG_NAME_BYTES = 128;
const MAX_TAG_VALUE_BYTES = 256;
const NS_PER_MS = 1_000_000;
/**
 * The latest time of a producer, in epoch ms: a day before the end of what a Date holds, so that the
 * end of a fragment is within it too.
 */
export const LATEST_PRODUCER_TIME = 8.64e15 - 86_400_000;

/** Written by producers behind the last frame of a fragment; ends it without waiting for the next. */
export const END_OF_FRAGMENT_TAG = 'AWS_KINESISVIDEO_END_OF_FRAGMENT';

/** What differs from one endpoint to another. */
export interface FragmentRuleOptions {
  /** Lets a fragment begin at the very time of the last frame before it. */
  readonly allowEqualTimecodes: boolean;
  /** Epoch ms that the timecodes count from. Default 0. */
  readonly origin?: number;
  /** Milliseconds that a fragment lasts at least if another one follows. Default 0. */
  readonly minFragmentDuration?: number;
}

/** Checks one fragment after the other. */
export class FragmentRules {
  readonly #allowEqualTimecodes: boolean;
  readonly #minDuration: number;
  readonly #origin: number;
  #scale = DEFAULT_TIMESTAMP_SCALE;
  #tracks: readonly MatroskaTrack[] = [];
  /** Latest frame of the fragment before, in units of the scale. */
  #previousLatest = -Infinity;

  #timecode: number | undefined;
  #earliest = Infinity;
  #latest = -Infinity;
  #bytes = 0;
  #tags = 0;
  readonly #framesByTrack = new Map<number, number>();

  constructor(options: FragmentRuleOptions) {
    this.#allowEqualTimecodes = options.allowEqualTimecodes;
    this.#minDuration = options.minFragmentDuration ?? 0;
    this.#origin = options.origin ?? 0;
  }

  /** Nanoseconds per unit of the timecodes that follow. */
  set timestampScale(scale: number) {
    this.#scale = scale;
  }

  /** Takes the declared tracks. */
  declareTracks(tracks: readonly MatroskaTrack[]): void {
    if (tracks.length > MAX_TRACKS) {
      throw new AckError(
        'MORE_THAN_ALLOWED_TRACKS_FOUND',
        `There are ${tracks.length} tracks; at most ${MAX_TRACKS} are allowed`,
      );
    }
    this.#tracks = tracks;
  }

  /** Begins a fragment with its Cluster. */
  begin(): void {
    if (this.#tracks.length === 0) {
      throw new AckError('INVALID_MKV_DATA', 'A Cluster comes before any track is declared');
    }
    this.#timecode = undefined;
    this.#earliest = Infinity;
    this.#latest = -Infinity;
    this.#bytes = 0;
    for (const track of this.#tracks) this.#framesByTrack.set(track.number, 0);
  }

  /** Takes the Cluster's timecode. */
  setTimecode(timecode: number): void {
    if (this.#timecode !== undefined) {
      throw new AckError('INVALID_MKV_DATA', 'A Cluster has more than one Timestamp');
    }
    const time = this.#origin + this.#toMs(timecode);
    if (time > LATEST_PRODUCER_TIME) {
      throw new AckError(
        'INVALID_PRODUCER_TIMESTAMP',
        `The fragment begins ${time} ms after 1970; at most ${LATEST_PRODUCER_TIME} ms are allowed`,
      );
    }
    this.#timecode = timecode;
  }

  /** Counts bytes of the fragment. */
  addBytes(count: number): void {
    this.#bytes += count;
    if (this.#bytes > MAX_FRAGMENT_BYTES) {
      throw new AckError(
        'MAX_FRAGMENT_SIZE_REACHED',
        `The fragment is larger than ${MAX_FRAGMENT_BYTES} bytes`,
      );
    }
  }

  /** Takes a frame of `track` at `relativeTime` from the Cluster's timecode. */
  addFrame(track: number, relativeTime: number): void {
    const frames = this.#framesByTrack.get(track);
    if (frames === undefined) {
      throw new AckError('TRACK_NUMBER_MISMATCH', `Track ${track} of a block is not declared`);
    }
    if (this.#timecode === undefined) {
      throw new AckError('INVALID_MKV_DATA', 'A block comes before the Timestamp of its Cluster');
    }
    this.#framesByTrack.set(track, frames + 1);
    const time = this.#timecode + relativeTime;
    this.#checkOrder(time);
    this.#earliest = Math.min(this.#earliest, time);
    this.#latest = Math.max(this.#latest, time);
    if (this.#toMs(this.#latest - this.#earliest) > MAX_FRAGMENT_MS) {
      throw new AckError(
        'MAX_FRAGMENT_DURATION_REACHED',
        `The fragment is longer than ${MAX_FRAGMENT_MS} ms`,
      );
    }
  }

  /** Takes tags of the fragment; tags about a single track are none of its metadata. */
  addTags(tags: readonly MatroskaTag[]): void {
    const own = tags.filter((tag) => tag.targetUids.length === 0).flatMap((tag) => tag.simpleTags);
    for (const tag of own) {
      if (tag.name === END_OF_FRAGMENT_TAG) continue;
      this.#tags += 1;
      const nameBytes = Buffer.byteLength(tag.name);
      const valueBytes = Buffer.byteLength(tag.string ?? '') + (tag.binary?.length ?? 0);
      if (nameBytes <= MAX_TAG_NAME_BYTES && valueBytes <= MAX_TAG_VALUE_BYTES) continue;
      throw new AckError(
        'FRAGMENT_METADATA_LIMIT_REACHED',
        `A tag has a name of ${nameBytes} and a value of ${valueBytes} bytes; ${MAX_TAG_NAME_BYTES} and ${MAX_TAG_VALUE_BYTES} are allowed`,
      );
    }
    if (this.#tags > MAX_TAGS) {
      throw new AckError(
        'FRAGMENT_METADATA_LIMIT_REACHED',
        `The fragment has ${this.#tags} tags; at most ${MAX_TAGS} are allowed`,
      );
    }
  }

  /** Milliseconds from the first frame to the last one so far. */
  get duration(): number {
    return this.#latest < this.#earliest ? 0 : this.#toMs(this.#latest - this.#earliest);
  }

  /** Frames of all tracks of the fragment so far. */
  get frames(): number {
    return [...this.#framesByTrack.values()].reduce((sum, frames) => sum + frames, 0);
  }

  /**
   * Ends the fragment; returns its length in milliseconds. The last one of a connection, which none
   * follows, may be short.
   */
  complete(isFollowed: boolean): number {
    const missing = [...this.#framesByTrack].filter(([, frames]) => frames === 0);
    if (missing.length === this.#framesByTrack.size) {
      throw new AckError('INVALID_MKV_DATA', 'The fragment has no frames');
    }
    if (missing.length > 0) {
      const numbers = missing.map(([track]) => track).join(', ');
      throw new AckError('FRAMES_MISSING_FOR_TRACK', `No frame for track ${numbers}`);
    }
    const duration = this.#completeDuration();
    if (isFollowed && duration + TOLERANCE_MS < this.#minDuration) {
      throw new AckError(
        'MIN_FRAGMENT_DURATION_REACHED',
        `The fragment lasts ${Math.round(duration)} ms; at least ${this.#minDuration} ms are demanded`,
      );
    }
    this.#previousLatest = this.#latest;
    this.#tags = 0;
    return duration;
  }

  /** Units of the scale in milliseconds. */
  #toMs(units: number): number {
    return (units * this.#scale) / NS_PER_MS;
  }

  #checkOrder(time: number): void {
    const previous = this.#previousLatest;
    if (time > previous || (time === previous && this.#allowEqualTimecodes)) return;
    throw new AckError(
      'FRAGMENT_TIMECODE_LESSER_THAN_PREVIOUS',
      `A frame at ${time} is not later than the fragment before, which ends with ${previous}`,
    );
  }

  /** From the first frame to the end of the last one, whose length is that of the average frame. */
  #completeDuration(): number {
    const span = this.duration;
    const declared = this.#tracks.find((track) => track.defaultDuration !== undefined);
    const lastFrame = (declared?.defaultDuration ?? 0) / NS_PER_MS;
    const frames = Math.max(...this.#framesByTrack.values());
    return span + (lastFrame > 0 || frames < 2 ? lastFrame : span / (frames - 1));
  }
}
