/** The codecs that have a name, and what follows from each. */

/** Kinds of tracks; `other` for what is neither seen nor heard, such as readings of sensors. */
export type TrackType = 'video' | 'audio' | 'other';

/** What is known about a codec. */
export interface CodecInfo {
  readonly trackType: TrackType;
  /** The Matroska codec id. */
  readonly codecId: string;
  readonly mediaType: string;
  /** Bits of a sample, where the name tells them. */
  readonly bitDepth?: number;
  /** What the codec private data begins with, and all of it that the core needs to make the rest. */
  readonly formatTag?: Uint8Array;
}

function video(codecId: string, mediaType: string): CodecInfo {
  return { trackType: 'video', codecId, mediaType };
}

function audio(codecId: string, mediaType: string): CodecInfo {
  return { trackType: 'audio', codecId, mediaType };
}

/** G.711 is stored as Windows does, and told apart by the format tag of a WAVEFORMATEX. */
function g711(formatTag: number, mediaType: string): CodecInfo {
  return { ...audio('A_MS/ACM', mediaType), formatTag: Uint8Array.of(formatTag, 0) };
}

function pcm(codecId: string, bitDepth: number): CodecInfo {
  return { ...audio(codecId, 'audio/x-matroska'), bitDepth };
}

const H265 = video('V_MPEGH/ISO/HEVC', 'video/h265');
const A_LAW = g711(6, 'audio/alaw');
const MU_LAW = g711(7, 'audio/mulaw');

const CODECS = new Map<string, CodecInfo>([
  ['h264', video('V_MPEG4/ISO/AVC', 'video/h264')],
  ['h265', H265],
  ['hevc', H265],
  ['mjpeg', video('V_MJPEG', 'video/x-motion-jpeg')],
  ['vp8', video('V_VP8', 'video/vp8')],
  ['vp9', video('V_VP9', 'video/vp9')],
  ['av1', video('V_AV1', 'video/av1')],
  ['aac', audio('A_AAC', 'audio/aac')],
  ['alaw', A_LAW],
  ['mulaw', MU_LAW],
  ['opus', audio('A_OPUS', 'audio/opus')],
  ['vorbis', audio('A_VORBIS', 'audio/vorbis')],
  ['mp3', audio('A_MPEG/L3', 'audio/mpeg')],
  ['flac', audio('A_FLAC', 'audio/flac')],
  ['pcm_alaw', A_LAW],
  ['pcm_mulaw', MU_LAW],
  ['pcm_u8', pcm('A_PCM/INT/LIT', 8)],
  ['pcm_s16le', pcm('A_PCM/INT/LIT', 16)],
  ['pcm_s24le', pcm('A_PCM/INT/LIT', 24)],
  ['pcm_s32le', pcm('A_PCM/INT/LIT', 32)],
  ['pcm_s16be', pcm('A_PCM/INT/BIG', 16)],
  ['pcm_s24be', pcm('A_PCM/INT/BIG', 24)],
  ['pcm_s32be', pcm('A_PCM/INT/BIG', 32)],
  ['pcm_f32le', pcm('A_PCM/FLOAT/IEEE', 32)],
  ['pcm_f64le', pcm('A_PCM/FLOAT/IEEE', 64)],
]);

/** Other spellings of codec ids: those of the service's guide, and of files of old. */
const OTHER_IDS: Readonly<Record<string, string>> = {
  'V_MPEG/ISO/AVC': 'V_MPEG4/ISO/AVC',
  'V_MPEG/ISO/HEVC': 'V_MPEGH/ISO/HEVC',
  'A_AAC/MPEG4/MAIN': 'A_AAC',
  'A_AAC/MPEG4/LC': 'A_AAC',
};

/** Names of the codecs that need no codec id. */
export const CODEC_NAMES: readonly string[] = [...CODECS.keys()];

/** The codec of that name, such as `h264`. */
export function codecByName(name: string): CodecInfo | undefined {
  return CODECS.get(name);
}

/** What a codec id may leave open. */
export interface CodecDetails {
  readonly codecPrivateData?: Uint8Array | undefined;
  readonly bitDepth?: number | undefined;
}

/** The first name, and what is known, of the codec with this codec id; undefined for others. */
export function codecById(
  codecId: string,
  { codecPrivateData, bitDepth }: CodecDetails = {},
): (CodecInfo & { readonly codec: string }) | undefined {
  const id = OTHER_IDS[codecId] ?? codecId;
  for (const [codec, info] of CODECS) {
    const { formatTag = [] } = info;
    if (info.codecId !== id) continue;
    if (info.bitDepth !== undefined && info.bitDepth !== bitDepth) continue;
    if (formatTag.every((byte, index) => byte === codecPrivateData?.[index])) {
      return { ...info, codec };
    }
  }
  return undefined;
}

/** The media type of a track with this codec id, as the service's MediaType wants it. */
export function mediaTypeOf(codecId: string, trackType: TrackType, details?: CodecDetails): string {
  const kind = trackType === 'other' ? 'application' : trackType;
  return codecById(codecId, details)?.mediaType ?? `${kind}/x-matroska`;
}
