/** The codecs that the service's own terms name, and what follows from each. */

/** What is known about a codec. */
export interface CodecInfo {
  readonly trackType: 'video' | 'audio';
  /** The Matroska codec id. */
  readonly codecId: string;
  readonly mediaType: string;
}

const CODECS = new Map<string, CodecInfo>([
  ['h264', { trackType: 'video', codecId: 'V_MPEG4/ISO/AVC', mediaType: 'video/h264' }],
  ['h265', { trackType: 'video', codecId: 'V_MPEGH/ISO/HEVC', mediaType: 'video/h265' }],
  ['aac', { trackType: 'audio', codecId: 'A_AAC', mediaType: 'audio/aac' }],
  ['alaw', { trackType: 'audio', codecId: 'A_MS/ACM', mediaType: 'audio/alaw' }],
  ['mulaw', { trackType: 'audio', codecId: 'A_MS/ACM', mediaType: 'audio/mulaw' }],
]);

/** Names of the codecs that need no codec id. */
export const CODEC_NAMES: readonly string[] = [...CODECS.keys()];

/** The codec of that name, such as `h264`. */
export function codecByName(name: string): CodecInfo | undefined {
  return CODECS.get(name);
}

/** The media type of a track with this codec id, as the service's MediaType wants it. */
export function mediaTypeOf(codecId: string, trackType: 'video' | 'audio'): string {
  for (const codec of CODECS.values()) {
    if (codec.codecId === codecId && codec.codecId !== 'A_MS/ACM') return codec.mediaType;
  }
  return `${trackType}/x-matroska`;
}
