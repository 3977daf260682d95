import {
  DecodeClock,
  describeTrack,
  initSegment,
  mediaSegment,
  mediaTypeOf,
  type MuxSample,
  type MuxTrack,
  type TimedPacket,
} from '../../mux/index.js';
import type { MatroskaFrame, MatroskaTrack } from '../../parser/index.js';
import { timeOf } from './frame-time.js';

/** Times in segments are whole microseconds: nanoseconds of a unit. */
const TIMESTAMP_SCALE = 1000;
/** What a frame lasts when neither its track nor the frame before it tells, in microseconds. */
const DEFAULT_DURATION = 40_000;

interface Packet extends TimedPacket {
  readonly frame: MatroskaFrame;
}

/**
 * Makes segments of fragmented MP4 out of the frames of one track as they come, each of as few frames as
 * there are, since a player has to wait for a whole one.
 */
export class Segmenter {
  readonly #track: MuxTrack;
  readonly #origin: number;
  readonly #clock: DecodeClock<Packet>;
  #samples: MuxSample[] = [];
  #sequence = 0;
  #lastTime: number | undefined;
  #duration: number;

  /**
   * @param origin - the time (epoch ms) at which the segments' own time is 0
   * @throws MuxError when the track cannot be put into MP4
   */
  constructor(track: MatroskaTrack, origin: number) {
    this.#track = describeTrack(track, TIMESTAMP_SCALE);
    this.#origin = origin;
    this.#clock = new DecodeClock(this.#track.reordering);
    this.#duration = this.#track.frameDuration || DEFAULT_DURATION;
  }

  /** The media type, as `MediaSource` wants it. */
  static mediaType(track: MatroskaTrack): string {
    return mediaTypeOf([describeTrack(track, TIMESTAMP_SCALE)]);
  }

  /** What comes before the first segment. */
  get init(): Uint8Array<ArrayBuffer> {
    return initSegment([this.#track]).slice();
  }

  /** Takes the next frame. */
  put(frame: MatroskaFrame): void {
    const presentationTs = Math.round((timeOf(frame) - this.#origin) * 1000);
    this.#learnDuration(presentationTs);
    for (const packet of this.#clock.push({ frame, presentationTs, duration: this.#duration })) {
      this.#samples.push({
        data: packet.frame.data,
        keyFrame: packet.frame.keyFrame,
        presentationTime: packet.presentationTs,
        decodeTime: packet.decodingTs,
        duration: this.#duration,
      });
    }
  }

  /** Whether no frame has come since the last segment. */
  get isEmpty(): boolean {
    return this.#samples.length === 0;
  }

  /** A segment of all frames that have come since the last one; undefined when there are none. */
  take(): Uint8Array<ArrayBuffer> | undefined {
    const samples = this.#samples.map((sample, index) => {
      const next = this.#samples[index + 1];
      if (next === undefined) return sample;
      return { ...sample, duration: next.decodeTime - sample.decodeTime };
    });
    if (samples.length === 0) return undefined;
    this.#samples = [];
    this.#sequence += 1;
    return mediaSegment(this.#sequence, [{ track: this.#track, samples }]).slice();
  }

  /** Where pictures are not reordered, a frame lasts as long as the one before it. */
  #learnDuration(time: number): void {
    const apart = this.#lastTime === undefined ? 0 : time - this.#lastTime;
    this.#lastTime = time;
    const isTold = this.#track.frameDuration > 0 || this.#track.reordering.depth !== 0;
    if (!isTold && apart > 0 && apart < 1e6) this.#duration = apart;
  }
}
