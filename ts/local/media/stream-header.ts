import { AckError } from './acks.js';

/** Segment of unknown size, in the form that the service writes. */
export const SEGMENT_HEADER = Buffer.from('1853806701ffffffffffffff', 'hex');
/** Three codec private data of 1 MiB with room to spare. */
const MAX_HEADER_BYTES = 8 * 1024 * 1024;

/**
 * What the file of every fragment begins with: the producer's elements up to its first Cluster,
 * verbatim but for the size of the Segment, which the file does not know either.
 */
export class StreamHeader {
  #lasting: Uint8Array[] = [];
  /** The same and what only the next fragment begins with, in the order of their arrival. */
  #next: Uint8Array[] = [];
  #size = 0;

  /** Adds bytes for every fragment, or with `once` for the next one only. */
  add(bytes: Uint8Array, once: boolean): void {
    this.#size += bytes.length;
    if (this.#size > MAX_HEADER_BYTES) {
      throw new AckError(
        'INVALID_MKV_DATA',
        `More than ${MAX_HEADER_BYTES} bytes come before the first Cluster`,
      );
    }
    // Copies, since a view would keep the whole network buffer alive as long as the session.
    const copy = Uint8Array.from(bytes);
    this.#next.push(copy);
    if (!once) this.#lasting.push(copy);
  }

  /** Adds the header of the Segment. */
  addSegment(): void {
    this.add(SEGMENT_HEADER, false);
  }

  /** What the next fragment's file begins with. */
  take(): Uint8Array {
    const [only, ...more] = this.#next;
    if (only !== undefined && more.length === 0) return only;
    const taken = Buffer.concat(this.#next);
    const lasting = Buffer.concat(this.#lasting);
    this.#lasting = [lasting];
    this.#next = [lasting];
    this.#size = lasting.length;
    return taken;
  }
}
