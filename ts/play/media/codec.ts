/** What decoders of browsers want to know of a track. */
import type { MatroskaTrack } from '../../parser/index.js';

/** How a decoder is configured. */
export interface CodecConfig {
  /** As in the `codecs` parameter of a media type (RFC 6381), such as `avc1.64001f`. */
  readonly codec: string;
  /** The codec private data, where the decoder needs them apart from the frames. */
  readonly description?: Uint8Array<ArrayBuffer>;
}

const START_CODE = 1;

/** The configuration for a track; undefined for a codec that browsers do not play. */
export function codecConfig(track: MatroskaTrack): CodecConfig | undefined {
  const description = track.codecPrivate?.slice();
  switch (track.codecId) {
    case 'V_MPEG4/ISO/AVC':
      return description && h264(description);
    case 'V_MPEGH/ISO/HEVC':
      return description && h265(description);
    case 'V_VP8':
      return { codec: 'vp8' };
    case 'V_VP9':
      return { codec: 'vp09.00.10.08' };
    case 'A_AAC':
      return description && { codec: `mp4a.40.${aacObjectType(description)}`, description };
    case 'A_OPUS':
      return { codec: 'opus', ...(description && { description }) };
    default:
      return undefined;
  }
}

/** A name for people, such as H.264. */
export function codecName(codecId: string): string {
  const names: Readonly<Record<string, string>> = {
    'V_MPEG4/ISO/AVC': 'H.264',
    'V_MPEGH/ISO/HEVC': 'H.265',
    A_AAC: 'AAC',
    A_OPUS: 'Opus',
    'A_MS/ACM': 'G.711',
  };
  return names[codecId] ?? codecId.replace(/^[VA]_/, '');
}

/** ISO/IEC 14496-15 section 5.3.3.1, or a sequence parameter set behind a start code. */
function h264(bytes: Uint8Array<ArrayBuffer>): CodecConfig | undefined {
  const startCode = bytes.indexOf(START_CODE);
  const isAnnexB = bytes[0] === 0 && (startCode === 2 || startCode === 3);
  // Profile, constraints and level follow the type of the unit, or the version of the record.
  const at = isAnnexB ? startCode + 2 : 1;
  if (bytes.length < at + 3) return undefined;
  const codec = `avc1.${Array.from(bytes.subarray(at, at + 3), hexByte).join('')}`;
  return isAnnexB ? { codec } : { codec, description: bytes };
}

/** ISO/IEC 14496-15 section 8.3.3.1 and annex E.3. */
function h265(bytes: Uint8Array<ArrayBuffer>): CodecConfig | undefined {
  if (bytes[0] !== 1 || bytes.length < 13) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const first = view.getUint8(1);
  const space = ['', 'A', 'B', 'C'][first >> 6] ?? '';
  const compatibility = reverseBits(view.getUint32(2)).toString(16);
  const tier = (first & 0x20) === 0 ? 'L' : 'H';
  const constraints = Array.from(bytes.subarray(6, 12), (byte) => byte.toString(16).toUpperCase());
  while (constraints.at(-1) === '0') constraints.pop();
  const parts = [`${space}${first & 0x1f}`, compatibility, `${tier}${view.getUint8(12)}`];
  return { codec: ['hvc1', ...parts, ...constraints].join('.'), description: bytes };
}

function aacObjectType(bytes: Uint8Array): number {
  return (bytes[0] ?? 0x10) >> 3 || 2;
}

function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

function reverseBits(word: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 32; bit += 1) reversed = reversed * 2 + ((word >>> bit) & 1);
  return reversed;
}
