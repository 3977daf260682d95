/** Sequence and picture parameter sets of H.264 (ITU-T H.264 clauses 7.3.2.1 and 7.3.2.2). */
import { BitReader, unescapeNal } from './bit-reader.js';
import { frameRateOf, skipVuiHead } from './vui.js';

/** What the rest of this folder needs of a sequence parameter set. */
export interface H264Sps {
  readonly id: number;
  readonly separateColourPlanes: boolean;
  readonly frameNumBits: number;
  readonly pocType: number;
  readonly pocLsbBits: number;
  readonly deltaPocAlwaysZero: boolean;
  readonly offsetForNonRefPic: number;
  readonly offsetForTopToBottomField: number;
  readonly offsetsForRefFrame: readonly number[];
  readonly frameMbsOnly: boolean;
  /** Pixels, after cropping. */
  readonly width: number;
  readonly height: number;
  /** Frames a second, when the stream tells. */
  readonly frameRate: number | undefined;
  /** How many pictures can precede a picture in decoding and follow it in output, when it is told. */
  readonly reorderDepth: number | undefined;
  /** What the decoded picture buffer holds at this level and size: no reordering goes beyond. */
  readonly maxReorderDepth: number;
}

/** What the rest of this folder needs of a picture parameter set. */
export interface H264Pps {
  readonly id: number;
  readonly spsId: number;
  readonly bottomFieldPocInFrame: boolean;
  readonly redundantPicCountPresent: boolean;
}

const MAX_SPS_ID = 31;
const MAX_PPS_ID = 255;
const MAX_DPB_FRAMES = 16;
const BASELINE = 66;
/** Profiles whose SPS tells the chroma format (clause 7.3.2.1.1). */
const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);
/** Profiles that constraint_set3_flag narrows to intra coding (clause E.2.1). */
const INTRA_PROFILES = new Set([44, 86, 100, 110, 122, 244]);

/** MaxDpbMbs by level_idc (Table A-1). */
const MAX_DPB_MACROBLOCKS: readonly (readonly [level: number, macroblocks: number])[] = [
  [10, 396],
  [11, 900],
  [20, 2376],
  [21, 4752],
  [30, 8100],
  [31, 18_000],
  [32, 20_480],
  [41, 32_768],
  [42, 34_816],
  [50, 110_400],
  [52, 184_320],
];
const MAX_DPB_MACROBLOCKS_LEVEL_6 = 696_320;

function maxDpbFrames(level: number, macroblocks: number): number {
  const row = MAX_DPB_MACROBLOCKS.find(([limit]) => level <= limit);
  const available = row?.[1] ?? MAX_DPB_MACROBLOCKS_LEVEL_6;
  return Math.max(1, Math.min(MAX_DPB_FRAMES, Math.floor(available / macroblocks)));
}

function skipScalingList(bits: BitReader, size: number): void {
  let last = 8;
  for (let index = 0; index < size && !bits.overrun; index += 1) {
    const next = (last + bits.se() + 256) % 256;
    if (next === 0) return;
    last = next;
  }
}

/** Reads chroma format to scaling matrices; returns chroma_format_idc and the plane flag. */
function readChroma(bits: BitReader): { chroma: number; separateColourPlanes: boolean } {
  const chroma = bits.ue();
  const separateColourPlanes = chroma === 3 && bits.flag();
  bits.ue();
  bits.ue();
  bits.skip(1);
  if (bits.flag()) {
    const lists = chroma === 3 ? 12 : 8;
    for (let list = 0; list < lists; list += 1) {
      if (bits.flag()) skipScalingList(bits, list < 6 ? 16 : 64);
    }
  }
  return { chroma, separateColourPlanes };
}

type PocFields = Pick<
  H264Sps,
  | 'pocType'
  | 'pocLsbBits'
  | 'deltaPocAlwaysZero'
  | 'offsetForNonRefPic'
  | 'offsetForTopToBottomField'
  | 'offsetsForRefFrame'
>;

function readPocFields(bits: BitReader): PocFields {
  const fields = {
    pocType: bits.ue(),
    pocLsbBits: 0,
    deltaPocAlwaysZero: false,
    offsetForNonRefPic: 0,
    offsetForTopToBottomField: 0,
    offsetsForRefFrame: [] as number[],
  };
  if (fields.pocType === 0) {
    fields.pocLsbBits = bits.ue() + 4;
  } else if (fields.pocType === 1) {
    fields.deltaPocAlwaysZero = bits.flag();
    fields.offsetForNonRefPic = bits.se();
    fields.offsetForTopToBottomField = bits.se();
    const count = bits.ue();
    for (let index = 0; index < count && index < 255; index += 1) {
      fields.offsetsForRefFrame.push(bits.se());
    }
  }
  return fields;
}

function skipHrd(bits: BitReader): void {
  const count = bits.ue() + 1;
  bits.skip(8);
  for (let index = 0; index < count && !bits.overrun; index += 1) {
    bits.ue();
    bits.ue();
    bits.skip(1);
  }
  bits.skip(20);
}

