/** Video, sequence and picture parameter sets of H.265 (ITU-T H.265 clauses 7.3.2.1 to 7.3.2.3). */
import { BitReader, unescapeNal } from './bit-reader.js';
import { readReferencePictureSets } from './h265-reference-sets.js';
import { frameRateOf, skipVuiHead } from './vui.js';

/** What the rest of this folder needs of a sequence parameter set. */
export interface H265Sps {
  readonly id: number;
  readonly vpsId: number;
  readonly separateColourPlanes: boolean;
  readonly pocLsbBits: number;
  /** Pixels, after the conformance window. */
  readonly width: number;
  readonly height: number;
  /** Frames a second, when the VUI tells. */
  readonly frameRate: number | undefined;
  /** sps_max_num_reorder_pics of the highest sub-layer. */
  readonly reorderDepth: number;
}

/** What the rest of this folder needs of a picture parameter set. */
export interface H265Pps {
  readonly id: number;
  readonly spsId: number;
  readonly outputFlagPresent: boolean;
  readonly extraSliceHeaderBits: number;
}

/** What the rest of this folder needs of a video parameter set. */
export interface H265Vps {
  readonly id: number;
  /** Frames a second, when the VPS tells. */
  readonly frameRate: number | undefined;
}

const HEADER_BYTES = 2;
const MAX_DPB_PICTURES = 16;
const MAX_SPS_ID = 15;
const MAX_PPS_ID = 63;
const PROFILE_BITS = 88;
const LEVEL_BITS = 8;

/** profile_tier_level() with its general profile (clause 7.3.3). */
function skipProfileTierLevel(bits: BitReader, subLayers: number): void {
  bits.skip(PROFILE_BITS + LEVEL_BITS);
  if (subLayers === 1) return;
  const present: [profile: boolean, level: boolean][] = [];
  for (let layer = 1; layer < subLayers; layer += 1) present.push([bits.flag(), bits.flag()]);
  bits.skip(2 * (9 - subLayers));
  for (const [profile, level] of present) {
    bits.skip((profile ? PROFILE_BITS : 0) + (level ? LEVEL_BITS : 0));
  }
}

/** Reads the ordering info of all sub-layers; returns max_num_reorder_pics of the highest. */
function readOrdering(bits: BitReader, subLayers: number): number {
  const rows = bits.flag() ? subLayers : 1;
  let reorderDepth = 0;
  for (let row = 0; row < rows; row += 1) {
    bits.ue();
    reorderDepth = bits.ue();
    bits.ue();
  }
  return reorderDepth;
}

/** scaling_list_data() (clause 7.3.4). */
function skipScalingLists(bits: BitReader): void {
  for (let size = 0; size < 4; size += 1) {
    for (let matrix = 0; matrix < 6; matrix += size === 3 ? 3 : 1) {
      if (!bits.flag()) {
        bits.ue();
        continue;
      }
      if (size > 1) bits.se();
      const coefficients = Math.min(64, 1 << (4 + 2 * size));
      for (let index = 0; index < coefficients && !bits.overrun; index += 1) bits.se();
    }
  }
}

function readTiming(bits: BitReader): number | undefined {
  const unitsInTick = bits.bits(32);
  const timeScale = bits.bits(32);
  return bits.overrun ? undefined : frameRateOf(timeScale, unitsInTick);
}

/** Reads the VUI (clause E.2.1) as far as the frame rate. */
function readVuiFrameRate(bits: BitReader): number | undefined {
  skipVuiHead(bits);
  bits.skip(3);
  if (bits.flag()) {
    for (let side = 0; side < 4; side += 1) bits.ue();
  }
  return bits.flag() ? readTiming(bits) : undefined;
}

/** Reads what lies between the ordering info and the VUI, then the frame rate in that. */
function readTail(bits: BitReader, pocLsbBits: number): number | undefined {
  for (let field = 0; field < 6; field += 1) bits.ue();
  if (bits.flag() && bits.flag()) skipScalingLists(bits);
  bits.skip(2);
  if (bits.flag()) {
    bits.skip(8);
    bits.ue();
    bits.ue();
    bits.skip(1);
  }
  if (!readReferencePictureSets(bits)) return undefined;
  if (bits.flag()) {
    const count = bits.ue();
    for (let picture = 0; picture < count && !bits.overrun; picture += 1) {
      bits.skip(pocLsbBits + 1);
    }
  }
  bits.skip(2);
  return bits.flag() ? readVuiFrameRate(bits) : undefined;
}

/** Reads an SPS; `nal` begins with its header. Undefined when it is damaged. */
export function parseH265Sps(nal: Uint8Array): H265Sps | undefined {
  const bits = new BitReader(unescapeNal(nal.subarray(HEADER_BYTES)));
  const vpsId = bits.bits(4);
  const subLayers = bits.bits(3) + 1;
  bits.skip(1);
  skipProfileTierLevel(bits, subLayers);
  const id = bits.ue();
  const chroma = bits.ue();
  const separateColourPlanes = chroma === 3 && bits.flag();
  const codedWidth = bits.ue();
  const codedHeight = bits.ue();
  const window = bits.flag() ? [bits.ue(), bits.ue(), bits.ue(), bits.ue()] : [0, 0, 0, 0];
  const [left, right, top, bottom] = window as [number, number, number, number];
  bits.ue();
  bits.ue();
  const pocLsbBits = bits.ue() + 4;
  const reorderDepth = readOrdering(bits, subLayers);
  const width = codedWidth - (left + right) * (chroma === 1 || chroma === 2 ? 2 : 1);
  const height = codedHeight - (top + bottom) * (chroma === 1 ? 2 : 1);
  if (bits.overrun || id > MAX_SPS_ID || pocLsbBits > 16) return undefined;
  if (width <= 0 || height <= 0 || reorderDepth > MAX_DPB_PICTURES) return undefined;
  const frameRate = readTail(bits, pocLsbBits);
  return { id, vpsId, separateColourPlanes, pocLsbBits, width, height, frameRate, reorderDepth };
}

/** Reads a PPS; `nal` begins with its header. Undefined when it is damaged. */
export function parseH265Pps(nal: Uint8Array): H265Pps | undefined {
  const bits = new BitReader(unescapeNal(nal.subarray(HEADER_BYTES)));
  const id = bits.ue();
  const spsId = bits.ue();
  bits.skip(1);
  const outputFlagPresent = bits.flag();
  const extraSliceHeaderBits = bits.bits(3);
  if (bits.overrun || id > MAX_PPS_ID || spsId > MAX_SPS_ID) return undefined;
  return { id, spsId, outputFlagPresent, extraSliceHeaderBits };
}

/** Reads a VPS; `nal` begins with its header. Undefined when it is damaged. */
export function parseH265Vps(nal: Uint8Array): H265Vps | undefined {
  const bits = new BitReader(unescapeNal(nal.subarray(HEADER_BYTES)));
  const id = bits.bits(4);
  bits.skip(8);
  const subLayers = bits.bits(3) + 1;
  bits.skip(17);
  skipProfileTierLevel(bits, subLayers);
  readOrdering(bits, subLayers);
  const maxLayerId = bits.bits(6);
  const layerSets = bits.ue();
  if (bits.overrun) return undefined;
  bits.skip(layerSets * (maxLayerId + 1));
  return { id, frameRate: bits.flag() ? readTiming(bits) : undefined };
}
