/** Names of codecs: ours, Matroska's and the media types of the service. */
import type { MediaTrack } from './types.js';

/** How a codec is called in each place. */
export interface CodecNames {
  readonly codec: string;
  readonly codecId: string;
  readonly contentType: string;
}

/** Codecs by the beginning of their Matroska codec id. */
const CODECS: readonly CodecNames[] = [
  { codec: 'h264', codecId: 'V_MPEG4/ISO/AVC', contentType: 'video/h264' },
  { codec: 'h264', codecId: 'V_MPEG/ISO/AVC', contentType: 'video/h264' },
  { codec: 'h265', codecId: 'V_MPEGH/ISO/HEVC', contentType: 'video/h265' },
  { codec: 'h265', codecId: 'V_MPEG/ISO/HEVC', contentType: 'video/h265' },
  { codec: 'vp8', codecId: 'V_VP8', contentType: 'video/vp8' },
  { codec: 'vp9', codecId: 'V_VP9', contentType: 'video/vp9' },
  { codec: 'av1', codecId: 'V_AV1', contentType: 'video/av1' },
  { codec: 'aac', codecId: 'A_AAC', contentType: 'audio/aac' },
  { codec: 'opus', codecId: 'A_OPUS', contentType: 'audio/opus' },
  { codec: 'vorbis', codecId: 'A_VORBIS', contentType: 'audio/vorbis' },
  { codec: 'mp3', codecId: 'A_MPEG/L3', contentType: 'audio/mpeg' },
  { codec: 'flac', codecId: 'A_FLAC', contentType: 'audio/flac' },
  { codec: 'pcm', codecId: 'A_PCM', contentType: 'audio/x-matroska' },
];

const ACM_CODEC_ID = 'A_MS/ACM';
/** Format tags at the start of a WAVEFORMATEX. */
const ACM_FORMATS: ReadonlyMap<number, string> = new Map([
  [6, 'alaw'],
  [7, 'mulaw'],
]);

/** The names of a Matroska codec id; an id that is not known keeps itself as its name. */
export function namesOf(
  codecId: string,
  trackType: MediaTrack['trackType'],
  codecPrivateData?: Uint8Array,
): CodecNames {
  if (codecId === ACM_CODEC_ID) {
    const [low = 0, high = 0] = codecPrivateData ?? [];
    const codec = ACM_FORMATS.get(low | (high << 8));
    if (codec !== undefined) return { codec, codecId, contentType: `audio/${codec}` };
  }
  const known = CODECS.find((names) => {
    return codecId === names.codecId || codecId.startsWith(`${names.codecId}/`);
  });
  if (known !== undefined) return { ...known, codecId };
  return { codec: codecId.toLowerCase(), codecId, contentType: `${trackType}/x-matroska` };
}

/** The media type of a stream of these tracks, such as `video/h264,audio/aac`. */
export function contentTypeOf(tracks: readonly MediaTrack[]): string {
  return tracks
    .map((track) => namesOf(track.codecId, track.trackType, track.codecPrivateData).contentType)
    .join(',');
}
