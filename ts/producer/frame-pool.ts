/** How many free buffers are kept: a source fills one after the other. */
const KEPT = 4;
/** How much larger than asked for a new buffer is, since frames differ. */
const HEADROOM = 1.5;

/** Memory for the frames of one source, used again once a frame was put. */
export class FramePool {
  /** What was handed out and not come back, by the buffer that its user has. */
  readonly #taken = new WeakMap<Uint8Array, Buffer>();
  readonly #free: Buffer[] = [];

  /** A buffer of `size` bytes that nobody else has. What it holds is not defined. */
  take(size: number): Buffer {
    const index = this.#free.findIndex((buffer) => buffer.length >= size);
    const [found] = index < 0 ? [] : this.#free.splice(index, 1);
    const whole = found ?? Buffer.allocUnsafeSlow(Math.ceil(size * HEADROOM));
    const part = whole.subarray(0, size);
    this.#taken.set(part, whole);
    return part;
  }

  /** Takes a buffer back; one that is not from here is left alone. */
  release(part: Uint8Array): void {
    const whole = this.#taken.get(part);
    if (whole === undefined) return;
    this.#taken.delete(part);
    this.#free.push(whole);
    // The smallest one is the least likely to fit.
    if (this.#free.length > KEPT) {
      this.#free.sort((a, b) => b.length - a.length).pop();
    }
  }
}
