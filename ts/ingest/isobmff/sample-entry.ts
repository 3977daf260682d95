/** How the samples of a track are coded (ISO/IEC 14496-12 clause 8.5.2, 14496-14, 14496-15). */
import { childBoxes, findBox, fullBox } from './box.js';
import { readElementaryStreamDescriptor } from './esds.js';

/** What a sample entry tells. */
export interface SampleEntry {
  /** `h264`, `h265`, `aac`, …, or the type of the entry when it is none of them. */
  readonly codec: string;
  /** avcC, hvcC, av1C, AudioSpecificConfig or OpusHead. */
  readonly codecPrivateData?: Uint8Array;
  readonly encrypted: boolean;
  readonly width?: number;
  readonly height?: number;
  readonly samplingFrequency?: number;
  readonly channels?: number;
}

/** Bytes of a SampleEntry, and of the video and audio kinds of it, before the boxes in it. */
const VISUAL_BYTES = 78;
const AUDIO_BYTES = 28;
/** What QuickTime adds to it in versions 1 and 2 of its sound description. */
const QUICKTIME_EXTRA: Readonly<Record<number, number>> = { 1: 16, 2: 36 };

const VIDEO_CODECS: Readonly<Record<string, readonly [codec: string, configuration: string]>> = {
  avc1: ['h264', 'avcC'],
  avc3: ['h264', 'avcC'],
  hvc1: ['h265', 'hvcC'],
  hev1: ['h265', 'hvcC'],
  av01: ['av1', 'av1C'],
  // What vpcC says is in every key frame.
  vp08: ['vp8', ''],
  vp09: ['vp9', ''],
  jpeg: ['mjpeg', ''],
};

/** Names of codecs that cannot be sent, by the entries they are known by. */
const OTHER_CODECS: Readonly<Record<string, string>> = {
  apch: 'ProRes',
  apcn: 'ProRes',
  apcs: 'ProRes',
  apco: 'ProRes',
  ap4h: 'ProRes',
  ap4x: 'ProRes',
  mp4v: 'MPEG-4 Visual',
  dvh1: 'Dolby Vision',
  dvhe: 'Dolby Vision',
  sowt: 'PCM',
  twos: 'PCM',
  lpcm: 'PCM',
  ipcm: 'PCM',
  ulaw: 'G.711 µ-law',
  alaw: 'G.711 A-law',
  'ac-3': 'AC-3',
  'ec-3': 'E-AC-3',
  fLaC: 'FLAC',
};

/** Reads the first entry of an stsd box. Throws BoxError or RangeError when it is damaged. */
export function readSampleEntry(stsd: Buffer, trackType: 'video' | 'audio'): SampleEntry {
  const { version, data } = fullBox(stsd);
  const [entry] = childBoxes(data.subarray(4));
  if (entry === undefined) return { codec: 'nothing', encrypted: false };
  return trackType === 'video'
    ? readVideoEntry(entry.type, entry.data)
    : readAudioEntry(entry.type, entry.data, version);
}

function readVideoEntry(type: string, data: Buffer): SampleEntry {
  const boxes = data.subarray(VISUAL_BYTES);
  const original = type === 'encv' ? originalFormat(boxes) : type;
  const [codec, configuration] = VIDEO_CODECS[original] ?? [nameOf(original), ''];
  const record = findBox(boxes, configuration);
  return {
    codec,
    encrypted: type === 'encv',
    width: data.readUInt16BE(24),
    height: data.readUInt16BE(26),
    ...(record !== undefined && record.length > 0 && { codecPrivateData: copy(record) }),
  };
}

function readAudioEntry(type: string, data: Buffer, stsdVersion: number): SampleEntry {
  // In version 1 of the box, a version of the entry is no longer that of QuickTime.
  const version = stsdVersion === 0 ? data.readUInt16BE(8) : 0;
  const boxes = data.subarray(AUDIO_BYTES + (QUICKTIME_EXTRA[version] ?? 0));
  const original = type === 'enca' ? originalFormat(boxes) : type;
  const common = {
    encrypted: type === 'enca',
    channels: data.readUInt16BE(16),
    samplingFrequency: data.readUInt32BE(24) / 65_536,
  };
  const opus = original === 'Opus' ? findBox(boxes, 'dOps') : undefined;
  if (opus !== undefined) return { ...common, codec: 'opus', codecPrivateData: opusHead(opus) };
  if (original !== 'mp4a') return { ...common, codec: nameOf(original) };
  const wave = findBox(boxes, 'wave');
  const esds = findBox(boxes, 'esds') ?? (wave && findBox(wave, 'esds'));
  return {
    ...common,
    ...(esds ? readElementaryStreamDescriptor(fullBox(esds).data) : { codec: 'mp4a' }),
  };
}

/** OpusHead (RFC 7845 section 5.1) has the fields of dOps, the other way round. */
function opusHead(dOps: Buffer): Uint8Array {
  const head = Buffer.concat([Buffer.from('OpusHead'), dOps]);
  head.writeUInt8(1, 8);
  head.writeUInt16LE(dOps.readUInt16BE(2), 10);
  head.writeUInt32LE(dOps.readUInt32BE(4), 12);
  head.writeInt16LE(dOps.readInt16BE(8), 16);
  return new Uint8Array(head);
}

function nameOf(type: string): string {
  return OTHER_CODECS[type] ?? type.trim();
}

/** The type that an encrypted entry had (clause 8.12.2). */
function originalFormat(boxes: Buffer): string {
  const sinf = findBox(boxes, 'sinf');
  return (sinf && findBox(sinf, 'frma'))?.toString('latin1', 0, 4) ?? 'unknown';
}

/** So that the file's whole index is not kept for a few bytes. */
function copy(bytes: Buffer): Uint8Array {
  return new Uint8Array(bytes);
}
