/** Short-term reference picture sets of H.265, which lie before the VUI in an SPS (clause 7.3.7). */
import type { BitReader } from './bit-reader.js';

const MAX_SETS = 64;
const MAX_PICTURES = 16;

/**
 * Passes over one set, which may refer to the one before it, of `previous` pictures. Returns the
 * number of its pictures, or undefined when it is damaged.
 */
function readSet(bits: BitReader, index: number, previous: number): number | undefined {
  if (index > 0 && bits.flag()) {
    bits.skip(1);
    bits.ue();
    let pictures = 0;
    for (let picture = 0; picture <= previous; picture += 1) {
      // used_by_curr_pic_flag, and only when that is 0, use_delta_flag.
      if (bits.flag() || bits.flag()) pictures += 1;
    }
    return pictures;
  }
  const negative = bits.ue();
  const positive = bits.ue();
  if (negative + positive > MAX_PICTURES) return undefined;
  for (let picture = 0; picture < negative + positive; picture += 1) {
    bits.ue();
    bits.skip(1);
  }
  return negative + positive;
}

/** Passes over all short-term reference picture sets of an SPS; false when they are damaged. */
export function readReferencePictureSets(bits: BitReader): boolean {
  const count = bits.ue();
  if (count > MAX_SETS) return false;
  let previous = 0;
  for (let index = 0; index < count; index += 1) {
    const pictures = readSet(bits, index, previous);
    if (pictures === undefined || bits.overrun) return false;
    previous = pictures;
  }
  return true;
}
