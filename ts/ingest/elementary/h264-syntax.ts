/** H.264 NAL units as the access unit splitter sees them (ITU-T H.264 clause 7.4.1.2.3). */
import {
  parseH264Pps,
  parseH264Sps,
  type H264Pps,
  type H264Sps,
} from '../../codec/h264-parameters.js';
import { H264OrderCount } from './h264-poc.js';
import { tellsRecoveryPoint } from './h264-sei.js';
import {
  beginsPicture,
  isSecondField,
  parseH264Slice,
  readFirstMb,
  type H264Slice,
} from './h264-slice.js';
import type { NalRole, NalSyntax } from './nal-syntax.js';

/** nal_unit_type values (Table 7-1). */
const NAL = {
  SLICE: 1,
  PARTITION_A: 2,
  IDR: 5,
  SEI: 6,
  SPS: 7,
  PPS: 8,
  DELIMITER: 9,
  PREFIX: 14,
  RESERVED_18: 18,
} as const;

/** Follows an H.264 stream: remembers its parameter sets and computes order counts. */
export class H264Syntax implements NalSyntax {
  readonly headerBytes = 1;
  readonly #sps = new Map<number, H264Sps>();
  readonly #pps = new Map<number, H264Pps>();
  readonly #order = new H264OrderCount();
  #last: H264Slice | undefined;
  /** Whether the picture of `#last` holds both fields already. */
  #paired = false;
  /** Whether an SEI message made the picture that comes next a recovery point. */
  #recoveryPoint = false;

  needsWhole(firstByte: number): boolean {
    const type = firstByte & 31;
    return type === NAL.SPS || type === NAL.PPS || type === NAL.SEI;
  }

  read(nal: Uint8Array): NalRole {
    const type = (nal[0] as number) & 31;
    switch (type) {
      case NAL.SLICE:
      case NAL.PARTITION_A:
      case NAL.IDR:
        return this.#readSlice(nal, type, this.#takeRecoveryPoint());
      case NAL.SPS: {
        const sps = parseH264Sps(nal);
        if (sps !== undefined) this.#sps.set(sps.id, sps);
        return 'prefix';
      }
      case NAL.PPS: {
        const pps = parseH264Pps(nal);
        if (pps !== undefined) this.#pps.set(pps.id, pps);
        return 'prefix';
      }
      case NAL.SEI:
        if (tellsRecoveryPoint(nal)) this.#recoveryPoint = true;
        return 'prefix';
      case NAL.DELIMITER:
        // It is the first of its access unit: what was told before was for a picture now lost.
        this.#recoveryPoint = false;
        return 'prefix';
      default:
        return type >= NAL.PREFIX && type <= NAL.RESERVED_18 ? 'prefix' : 'other';
    }
  }

  /** Every slice ends what SEI messages before it told: they stand before the first one. */
  #takeRecoveryPoint(): boolean {
    const told = this.#recoveryPoint;
    this.#recoveryPoint = false;
    return told;
  }

  #readSlice(nal: Uint8Array, type: number, recoveryPoint: boolean): NalRole {
    const slice = parseH264Slice(nal, { sps: this.#sps, pps: this.#pps });
    if (slice === undefined) return this.#readBlindly(nal, type, recoveryPoint);
    const last = this.#last;
    if (last !== undefined) {
      if (!beginsPicture(last, slice)) return 'slice';
      if (!this.#paired && isSecondField(last, slice)) {
        this.#paired = true;
        this.#last = slice;
        this.#order.next(slice);
        return 'slice';
      }
    }
    this.#last = slice;
    this.#paired = false;
    return {
      keyFrame: slice.idr || recoveryPoint,
      startsSequence: slice.idr,
      orderCount: this.#order.next(slice),
      sequence: slice.sps,
    };
  }

  /** Without parameter sets, the first macroblock is the only sign of a new picture. */
  #readBlindly(nal: Uint8Array, type: number, recoveryPoint: boolean): NalRole {
    if (readFirstMb(nal) !== 0) return 'slice';
    this.#last = undefined;
    const idr = type === NAL.IDR;
    return {
      keyFrame: idr || recoveryPoint,
      startsSequence: idr,
      orderCount: undefined,
      sequence: undefined,
    };
  }
}
