/** Puts the content of one small element together from the pieces it arrives in. */
export class ValueBuffer {
  static readonly #FIRST_CAPACITY = 256;
  #size = 0;
  #fill = 0;
  #buffer = new Uint8Array(0);
  #whole: Uint8Array | undefined;

  /** Prepares for content of `size` bytes; reserves nothing, since a claimed size costs its sender nothing. */
  reset(size: number): void {
    this.#size = size;
    this.#fill = 0;
    this.#whole = undefined;
  }

  /** Adds the next piece. Content that comes in one piece is not copied. */
  add(piece: Uint8Array): void {
    if (piece.length === this.#size) {
      this.#whole = piece;
      return;
    }
    const needed = this.#fill + piece.length;
    if (needed > this.#buffer.length) this.#grow(needed);
    this.#buffer.set(piece, this.#fill);
    this.#fill = needed;
  }

  /** The content so far, valid until the next `reset`. */
  take(): Uint8Array {
    const content = this.#whole ?? this.#buffer.subarray(0, this.#fill);
    this.#whole = undefined;
    return content;
  }

  #grow(needed: number): void {
    const capacity = Math.max(needed, this.#buffer.length * 2, ValueBuffer.#FIRST_CAPACITY);
    const larger = new Uint8Array(Math.min(capacity, Math.max(this.#size, needed)));
    larger.set(this.#buffer.subarray(0, this.#fill));
    this.#buffer = larger;
  }
}
