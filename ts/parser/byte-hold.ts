import { MatroskaError } from './errors.js';

const FIRST_CAPACITY = 1024;

/** Bytes that are kept until it is known what becomes of them. */
export class ByteHold {
  readonly #limit: number;
  #buffer = new Uint8Array(0);
  #fill = 0;

  /** @param limit - the most that is kept */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Adds a copy. Throws ELEMENT_TOO_LARGE beyond the limit. */
  add(piece: Uint8Array): void {
    const needed = this.#fill + piece.length;
    if (needed > this.#limit) {
      const message = `The headers around a Cluster have more than ${this.#limit} bytes`;
      throw new MatroskaError('ELEMENT_TOO_LARGE', message);
    }
    if (needed > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(needed, this.#buffer.length * 2, FIRST_CAPACITY));
      larger.set(this.#buffer.subarray(0, this.#fill));
      this.#buffer = larger;
    }
    this.#buffer.set(piece, this.#fill);
    this.#fill = needed;
  }

  /** Gives away what is kept; the bytes are never written to again. */
  take(): Uint8Array {
    const bytes = this.#buffer.subarray(0, this.#fill);
    this.#buffer = new Uint8Array(0);
    this.#fill = 0;
    return bytes;
  }

  /** Forgets what is kept. */
  clear(): void {
    this.#fill = 0;
  }
}
