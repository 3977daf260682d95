/** Names of codecs: ours, Matroska's and the media types of the service. */
import { codecById, mediaTypeOf, type CodecDetails } from '../producer/codecs.js';
import type { MediaTrack } from './types.js';

/** How a codec is called in each place. */
export interface CodecNames {
  readonly codec: string;
  readonly codecId: string;
  readonly contentType: string;
}

/** The names of a Matroska codec id; an id that is not known keeps itself as its name. */
export function namesOf(
  codecId: string,
  trackType: MediaTrack['trackType'],
  details?: CodecDetails,
): CodecNames {
  // What stands behind a slash may be a profile, which changes no name.
  const known = codecById(codecId, details) ?? codecById(codecId.replace(/\/.*/, ''));
  const contentType = known?.mediaType ?? mediaTypeOf(codecId, trackType);
  return { codec: known?.codec ?? codecId.toLowerCase(), codecId, contentType };
}

/** The media type of a stream of these tracks, such as `video/h264,audio/aac`. */
export function contentTypeOf(tracks: readonly MediaTrack[]): string {
  return tracks
    .map((track) => namesOf(track.codecId, track.trackType, track).contentType)
    .join(',');
}
