/** H.265 NAL units as the access unit splitter sees them (ITU-T H.265 clause 7.4.2.4.4). */
import { BitReader, unescapeNal } from '../../codec/bit-reader.js';
import {
  parseH265Pps,
  parseH265Sps,
  parseH265Vps,
  type H265Pps,
  type H265Sps,
  type H265Vps,
} from '../../codec/h265-parameters.js';
import type { NalRole, NalSyntax, SequenceInfo } from './nal-syntax.js';

/** nal_unit_type values (Table 7-1). */
const NAL = {
  RADL_N: 6,
  RASL_R: 9,
  /** Up to here, types with an even number are not referred to within their sub-layer. */
  RSV_VCL_R15: 15,
  BLA_W_LP: 16,
  IDR_W_RADL: 19,
  IDR_N_LP: 20,
  CRA: 21,
  RSV_IRAP_23: 23,
  LAST_VCL: 31,
  VPS: 32,
  SPS: 33,
  PPS: 34,
  DELIMITER: 35,
  END_OF_SEQUENCE: 36,
  END_OF_BITSTREAM: 37,
  PREFIX_SEI: 39,
  RSV_NVCL_41: 41,
  RSV_NVCL_44: 44,
  UNSPECIFIED_48: 48,
  UNSPECIFIED_55: 55,
} as const;

const HEADER_BYTES = 2;
/** Bytes of a slice that hold the fields read here, with room for emulation prevention. */
const SLICE_BYTES = 48;

interface SliceStart {
  readonly sps: H265Sps;
  readonly pocLsb: number;
}

function isIrap(type: number): boolean {
  return type >= NAL.BLA_W_LP && type <= NAL.RSV_IRAP_23;
}

/** Whether POC of later pictures counts from this one: a reference picture of the lowest layer. */
function anchorsOrder(type: number, temporalId: number): boolean {
  const leading = type >= NAL.RADL_N && type <= NAL.RASL_R;
  const unreferenced = type < NAL.RSV_VCL_R15 && type % 2 === 0;
  return temporalId === 0 && !leading && !unreferenced;
}

/** Follows an H.265 stream: remembers its parameter sets and computes order counts. */
export class H265Syntax implements NalSyntax {
  readonly headerBytes = HEADER_BYTES;
  readonly #vps = new Map<number, H265Vps>();
  readonly #sps = new Map<number, H265Sps>();
  readonly #pps = new Map<number, H265Pps>();
  /** The next picture is the first of the stream, or follows an end of sequence. */
  #restart = true;
  #pocMsb = 0;
  #pocLsb = 0;

  needsWhole(firstByte: number): boolean {
    const type = (firstByte >> 1) & 63;
    return type >= NAL.VPS && type <= NAL.PPS;
  }

  read(nal: Uint8Array): NalRole {
    const type = ((nal[0] as number) >> 1) & 63;
    const layer = (((nal[0] as number) & 1) << 5) | ((nal[1] as number) >> 3);
    // Other layers share the access unit of the base layer.
    if (layer > 0) return 'other';
    if (type <= NAL.LAST_VCL) return this.#readSlice(nal, type);
    switch (type) {
      case NAL.VPS: {
        const vps = parseH265Vps(nal);
        if (vps !== undefined) this.#vps.set(vps.id, vps);
        return 'prefix';
      }
      case NAL.SPS: {
        const sps = parseH265Sps(nal);
        if (sps !== undefined) this.#sps.set(sps.id, sps);
        return 'prefix';
      }
      case NAL.PPS: {
        const pps = parseH265Pps(nal);
        if (pps !== undefined) this.#pps.set(pps.id, pps);
        return 'prefix';
      }
      case NAL.END_OF_SEQUENCE:
      case NAL.END_OF_BITSTREAM:
        this.#restart = true;
        return 'other';
      default:
        return isPrefix(type) ? 'prefix' : 'other';
    }
  }

  #readSlice(nal: Uint8Array, type: number): NalRole {
    const bits = new BitReader(unescapeNal(nal.subarray(HEADER_BYTES), SLICE_BYTES));
    if (!bits.flag()) return 'slice';
    const keyFrame = isIrap(type);
    const slice = this.#readSliceStart(bits, type);
    if (slice === undefined) {
      return { keyFrame, startsSequence: keyFrame, orderCount: undefined, sequence: undefined };
    }
    // NoRaslOutputFlag of clause 8.1.3; order counts begin anew (clause 8.3.1).
    const startsSequence = keyFrame && (this.#restart || type !== NAL.CRA);
    if (startsSequence) this.#pocMsb = 0;
    const msb = startsSequence ? 0 : this.#msbFor(slice);
    if (anchorsOrder(type, ((nal[1] as number) & 7) - 1)) {
      this.#pocMsb = msb;
      this.#pocLsb = slice.pocLsb;
    }
    this.#restart = false;
    const sequence = this.#describe(slice.sps);
    return { keyFrame, startsSequence, orderCount: msb + slice.pocLsb, sequence };
  }

  #describe(sps: H265Sps): SequenceInfo {
    return {
      width: sps.width,
      height: sps.height,
      frameRate: sps.frameRate ?? this.#vps.get(sps.vpsId)?.frameRate,
      reorderDepth: sps.reorderDepth,
      maxReorderDepth: sps.reorderDepth,
    };
  }

  #msbFor(slice: SliceStart): number {
    const range = 2 ** slice.sps.pocLsbBits;
    const step = slice.pocLsb - this.#pocLsb;
    if (step <= -range / 2) return this.#pocMsb + range;
    return step > range / 2 ? this.#pocMsb - range : this.#pocMsb;
  }

  /** Reads on from first_slice_segment_in_pic_flag to slice_pic_order_cnt_lsb (clause 7.3.6.1). */
  #readSliceStart(bits: BitReader, type: number): SliceStart | undefined {
    if (isIrap(type)) bits.skip(1);
    const pps = this.#pps.get(bits.ue());
    const sps = pps && this.#sps.get(pps.spsId);
    if (sps === undefined || pps === undefined) return undefined;
    bits.skip(pps.extraSliceHeaderBits);
    bits.ue();
    if (pps.outputFlagPresent) bits.skip(1);
    if (sps.separateColourPlanes) bits.skip(2);
    const idr = type === NAL.IDR_W_RADL || type === NAL.IDR_N_LP;
    const pocLsb = idr ? 0 : bits.bits(sps.pocLsbBits);
    return bits.overrun ? undefined : { sps, pocLsb };
  }
}

/** Types that begin an access unit when they follow its picture; parameter sets aside. */
function isPrefix(type: number): boolean {
  return (
    type === NAL.DELIMITER ||
    type === NAL.PREFIX_SEI ||
    (type >= NAL.RSV_NVCL_41 && type <= NAL.RSV_NVCL_44) ||
    (type >= NAL.UNSPECIFIED_48 && type <= NAL.UNSPECIFIED_55)
  );
}
