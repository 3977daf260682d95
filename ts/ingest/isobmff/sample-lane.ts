import type { MediaPacket } from '../types.js';
import type { IsoTrack } from './movie.js';
import type { Sample } from './sample.js';

/** Turns the samples of one track into packets. */
export class SampleLane {
  readonly #trackId: number;
  readonly #origin: number;
  readonly #timeScale: number;
  #lastTime = -Infinity;

  /**
   * @param trackId - our number of the track
   * @param codecDelay - milliseconds by which packets are stamped later than they are heard
   */
  constructor(trackId: number, { origin, timeScale }: IsoTrack, codecDelay: number) {
    this.#trackId = trackId;
    this.#origin = origin - (codecDelay * timeScale) / 1000;
    this.#timeScale = timeScale;
  }

  /** The packet of a sample. */
  packet(sample: Sample, data: Uint8Array): MediaPacket {
    const time = this.#milliseconds(sample.decodingTime - this.#origin);
    // It decreases only in a damaged file, or where composition offsets go below zero.
    this.#lastTime = Math.max(this.#lastTime, time);
    return {
      trackId: this.#trackId,
      data,
      keyFrame: sample.keyFrame,
      presentationTs: this.presentationTs(sample),
      decodingTs: this.#lastTime,
      duration: this.#milliseconds(sample.duration),
    };
  }

  /** Milliseconds at which a sample is shown. */
  presentationTs(sample: Sample): number {
    return this.#milliseconds(sample.presentationTime - this.#origin);
  }

  /** With one rounding only, at the very end. */
  #milliseconds(units: number): number {
    return (units * 1000) / this.#timeScale;
  }
}
