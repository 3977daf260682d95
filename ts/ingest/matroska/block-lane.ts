import { codecDelayOf, reorderingOf } from '../../codec/codec-private.js';
import { DecodeClock } from '../../codec/decode-clock.js';
import { AAC_FRAME_SAMPLES } from '../../codec/aac.js';
import type { MediaPacket, MediaTrack } from '../types.js';
import type { Block, StoredTrack } from './demuxer.js';

/** Turns the blocks of one track into packets. */
export class BlockLane {
  readonly #track: MediaTrack;
  readonly #stored: StoredTrack;
  readonly #clock: DecodeClock<Omit<MediaPacket, 'decodingTs'>>;
  /** Milliseconds of a frame, when the track tells; otherwise 0. */
  readonly #frameDuration: number;
  /** Milliseconds from the times of blocks to those of packets. */
  readonly #shift: number;
  #lastTime: number | undefined;

  constructor(track: MediaTrack, stored: StoredTrack) {
    this.#track = track;
    this.#stored = stored;
    this.#clock = new DecodeClock(reorderingOf(track.codec, track.codecPrivateData));
    this.#shift = codecDelayOf(track.codec, track.codecPrivateData) - stored.storage.codecDelay;
    const samples = track.codec === 'aac' ? AAC_FRAME_SAMPLES : 0;
    const fromCodec = (samples * 1000) / (track.samplingFrequency ?? 1);
    this.#frameDuration =
      stored.defaultDuration === undefined ? fromCodec : stored.defaultDuration / 1e6;
  }

  /** The packets that can be given out now, in decoding order. */
  push({ time, duration, keyFrame, frames }: Block): MediaPacket[] {
    const { prefix } = this.#stored.storage;
    const { trackId, trackType } = this.#track;
    const each = duration === undefined ? this.#frameDuration : duration / frames.length;
    return frames.flatMap((data, index) => {
      return this.#finish(
        this.#clock.push({
          trackId,
          data: prefix === undefined ? data : Buffer.concat([prefix, data]),
          keyFrame: keyFrame || trackType === 'audio',
          presentationTs: time + index * each + this.#shift,
          duration: each,
        }),
      );
    });
  }

  /** Ends the track and returns the packets that were held. */
  finish(): MediaPacket[] {
    return this.#finish(this.#clock.finish());
  }

  /** Where nobody tells the duration, frames last as long as the one before. */
  #finish(packets: readonly MediaPacket[]): MediaPacket[] {
    return packets.map((packet) => {
      const before = this.#lastTime ?? packet.decodingTs;
      this.#lastTime = packet.decodingTs;
      return packet.duration > 0 ? packet : { ...packet, duration: packet.decodingTs - before };
    });
  }
}
