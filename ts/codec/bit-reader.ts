/** Reads the bit strings and Exp-Golomb codes of H.264 and H.265 headers (H.264 clause 7.2, 9.1). */

/**
 * Removes emulation prevention bytes: 00 00 03 becomes 00 00 (H.264 clause 7.4.1, H.265 clause
 * 7.3.1.1). Looks at no more than `limit` bytes of `nal`.
 */
export function unescapeNal(nal: Uint8Array, limit = nal.length): Uint8Array {
  const length = Math.min(nal.length, limit);
  const out = new Uint8Array(length);
  let size = 0;
  let zeros = 0;
  for (let at = 0; at < length; at += 1) {
    const byte = nal[at] as number;
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    out[size] = byte;
    size += 1;
  }
  return out.subarray(0, size);
}

/**
 * A cursor over bits. Reading past the end gives zeros and sets `overrun`, so that a parser needs
 * one check at its end instead of one at each step.
 */
export class BitReader {
  readonly #data: Uint8Array;
  readonly #end: number;
  #position = 0;
  #overrun = false;

  constructor(data: Uint8Array) {
    this.#data = data;
    this.#end = data.length * 8;
  }

  /** Whether something was read that is not there, or a code was too long to be one. */
  get overrun(): boolean {
    return this.#overrun;
  }

  /** The next `count` bits, 0 to 32, as an unsigned number. */
  bits(count: number): number {
    let value = 0;
    for (let left = count; left > 0;) {
      if (this.#position >= this.#end) {
        this.#overrun = true;
        return 0;
      }
      const inByte = 8 - (this.#position & 7);
      const take = Math.min(inByte, left);
      const byte = this.#data[this.#position >> 3] as number;
      const part = (byte >> (inByte - take)) & ((1 << take) - 1);
      value = value * (1 << take) + part;
      this.#position += take;
      left -= take;
    }
    return value;
  }

  /** The next bit. */
  flag(): boolean {
    return this.bits(1) === 1;
  }

  /** Passes over `count` bits, any number of them. */
  skip(count: number): void {
    this.#position += count;
    if (this.#position > this.#end) this.#overrun = true;
  }

  /** An unsigned Exp-Golomb code, ue(v), up to 2^32 - 2. */
  ue(): number {
    let zeros = 0;
    while (!this.flag()) {
      zeros += 1;
      if (zeros > 32 || this.#overrun) {
        this.#overrun = true;
        return 0;
      }
    }
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  /** A signed Exp-Golomb code, se(v). */
  se(): number {
    const code = this.ue();
    return code % 2 === 0 ? 0 - code / 2 : (code + 1) / 2;
  }
}
