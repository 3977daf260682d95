import { delay } from '../../internal/signal.js';
import type { MediaPacket } from '../../ingest/index.js';
import type { Frame } from '../../producer/index.js';

/** Times beyond this (ms) cannot be positions in a file: they count from the epoch. */
const LONGEST_MEDIA = 365 * 86_400_000;

/**
 * Moves the times of media to where they shall lie on the time line of the stream: all by the same
 * whole number of milliseconds, so that sound and picture stay together.
 *
 * Media whose own times count from the epoch, as a file of `kvs get`, begin at the start as well.
 */
export class MediaClock {
  readonly #startTime: number | undefined;
  #shift: number | undefined;
  #first = 0;
  #latest = 0;

  /** @param startTime - epoch milliseconds; undefined for when the first packet comes */
  constructor(startTime: number | undefined) {
    this.#startTime = startTime;
  }

  /** The packet as a frame of the stream. */
  place(packet: MediaPacket): Frame {
    const { presentationTs, decodingTs } = packet;
    if (this.#shift === undefined) {
      const origin = presentationTs > LONGEST_MEDIA ? Math.floor(presentationTs) : 0;
      this.#shift = (this.#startTime ?? Date.now()) - origin;
      this.#first = presentationTs;
    }
    const shift = this.#shift;
    this.#latest = Math.max(this.#latest, presentationTs - this.#first);
    return { ...packet, presentationTs: presentationTs + shift, decodingTs: decodingTs + shift };
  }

  /** How far into the media the latest packet is, in milliseconds. */
  get latest(): number {
    return this.#latest;
  }

  /** How far into the media a time of the stream is, in milliseconds. */
  positionOf(presentationTs: number): number {
    return presentationTs - (this.#shift ?? 0) - this.#first;
  }
}

/** Lets packets pass no earlier than their decoding times say, by a clock that nobody sets. */
export class Pacer {
  #origin: number | undefined;

  /** Waits until it is time for what is decoded at `decodingTs` (ms); rejects with the signal's reason. */
  async wait(decodingTs: number, signal: AbortSignal): Promise<void> {
    this.#origin ??= performance.now() - decodingTs;
    const early = this.#origin + decodingTs - performance.now();
    if (early >= 1) await delay(early, signal);
  }
}
