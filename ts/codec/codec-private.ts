/** Looks into the codec private data of H.264 and H.265 (ISO/IEC 14496-15) and Opus tracks. */
import { parseH264Sps } from './h264-parameters.js';
import { parseH265Sps } from './h265-parameters.js';

/** How far decoding runs ahead of output on a track. */
export interface Reordering {
  /** Frames; undefined when the parameter sets leave it open. */
  readonly depth: number | undefined;
  /** A bound of it. */
  readonly maxDepth: number;
}

/** The first byte of avcC and hvcC; Annex-B private data begins with a start code. */
const CONFIGURATION_VERSION = 1;
const AVCC_FIRST_SPS = 6;
const HVCC_ARRAYS = 23;
const HEVC_SPS = 33;
/** The largest decoded picture buffer of any level. */
const MAX_DEPTH = 16;

/** Whether the NAL units of a track follow lengths, as avcC and hvcC say, and not start codes. */
export function isLengthPrefixed(codecPrivateData: Uint8Array | undefined): boolean {
  return codecPrivateData?.[0] === CONFIGURATION_VERSION;
}

/** Finds the reordering of a track. Codecs other than H.264 and H.265 have none. */
export function reorderingOf(codec: string, codecPrivateData: Uint8Array | undefined): Reordering {
  if (codec !== 'h264' && codec !== 'h265') return { depth: 0, maxDepth: 0 };
  const record = isLengthPrefixed(codecPrivateData) ? codecPrivateData : undefined;
  if (codec === 'h264') {
    const nal = record && lengthPrefixed(record, AVCC_FIRST_SPS);
    const sps = nal && parseH264Sps(nal);
    return { depth: sps?.reorderDepth, maxDepth: sps?.maxReorderDepth ?? MAX_DEPTH };
  }
  const nal = record && firstHevcSps(record);
  const sps = nal && parseH265Sps(nal);
  return { depth: sps?.reorderDepth, maxDepth: MAX_DEPTH };
}

/** OpusHead (RFC 7845 section 5.1): where its pre-skip stands, in samples at 48 kHz. */
const OPUS_PRE_SKIP = 10;
const OPUS_SAMPLES_PER_MS = 48;

/**
 * Milliseconds by which packets are stamped later than what they hold is heard, as encoders do it
 * and as the core expects it. Only Opus tells such a delay.
 */
export function codecDelayOf(codec: string, codecPrivateData: Uint8Array | undefined): number {
  if (codec !== 'opus' || codecPrivateData === undefined) return 0;
  const [low, high] = codecPrivateData.subarray(OPUS_PRE_SKIP, OPUS_PRE_SKIP + 2);
  return low === undefined || high === undefined ? 0 : (low + high * 256) / OPUS_SAMPLES_PER_MS;
}

/** The bytes behind the 16-bit length at `at`; undefined when they are not all there. */
function lengthPrefixed(record: Uint8Array, at: number): Uint8Array | undefined {
  if (at + 2 > record.length) return undefined;
  const length = ((record[at] as number) << 8) | (record[at + 1] as number);
  const end = at + 2 + length;
  return length > 0 && end <= record.length ? record.subarray(at + 2, end) : undefined;
}

function firstHevcSps(record: Uint8Array): Uint8Array | undefined {
  const arrays = record[HVCC_ARRAYS - 1] ?? 0;
  let at = HVCC_ARRAYS;
  for (let array = 0; array < arrays; array += 1) {
    const type = (record[at] ?? 0) & 63;
    const count = ((record[at + 1] ?? 0) << 8) | (record[at + 2] ?? 0);
    at += 3;
    for (let index = 0; index < count; index += 1) {
      const nal = lengthPrefixed(record, at);
      if (nal === undefined) return undefined;
      if (type === HEVC_SPS) return nal;
      at += 2 + nal.length;
    }
  }
  return undefined;
}
