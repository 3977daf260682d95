import type { EncodedPacket, EncodedPacketSink } from 'mediabunny';
import { DecodeClock } from '../decode-clock.js';
import type { Reordering } from '../codec-private.js';
import type { MediaPacket } from '../types.js';

/** The packets of one track, one after the other. */
export class PacketLane {
  readonly #trackId: number;
  readonly #sink: EncodedPacketSink;
  readonly #unitsPerSecond: number;
  readonly #clock: DecodeClock;
  #ready: MediaPacket[] = [];
  #last: EncodedPacket | undefined;
  #ended = false;

  /** @param unitsPerSecond - the time scale of the track */
  constructor(
    trackId: number,
    sink: EncodedPacketSink,
    unitsPerSecond: number,
    reordering: Reordering,
  ) {
    this.#trackId = trackId;
    this.#sink = sink;
    this.#unitsPerSecond = unitsPerSecond;
    this.#clock = new DecodeClock(reordering);
  }

  /** The next packet, or undefined when there is none whose data can be read. */
  async next(): Promise<MediaPacket | undefined> {
    while (this.#ready.length === 0 && !this.#ended) {
      const packet = await this.#read(false);
      this.#last = packet ?? this.#last;
      this.#ended = packet === null;
      this.#ready = packet === null ? this.#clock.finish() : this.#convert(packet);
    }
    return this.#ready.shift();
  }

  /** Gives up reading; what was held comes out of `next` still. */
  end(): void {
    this.#ended = true;
    this.#ready.push(...this.#clock.finish());
  }

  /** The presentation time, in ms, of the packet after the last one, if the index knows of one. */
  async missingFrom(): Promise<number | undefined> {
    const packet = await this.#read(true);
    return packet === null ? undefined : this.#milliseconds(packet.timestamp);
  }

  #read(metadataOnly: boolean): Promise<EncodedPacket | null> {
    const last = this.#last;
    return last === undefined
      ? this.#sink.getFirstPacket({ metadataOnly })
      : this.#sink.getNextPacket(last, { metadataOnly });
  }

  #convert(packet: EncodedPacket): MediaPacket[] {
    return this.#clock.push({
      trackId: this.#trackId,
      data: packet.data,
      keyFrame: packet.type === 'key',
      presentationTs: this.#milliseconds(packet.timestamp),
      duration: this.#milliseconds(packet.duration),
    });
  }

  /** Seconds that were a whole number of units, in milliseconds with no error but the last. */
  #milliseconds(seconds: number): number {
    return (Math.round(seconds * this.#unitsPerSecond) * 1000) / this.#unitsPerSecond;
  }
}
