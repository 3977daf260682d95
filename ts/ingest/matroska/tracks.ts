/** Tracks of Matroska as Kinesis Video Streams names them: it is Matroska that it takes in. */
import { namesOf } from '../codecs.js';
import type { Candidate } from '../select-tracks.js';
import type { MediaTrack } from '../types.js';
import type { StoredTrack } from './demuxer.js';

/** The longest codec id that a stream can be described with. */
const MAX_CODEC_ID_LENGTH = 32;

/** A track of the file that can be chosen. */
export interface MatroskaCandidate extends Candidate {
  readonly track: StoredTrack;
}

/** Finds out whether a track can be sent. */
export function candidateOf(track: StoredTrack): MatroskaCandidate {
  const { codecId, type, storage } = track;
  let { obstacle } = storage;
  if (codecId.length === 0 || codecId.length > MAX_CODEC_ID_LENGTH) {
    obstacle = `codec ids of 1 to ${MAX_CODEC_ID_LENGTH} characters can be sent`;
  }
  return { track, trackType: type, codec: codecId, obstacle };
}

/** Describes a video or audio track. */
export function describeTrack(track: StoredTrack, trackId: number): MediaTrack {
  const { codecId, codecPrivate, name, video, audio } = track;
  const trackType = track.type === 'video' ? 'video' : 'audio';
  const details = { codecPrivateData: codecPrivate, bitDepth: audio?.bitDepth };
  return {
    trackId,
    trackType,
    codec: namesOf(codecId, trackType, details).codec,
    codecId,
    ...(name !== undefined && name !== '' && { trackName: name }),
    ...(codecPrivate !== undefined && { codecPrivateData: codecPrivate }),
    ...(video && { width: video.width, height: video.height }),
    ...(audio && { samplingFrequency: audio.samplingFrequency, channels: audio.channels }),
    ...(audio?.bitDepth !== undefined && { bitDepth: audio.bitDepth }),
  };
}
