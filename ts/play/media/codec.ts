/** What decoders of browsers want to know of a track. */
import { readAacConfig, readWaveFormat, WAVE_FORMAT } from '../../codec/audio-config.js';
import { aacCodecString, avcCodecString, hevcCodecString } from '../../mux/codec-string.js';
import type { MatroskaTrack } from '../../parser/index.js';

/** How a decoder is configured. */
export interface CodecConfig {
  /** As in the `codecs` parameter of a media type (RFC 6381), such as `avc1.64001f`. */
  readonly codec: string;
  /** The codec private data, where the decoder needs them apart from the frames. */
  readonly description?: Uint8Array<ArrayBuffer>;
}

/** The first byte of avcC and hvcC (ISO/IEC 14496-15 sections 5.3.3.1 and 8.3.3.1). */
const RECORD_VERSION = 1;

/** The configuration for a track; undefined for a codec that browsers do not play. */
export function codecConfig(track: MatroskaTrack): CodecConfig | undefined {
  const description = track.codecPrivate?.slice();
  switch (track.codecId) {
    case 'V_MPEG4/ISO/AVC':
      return description && h264(description);
    case 'V_MPEGH/ISO/HEVC':
      if (description?.[0] !== RECORD_VERSION) return undefined;
      return { codec: hevcCodecString(description), description };
    case 'V_VP8':
      return { codec: 'vp8' };
    case 'V_VP9':
      return { codec: 'vp09.00.10.08' };
    case 'A_AAC': {
      const aac = description && readAacConfig(description);
      return aac && { codec: aacCodecString(aac), description };
    }
    case 'A_MS/ACM':
      return description && g711(description);
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

/** An avcC record, or parameter sets behind start codes, as their frames are then as well. */
function h264(bytes: Uint8Array<ArrayBuffer>): CodecConfig | undefined {
  if (bytes[0] === RECORD_VERSION) return { codec: avcCodecString(bytes), description: bytes };
  const startCode = bytes.indexOf(1);
  if (startCode !== 2 && startCode !== 3) return undefined;
  // Of the record, the first four bytes are the version and what follows the type of the unit.
  return { codec: avcCodecString(bytes.subarray(startCode + 1)) };
}

function g711(bytes: Uint8Array): CodecConfig | undefined {
  const tag = readWaveFormat(bytes)?.formatTag;
  if (tag === WAVE_FORMAT.A_LAW) return { codec: 'alaw' };
  return tag === WAVE_FORMAT.MU_LAW ? { codec: 'ulaw' } : undefined;
}
