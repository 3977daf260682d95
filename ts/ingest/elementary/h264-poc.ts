/** Picture order count of H.264 (ITU-T H.264 clause 8.2.1). */
import type { H264Slice } from './h264-slice.js';

/**
 * Computes the order count of pictures given in decoding order. Memory management control
 * operation 5 is not looked for: it would need the whole slice header, and no encoder in use
 * makes it.
 */
export class H264OrderCount {
  #pocMsb = 0;
  #pocLsb = 0;
  #frameNum = 0;
  #frameNumOffset = 0;

  /** The order count of the picture that begins with `slice`: of a frame, its earlier field's. */
  next(slice: H264Slice): number {
    return slice.sps.pocType === 0 ? this.#fromLsb(slice) : this.#fromFrameNum(slice);
  }

  /** Type 0, clause 8.2.1.1. */
  #fromLsb(slice: H264Slice): number {
    if (slice.idr) {
      this.#pocMsb = 0;
      this.#pocLsb = 0;
    }
    const range = 2 ** slice.sps.pocLsbBits;
    const step = slice.pocLsb - this.#pocLsb;
    let msb = this.#pocMsb;
    if (step <= -range / 2) msb += range;
    else if (step > range / 2) msb -= range;
    if (slice.refIdc !== 0) {
      this.#pocMsb = msb;
      this.#pocLsb = slice.pocLsb;
    }
    const poc = msb + slice.pocLsb;
    return slice.field ? poc : poc + Math.min(0, slice.deltaPocBottom);
  }

  /** Types 1 and 2, clauses 8.2.1.2 and 8.2.1.3. */
  #fromFrameNum(slice: H264Slice): number {
    if (slice.idr) this.#frameNumOffset = 0;
    else if (this.#frameNum > slice.frameNum) this.#frameNumOffset += 2 ** slice.sps.frameNumBits;
    this.#frameNum = slice.frameNum;
    const number = this.#frameNumOffset + slice.frameNum;
    if (slice.sps.pocType === 1) return this.#fromCycle(slice, number);
    if (slice.idr) return 0;
    return 2 * number - (slice.refIdc === 0 ? 1 : 0);
  }

  #fromCycle(slice: H264Slice, number: number): number {
    const { sps, refIdc } = slice;
    const cycle = sps.offsetsForRefFrame;
    let index = cycle.length === 0 ? 0 : number;
    if (refIdc === 0 && index > 0) index -= 1;
    let expected = refIdc === 0 ? sps.offsetForNonRefPic : 0;
    if (index > 0) {
      const whole = Math.floor((index - 1) / cycle.length);
      const rest = (index - 1) % cycle.length;
      cycle.forEach((offset, at) => {
        expected += offset * (whole + (at <= rest ? 1 : 0));
      });
    }
    const [first, second] = slice.deltaPoc;
    const top = expected + first;
    const toBottom = sps.offsetForTopToBottomField;
    if (slice.field) return slice.bottomField ? top + toBottom : top;
    return Math.min(top, top + toBottom + second);
  }
}
