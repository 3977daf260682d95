/** Several frames in one block (RFC 9559 section 10.3). */
import { MatroskaError } from './errors.js';

/** Values of the lacing bits in the flags of a block. */
const LACING = { NONE: 0, XIPH: 1, FIXED: 2, EBML: 3 } as const;

/**
 * Takes the frames out of a block's payload.
 *
 * @param flags - the flags byte of the block
 * @param payload - what follows the block's header
 * @throws MatroskaError when the sizes do not fit the payload
 */
export function splitLace(flags: number, payload: Uint8Array): Uint8Array[] {
  const kind = (flags >> 1) & 3;
  if (kind === LACING.NONE) return [payload];
  const count = (payload[0] ?? 0) + 1;
  const cursor = new LaceCursor(payload);
  if (kind === LACING.FIXED) {
    const size = (payload.length - 1) / count;
    // Of frames without bytes there can be far more than the input has bytes.
    if (size === 0 && count > 1) {
      const message = `A block holds ${count} laced frames without a byte`;
      throw new MatroskaError('INVALID_VALUE', message);
    }
    return cursor.cut(Array.from({ length: count }, () => size));
  }
  const sizes = kind === LACING.XIPH ? cursor.xiphSizes(count - 1) : cursor.ebmlSizes(count - 1);
  return cursor.cut([...sizes, cursor.left - sum(sizes)]);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

class LaceCursor {
  readonly #payload: Uint8Array;
  #at = 1;

  constructor(payload: Uint8Array) {
    this.#payload = payload;
  }

  get left(): number {
    return this.#payload.length - this.#at;
  }

  /** Each size is a run of 255s and a last byte, added up. */
  xiphSizes(count: number): number[] {
    return Array.from({ length: count }, () => {
      let size = 0;
      for (;;) {
        const byte = this.#byte();
        size += byte;
        if (byte < 255) return size;
      }
    });
  }

  /** The first size is a variable-size integer, each other one the difference to the one before. */
  ebmlSizes(count: number): number[] {
    const sizes: number[] = [];
    for (let index = 0; index < count; index += 1) {
      const { value, bits } = this.#vint();
      const previous = sizes[index - 1];
      // Differences are stored above half of what the integer can hold.
      sizes.push(previous === undefined ? value : previous + value - (2 ** (bits - 1) - 1));
    }
    return sizes;
  }

  cut(sizes: readonly number[]): Uint8Array[] {
    return sizes.map((size) => {
      if (!Number.isInteger(size) || size < 0 || size > this.left) throw this.#invalid();
      this.#at += size;
      return this.#payload.subarray(this.#at - size, this.#at);
    });
  }

  #byte(): number {
    const byte = this.#payload[this.#at];
    if (byte === undefined) throw this.#invalid();
    this.#at += 1;
    return byte;
  }

  #vint(): { value: number; bits: number } {
    const first = this.#byte();
    const length = Math.clz32(first) - 23;
    if (length > 8) throw this.#invalid();
    let value = first & (0xff >> length);
    for (let index = 1; index < length; index += 1) value = value * 256 + this.#byte();
    return { value, bits: length * 7 };
  }

  #invalid(): MatroskaError {
    return new MatroskaError('INVALID_VALUE', 'The sizes of laced frames do not fit their block');
  }
}
