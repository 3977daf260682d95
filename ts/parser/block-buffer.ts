/** Reserved at once for a block of which little has come, whatever size it claims. */
const FIRST_CAPACITY = 1024 * 1024;

/**
 * Puts the content of blocks together. A block that lies in one piece is not copied, and the bytes of
 * one that does not are copied once; neither is written to again.
 */
export class BlockBuffer {
  #size = 0;
  #fill = 0;
  #buffer: Uint8Array | undefined;

  /** Prepares for a block of `size` bytes. */
  reset(size: number): void {
    this.#size = size;
    this.#fill = 0;
    this.#buffer = undefined;
  }

  /** Adds the next piece. */
  add(piece: Uint8Array): void {
    if (piece.length === this.#size) {
      this.#buffer = piece;
    } else {
      this.#room(this.#fill + piece.length).set(piece, this.#fill);
    }
    this.#fill += piece.length;
  }

  /** The block, which is complete. */
  take(): Uint8Array {
    const block = this.#buffer?.subarray(0, this.#fill) ?? new Uint8Array(0);
    this.#buffer = undefined;
    return block;
  }

  #room(needed: number): Uint8Array {
    const before = this.#buffer;
    if (before !== undefined && needed <= before.length) return before;
    const wanted = Math.max(needed, (before?.length ?? 0) * 2, FIRST_CAPACITY);
    const larger = new Uint8Array(Math.min(wanted, this.#size));
    if (before !== undefined) larger.set(before.subarray(0, this.#fill));
    this.#buffer = larger;
    return larger;
  }
}
