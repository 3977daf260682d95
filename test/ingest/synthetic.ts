/** Builds H.264 streams bit by bit: what no encoder at hand writes, such as each way to count pictures. */

/** Writes bit strings and Exp-Golomb codes, the reverse of what is tested. */
export class BitWriter {
  #bits = '';

  bits(value: number, count: number): this {
    this.#bits += count === 0 ? '' : value.toString(2).padStart(count, '0');
    return this;
  }

  ue(value: number): this {
    const code = (value + 1).toString(2);
    this.#bits += '0'.repeat(code.length - 1) + code;
    return this;
  }

  se(value: number): this {
    return this.ue(value > 0 ? 2 * value - 1 : -2 * value);
  }

  /** The bits, a stop bit and zeros up to a whole byte. */
  bytes(): number[] {
    const bits = `${this.#bits}1`;
    const padded = bits.padEnd(Math.ceil(bits.length / 8) * 8, '0');
    return (padded.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2));
  }
}

/** A NAL unit behind a start code, with emulation prevention. */
export function nalUnit(header: number, payload: readonly number[], startCode = 4): number[] {
  const out: number[] = [];
  let zeros = 0;
  for (const byte of payload) {
    if (zeros === 2 && byte <= 3) {
      out.push(3);
      zeros = 0;
    }
    out.push(byte);
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return [...(startCode === 4 ? [0, 0, 0, 1] : [0, 0, 1]), header, ...out];
}

/** What can be chosen about a sequence. */
export interface SequenceShape {
  readonly pocType: 0 | 1 | 2;
  /** max_num_reorder_frames; left out of the stream when absent. */
  readonly reorderDepth?: number;
  /** Ticks a second and the ticks of a field; left out of the stream when absent. */
  readonly timing?: readonly [timeScale: number, unitsInTick: number];
  readonly interlaced?: boolean;
}

const FRAME_NUM_BITS = 4;
const POC_LSB_BITS = 7;
const MAIN_PROFILE = 77;
const LEVEL_2 = 20;

/** A sequence parameter set of 320x240 pixels, level 2: the picture buffer holds 7 frames. */
export function sps({ pocType, reorderDepth, timing, interlaced = false }: SequenceShape) {
  const bits = new BitWriter();
  bits.bits(MAIN_PROFILE, 8).bits(0, 8).bits(LEVEL_2, 8).ue(0);
  bits.ue(FRAME_NUM_BITS - 4).ue(pocType);
  if (pocType === 0) bits.ue(POC_LSB_BITS - 4);
  // One reference frame in a cycle of 2, non-reference frames 1 before their place.
  else if (pocType === 1) bits.bits(0, 1).se(-1).se(1).ue(1).se(2);
  bits
    .ue(4)
    .bits(0, 1)
    .ue(19)
    .ue(interlaced ? 7 : 14);
  bits.bits(interlaced ? 0 : 1, 1);
  if (interlaced) bits.bits(0, 1);
  bits.bits(1, 1);
  if (interlaced) bits.bits(1, 1).ue(0).ue(0).ue(0).ue(4);
  else bits.bits(0, 1);
  const hasVui = reorderDepth !== undefined || timing !== undefined;
  bits.bits(hasVui ? 1 : 0, 1);
  if (hasVui) {
    bits.bits(0, 4);
    bits.bits(timing ? 1 : 0, 1);
    if (timing) bits.bits(timing[1], 32).bits(timing[0], 32).bits(1, 1);
    bits.bits(0, 3);
    bits.bits(reorderDepth === undefined ? 0 : 1, 1);
    if (reorderDepth !== undefined) {
      bits.bits(1, 1).ue(0).ue(0).ue(10).ue(10).ue(reorderDepth).ue(7);
    }
  }
  return nalUnit(0x67, bits.bytes());
}

/** A picture parameter set for it. */
export function pps(): number[] {
  const bits = new BitWriter();
  bits.ue(0).ue(0).bits(0, 1).bits(1, 1).ue(0).ue(0).ue(0).bits(0, 3).se(0).se(0).se(0).bits(0, 3);
  return nalUnit(0x68, bits.bytes());
}

/** What can be chosen about a slice. */
export interface SliceShape {
  readonly sequence: SequenceShape;
  readonly idr?: boolean;
  readonly reference?: boolean;
  readonly frameNum: number;
  /** Order count within the sequence, in fields. */
  readonly poc: number;
  readonly firstMb?: number;
  /** Of a field picture. */
  readonly field?: 'top' | 'bottom';
  readonly payload?: readonly number[];
}

/** A slice; its payload stands for the coded macroblocks. */
export function slice(shape: SliceShape): number[] {
  const { sequence, idr = false, reference = true, frameNum, poc, firstMb = 0, field } = shape;
  const bits = new BitWriter();
  bits
    .ue(firstMb)
    .ue(7)
    .ue(0)
    .bits(frameNum % 2 ** FRAME_NUM_BITS, FRAME_NUM_BITS);
  if (sequence.interlaced === true) {
    bits.bits(field === undefined ? 0 : 1, 1);
    if (field !== undefined) bits.bits(field === 'bottom' ? 1 : 0, 1);
  }
  if (idr) bits.ue(0);
  if (sequence.pocType === 0) {
    bits.bits(((poc % 2 ** POC_LSB_BITS) + 2 ** POC_LSB_BITS) % 2 ** POC_LSB_BITS, POC_LSB_BITS);
    if (field === undefined) bits.se(0);
  } else if (sequence.pocType === 1) {
    bits.se(poc - expectedPoc(frameNum, reference));
    if (field === undefined) bits.se(0);
  }
  const refIdc = reference ? 0x60 : 0;
  return nalUnit(refIdc | (idr ? 5 : 1), [...bits.bytes(), ...(shape.payload ?? [1, 2, 3])], 3);
}

/** The order count that type 1 expects, by the cycle in `sps` (ITU-T H.264 clause 8.2.1.2). */
function expectedPoc(frameNum: number, reference: boolean): number {
  return reference ? 2 * frameNum : 2 * Math.max(0, frameNum - 1) - 1;
}
