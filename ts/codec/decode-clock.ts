/** Gives packets that come in decoding order with presentation times alone their decoding times. */
import type { Reordering } from './codec-private.js';

/** A packet whose decoding time is not known. Both times are in one unit of the caller's choice. */
export interface TimedPacket {
  readonly presentationTs: number;
  /** 0 when it is not known. */
  readonly duration: number;
}

/** The packet with its decoding time, in the same unit. */
export type StampedPacket<P extends TimedPacket> = P & { readonly decodingTs: number };

/**
 * Decoding times of one track. The n-th packet is decoded at the n-th lowest presentation time,
 * earlier by the reorder depth in frames: that is the latest time line on which no picture is
 * decoded after it is shown, and the one that encoders write. The first packets, for which there
 * is no such presentation time, are one frame's duration apart and can have times below zero.
 */
export class DecodeClock<P extends TimedPacket> {
  #depth: number | undefined;
  readonly #maxDepth: number;
  /** Packets at the beginning, held until the depth and the lowest presentation time are known. */
  #held: P[] | undefined = [];
  /** Presentation times, ascending, that have not become decoding times. */
  readonly #times: number[] = [];
  #last = -Infinity;

  constructor({ depth, maxDepth }: Reordering) {
    this.#depth = depth;
    this.#maxDepth = maxDepth;
  }

  /**
   * Takes the next packet. Returns it, or at the beginning nothing until as many packets as the
   * reorder depth have come, and then all of them. A depth that is not known is measured there.
   */
  push(packet: P): StampedPacket<P>[] {
    this.#insert(packet.presentationTs);
    if (this.#held === undefined) return [this.#stamp(packet)];
    this.#held.push(packet);
    return this.#held.length > (this.#depth ?? this.#maxDepth) ? this.#start(this.#held) : [];
  }

  /** Ends the track and returns the packets that are held. */
  finish(): StampedPacket<P>[] {
    return this.#start(this.#held ?? []);
  }

  #start(held: readonly P[]): StampedPacket<P>[] {
    this.#held = undefined;
    const [first] = held;
    if (first === undefined) return [];
    const depth = this.#depth ?? measureDepth(held);
    const lowest = this.#times[0] ?? first.presentationTs;
    const step = first.duration > 0 ? first.duration : (this.#times[1] ?? lowest) - lowest;
    for (let frame = 1; frame <= depth; frame += 1) this.#times.unshift(lowest - frame * step);
    return held.map((packet) => this.#stamp(packet));
  }

  #insert(time: number): void {
    let at = this.#times.length;
    while (at > 0 && (this.#times[at - 1] as number) > time) at -= 1;
    this.#times.splice(at, 0, time);
  }

  #stamp(packet: P): StampedPacket<P> {
    const time = this.#times.shift() ?? packet.presentationTs;
    // It is lower only when a picture is shown earlier than the depth allows.
    this.#last = Math.max(this.#last, time);
    return { ...packet, decodingTs: this.#last };
  }
}

/** How many packets at most precede one in decoding order and follow it in presentation order. */
function measureDepth(packets: readonly TimedPacket[]): number {
  return packets.reduce((depth, { presentationTs }, index) => {
    const later = packets.slice(0, index).filter((other) => other.presentationTs > presentationTs);
    return Math.max(depth, later.length);
  }, 0);
}
