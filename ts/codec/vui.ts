import type { BitReader } from './bit-reader.js';

const EXTENDED_SAR = 255;
/** Rates outside are taken for noise: cameras write zeros and placeholders. */
const MIN_FRAME_RATE = 0.1;
const MAX_FRAME_RATE = 1000;

/**
 * Passes over the head that the VUI of H.264 (clause E.1.1) and H.265 (clause E.2.1) have in
 * common: aspect ratio, overscan, video signal type and chroma location.
 */
export function skipVuiHead(bits: BitReader): void {
  if (bits.flag() && bits.bits(8) === EXTENDED_SAR) bits.skip(32);
  if (bits.flag()) bits.skip(1);
  if (bits.flag()) {
    bits.skip(4);
    if (bits.flag()) bits.skip(24);
  }
  if (bits.flag()) {
    bits.ue();
    bits.ue();
  }
}

/** The frames a second that a time scale and a tick mean, or undefined when they mean none. */
export function frameRateOf(timeScale: number, unitsInTick: number): number | undefined {
  const rate = timeScale / unitsInTick;
  return rate >= MIN_FRAME_RATE && rate <= MAX_FRAME_RATE ? rate : undefined;
}
