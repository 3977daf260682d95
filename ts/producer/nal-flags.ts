import { expected, rule } from '../internal/options.js';

/** How NAL units of H.264 and H.265 are rewritten on the way in; bits to combine with `|`. */
export const NalAdaptationFlags = {
  /** Frames and codec private data are sent as they come. */
  NONE: 0,
  /** Annex-B start codes in frames become lengths. Frames that have lengths already pass as they are. */
  ANNEXB_NALS: 8,
  /** Lengths in frames become Annex-B start codes. */
  AVCC_NALS: 16,
  /** Annex-B parameter sets given as codec private data become avcC or hvcC. */
  ANNEXB_CPD_NALS: 32,
} as const;

const ALL =
  NalAdaptationFlags.ANNEXB_NALS |
  NalAdaptationFlags.AVCC_NALS |
  NalAdaptationFlags.ANNEXB_CPD_NALS;
const BOTH_FRAME_FLAGS = NalAdaptationFlags.ANNEXB_NALS | NalAdaptationFlags.AVCC_NALS;

/** Checks that a value is a combination of the flags that makes sense. */
export function checkNalFlags(value: unknown, name: string): number {
  const known = rule<number>(
    'bits of NalAdaptationFlags',
    (flags) => Number.isInteger(flags) && ((flags as number) & ~ALL) === 0,
  );
  const flags = known(value, name);
  if ((flags & BOTH_FRAME_FLAGS) !== BOTH_FRAME_FLAGS) return flags;
  throw expected(
    'ANNEXB_NALS or AVCC_NALS, not both,',
    name,
    flags,
    'STATUS_MKV_BOTH_ANNEXB_AND_AVCC_SPECIFIED',
  );
}