/** Reads the VUI (clause E.1.1) for the frame rate and max_num_reorder_frames. */
function readVui(bits: BitReader): { frameRate?: number | undefined; reorderDepth?: number } {
  skipVuiHead(bits);
  let frameRate: number | undefined;
  if (bits.flag()) {
    const unitsInTick = bits.bits(32);
    const timeScale = bits.bits(32);
    bits.skip(1);
    // A tick is the time of a field: two make a frame.
    if (!bits.overrun) frameRate = frameRateOf(timeScale, unitsInTick * 2);
  }
  const nalHrd = bits.flag();
  if (nalHrd) skipHrd(bits);
  const vclHrd = bits.flag();
  if (vclHrd) skipHrd(bits);
  if (nalHrd || vclHrd) bits.skip(1);
  bits.skip(1);
  if (!bits.flag()) return { frameRate };
  bits.skip(1);
  for (let skipped = 0; skipped < 4; skipped += 1) bits.ue();
  const reorderDepth = bits.ue();
  // What is cut off or absurd says nothing about reordering; the rest of the SPS still counts.
  return bits.overrun || reorderDepth > MAX_DPB_FRAMES
    ? { frameRate }
    : { frameRate, reorderDepth };
}

/** Reads an SPS; `nal` begins with its header byte. Undefined when it is damaged. */
export function parseH264Sps(nal: Uint8Array): H264Sps | undefined {
  const bits = new BitReader(unescapeNal(nal.subarray(1)));
  const profile = bits.bits(8);
  const constraints = bits.bits(8);
  const level = bits.bits(8);
  const id = bits.ue();
  const { chroma, separateColourPlanes } = HIGH_PROFILES.has(profile)
    ? readChroma(bits)
    : { chroma: 1, separateColourPlanes: false };
  const frameNumBits = bits.ue() + 4;
  const poc = readPocFields(bits);
  bits.ue();
  bits.skip(1);
  const columns = bits.ue() + 1;
  const mapRows = bits.ue() + 1;
  const frameMbsOnly = bits.flag();
  if (!frameMbsOnly) bits.skip(1);
  bits.skip(1);
  const crop = bits.flag() ? [bits.ue(), bits.ue(), bits.ue(), bits.ue()] : [0, 0, 0, 0];
  const [left, right, top, bottom] = crop as [number, number, number, number];
  if (bits.overrun || id > MAX_SPS_ID || frameNumBits > 16 || poc.pocLsbBits > 16) return undefined;

  const rows = mapRows * (frameMbsOnly ? 1 : 2);
  const cropX = chroma === 1 || chroma === 2 ? 2 : 1;
  const cropY = (chroma === 1 ? 2 : 1) * (frameMbsOnly ? 1 : 2);
  const width = columns * 16 - (left + right) * cropX;
  const height = rows * 16 - (top + bottom) * cropY;
  if (width <= 0 || height <= 0 || poc.pocType > 2) return undefined;

  const vui = bits.flag() ? readVui(bits) : {};
  const intraOnly = INTRA_PROFILES.has(profile) && (constraints & 0x10) !== 0;
  // Without a statement by the stream: no reordering where the syntax rules it out, or, for
  // Baseline, where no encoder does it since there are no B slices.
  const inOrder = poc.pocType === 2 || profile === BASELINE || intraOnly;
  return {
    id,
    separateColourPlanes,
    frameNumBits,
    ...poc,
    frameMbsOnly,
    width,
    height,
    frameRate: vui.frameRate,
    reorderDepth: vui.reorderDepth ?? (inOrder ? 0 : undefined),
    maxReorderDepth: maxDpbFrames(level, columns * rows),
  };
}

function skipSliceGroups(bits: BitReader, groups: number): void {
  const type = bits.ue();
  if (type === 0) {
    for (let group = 0; group < groups; group += 1) bits.ue();
  } else if (type === 2) {
    for (let group = 1; group < groups; group += 1) {
      bits.ue();
      bits.ue();
    }
  } else if (type >= 3 && type <= 5) {
    bits.skip(1);
    bits.ue();
  } else if (type === 6) {
    const width = Math.ceil(Math.log2(groups));
    bits.skip((bits.ue() + 1) * width);
  }
}

/** Reads a PPS; `nal` begins with its header byte. Undefined when it is damaged. */
export function parseH264Pps(nal: Uint8Array): H264Pps | undefined {
  const bits = new BitReader(unescapeNal(nal.subarray(1)));
  const id = bits.ue();
  const spsId = bits.ue();
  bits.skip(1);
  const bottomFieldPocInFrame = bits.flag();
  const groups = bits.ue() + 1;
  if (groups > 8) return undefined;
  if (groups > 1) skipSliceGroups(bits, groups);
  bits.ue();
  bits.ue();
  bits.skip(3);
  bits.se();
  bits.se();
  bits.se();
  bits.skip(2);
  const redundantPicCountPresent = bits.flag();
  if (bits.overrun || id > MAX_PPS_ID || spsId > MAX_SPS_ID) return undefined;
  return { id, spsId, bottomFieldPocInFrame, redundantPicCountPresent };
}
