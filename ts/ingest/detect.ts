/** Tells the format of media from its first bytes. */
import { isFirstBox } from './isobmff/box.js';
import type { MediaFormat } from './types.js';

/** What is known of the bytes: a format, the name of one that is not read, or nothing yet. */
export type Detection =
  | { readonly format: MediaFormat }
  | { readonly foreign: string; readonly remedy?: string }
  | undefined;

/** Enough for every magic number and for the first NAL units of a video stream. */
export const DETECTION_BYTES = 64 * 1024;
/** Magic numbers lie in here, except that of a transport stream. */
const MAGIC_BYTES = 12;
const TS_PACKET = 188;
const TS_SYNC = 0x47;
const MAX_LEADING_ZEROS = 64;

const EBML = 0x1a45dfa3;

const REMUX = 'convert it with: ffmpeg -i INPUT -c copy OUTPUT.mkv';

interface Foreign {
  readonly magic: string;
  readonly at: number;
  readonly name: string;
  readonly remedy?: string;
}

const FOREIGN: readonly Foreign[] = [
  { magic: 'AVI ', at: 8, name: 'an AVI file', remedy: REMUX },
  { magic: 'WAVE', at: 8, name: 'a WAV file' },
  { magic: 'FLV', at: 0, name: 'an FLV file', remedy: REMUX },
  { magic: 'OggS', at: 0, name: 'an Ogg file', remedy: REMUX },
  { magic: '\x00\x00\x01\xba', at: 0, name: 'an MPEG program stream', remedy: REMUX },
  { magic: '\x00\x00\x01\xb3', at: 0, name: 'MPEG-2 video' },
  { magic: '\x30\x26\xb2\x75', at: 0, name: 'a Windows Media file' },
  { magic: 'DKIF', at: 0, name: 'an IVF file', remedy: REMUX },
  { magic: 'ID3', at: 0, name: 'an MP3 file' },
  { magic: '\xff\xfb', at: 0, name: 'an MP3 file' },
  { magic: '#EXTM3U', at: 0, name: 'an HLS playlist' },
  { magic: '\xff\xd8\xff', at: 0, name: 'a JPEG image' },
  { magic: '\x89PNG', at: 0, name: 'a PNG image' },
  { magic: 'GIF8', at: 0, name: 'a GIF image' },
  { magic: '%PDF', at: 0, name: 'a PDF document' },
  { magic: 'PK\x03\x04', at: 0, name: 'a ZIP archive' },
  { magic: '\x1f\x8b', at: 0, name: 'a gzip archive' },
];

/**
 * Looks at `head`, the first bytes of a source. `whole` says that there are no more, or that this
 * is all that is looked at. Undefined when more bytes are needed, or, with `whole`, when the
 * format is unknown.
 */
export function detectFormat(head: Buffer, whole: boolean): Detection {
  if (head.length < MAGIC_BYTES && !whole) return undefined;
  const container = detectContainer(head);
  if (container !== undefined) return container;
  const foreign = FOREIGN.find(({ magic, at }) => {
    return head.toString('latin1', at, at + magic.length) === magic;
  });
  if (foreign !== undefined) {
    const { name, remedy } = foreign;
    return remedy === undefined ? { foreign: name } : { foreign: name, remedy };
  }
  if (isAdts(head)) return { format: 'aac' };
  return detectTransportStream(head) ?? detectAnnexB(head, whole);
}

function detectContainer(head: Buffer): Detection {
  if (head.length >= 4 && head.readUInt32BE(0) === EBML) {
    return { format: head.subarray(0, 64).includes('webm') ? 'webm' : 'mkv' };
  }
  const box = head.toString('latin1', 4, 8);
  if (!isFirstBox(box)) return undefined;
  const brand = head.toString('latin1', 8, 12);
  const quickTime = box === 'ftyp' ? brand === 'qt  ' : box === 'wide' || box === 'pnot';
  return { format: quickTime ? 'mov' : 'mp4' };
}

/** The fixed bits of an ADTS header: sync word, layer 0, and a sampling frequency that exists. */
function isAdts(head: Buffer): boolean {
  if (head.length < 7) return false;
  const [first, second, third] = head as unknown as [number, number, number];
  return first === 0xff && (second & 0xf6) === 0xf0 && ((third >> 2) & 15) < 13;
}

function detectTransportStream(head: Buffer): Detection {
  const isTransportStream =
    head[0] === TS_SYNC && head[TS_PACKET] === TS_SYNC && head.length > TS_PACKET;
  return isTransportStream ? { foreign: 'an MPEG-2 transport stream', remedy: REMUX } : undefined;
}

/** Goes through NAL units until one can only be H.264 or only be H.265. */
function detectAnnexB(head: Buffer, whole: boolean): Detection {
  let at = head.indexOf('\x00\x00\x01', 0, 'latin1');
  const lead = head.subarray(0, at < 0 ? head.length : at);
  if (lead.length > MAX_LEADING_ZEROS || lead.some((byte) => byte !== 0)) return undefined;
  let candidate: Detection;
  while (at >= 0 && at + 5 <= head.length) {
    const h264 = couldBeH264(head[at + 3] as number);
    const h265 = couldBeH265(head[at + 3] as number, head[at + 4] as number);
    if (!h264 && !h265 && candidate === undefined) return undefined;
    if (h264 !== h265) return { format: h264 ? 'h264' : 'h265' };
    candidate ??= { format: 'h264' };
    at = head.indexOf('\x00\x00\x01', at + 3, 'latin1');
  }
  return whole ? candidate : undefined;
}

/** nal_unit_type and nal_ref_idc of ITU-T H.264 clause 7.4.1 agree. */
function couldBeH264(first: number): boolean {
  const type = first & 31;
  const referenced = (first & 0x60) !== 0;
  if ((first & 0x80) !== 0) return false;
  if (type === 5 || type === 7 || type === 8) return referenced;
  if (type === 6 || (type >= 9 && type <= 12)) return !referenced;
  return type === 1 || type === 14 || type === 15 || type === 19 || type === 20;
}

/** A base layer NAL unit of a type that ITU-T H.265 Table 7-1 defines. */
function couldBeH265(first: number, second: number): boolean {
  const type = (first >> 1) & 63;
  const baseLayer = (first & 0x81) === 0 && second >> 3 === 0;
  const temporalIdPlus1 = second & 7;
  const defined = type <= 9 || (type >= 16 && type <= 21) || (type >= 32 && type <= 40);
  return baseLayer && temporalIdPlus1 > 0 && defined;
}
