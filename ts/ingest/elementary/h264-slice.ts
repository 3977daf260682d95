/** The slice header of H.264 up to the fields that tell pictures apart (ITU-T H.264 clause 7.3.3). */
import { BitReader, unescapeNal } from '../../codec/bit-reader.js';
import type { H264Pps, H264Sps } from '../../codec/h264-parameters.js';

/** Bytes of a slice that hold the fields read here, with room for emulation prevention. */
const HEADER_BYTES = 48;
const NAL_IDR = 5;

/** The fields of a slice header that clause 7.4.1.2.4 compares and clause 8.2.1 computes with. */
export interface H264Slice {
  readonly idr: boolean;
  readonly refIdc: number;
  readonly firstMb: number;
  readonly ppsId: number;
  readonly frameNum: number;
  readonly field: boolean;
  readonly bottomField: boolean;
  readonly idrPicId: number;
  readonly pocLsb: number;
  readonly deltaPocBottom: number;
  readonly deltaPoc: readonly [number, number];
  readonly redundant: boolean;
  readonly sps: H264Sps;
}

/** Finds the parameter sets that a slice refers to. */
export interface H264ParameterSets {
  readonly sps: ReadonlyMap<number, H264Sps>;
  readonly pps: ReadonlyMap<number, H264Pps>;
}

/** Reads first_mb_in_slice alone, for slices whose parameter sets have not been seen. */
export function readFirstMb(nal: Uint8Array): number {
  return new BitReader(unescapeNal(nal.subarray(1), HEADER_BYTES)).ue();
}

/**
 * Reads a slice header; `nal` begins with its header byte and may be cut after the header.
 * Undefined when its parameter sets are unknown or it is damaged.
 */
export function parseH264Slice(nal: Uint8Array, sets: H264ParameterSets): H264Slice | undefined {
  const header = nal[0] as number;
  const idr = (header & 31) === NAL_IDR;
  const bits = new BitReader(unescapeNal(nal.subarray(1), HEADER_BYTES));
  const firstMb = bits.ue();
  bits.ue();
  const ppsId = bits.ue();
  const pps = sets.pps.get(ppsId);
  const sps = pps && sets.sps.get(pps.spsId);
  if (sps === undefined || pps === undefined) return undefined;

  if (sps.separateColourPlanes) bits.skip(2);
  const frameNum = bits.bits(sps.frameNumBits);
  const field = !sps.frameMbsOnly && bits.flag();
  const bottomField = field && bits.flag();
  const idrPicId = idr ? bits.ue() : 0;
  let pocLsb = 0;
  let deltaPocBottom = 0;
  const deltaPoc: [number, number] = [0, 0];
  if (sps.pocType === 0) {
    pocLsb = bits.bits(sps.pocLsbBits);
    if (pps.bottomFieldPocInFrame && !field) deltaPocBottom = bits.se();
  } else if (sps.pocType === 1 && !sps.deltaPocAlwaysZero) {
    deltaPoc[0] = bits.se();
    if (pps.bottomFieldPocInFrame && !field) deltaPoc[1] = bits.se();
  }
  const redundant = pps.redundantPicCountPresent && bits.ue() > 0;
  if (bits.overrun) return undefined;
  return {
    idr,
    refIdc: (header >> 5) & 3,
    firstMb,
    ppsId,
    frameNum,
    field,
    bottomField,
    idrPicId,
    pocLsb,
    deltaPocBottom,
    deltaPoc,
    redundant,
    sps,
  };
}

/**
 * Whether `next` begins another picture than the one of `last` (clause 7.4.1.2.4). Beyond the
 * clause, a slice with the first macroblock does so too: encoders exist that number every IDR
 * picture alike.
 */
export function beginsPicture(last: H264Slice, next: H264Slice): boolean {
  if (next.redundant) return false;
  return (
    next.firstMb === 0 ||
    next.frameNum !== last.frameNum ||
    next.ppsId !== last.ppsId ||
    next.field !== last.field ||
    next.bottomField !== last.bottomField ||
    (next.refIdc === 0) !== (last.refIdc === 0) ||
    next.idr !== last.idr ||
    next.idrPicId !== last.idrPicId ||
    next.pocLsb !== last.pocLsb ||
    next.deltaPocBottom !== last.deltaPocBottom ||
    next.deltaPoc[0] !== last.deltaPoc[0] ||
    next.deltaPoc[1] !== last.deltaPoc[1]
  );
}

/** Whether `next` is the second field of the frame whose first field is `last`. */
export function isSecondField(last: H264Slice, next: H264Slice): boolean {
  return (
    last.field &&
    next.field &&
    last.bottomField !== next.bottomField &&
    last.frameNum === next.frameNum &&
    !next.idr
  );
}
