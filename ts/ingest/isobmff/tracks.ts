/** Tracks of MP4 and MOV files as Kinesis Video Streams names them. */
import type { Candidate } from '../select-tracks.js';
import type { MediaTrack } from '../types.js';
import type { IsoTrack } from './movie.js';

/** A track of the file that can be chosen. */
export interface IsoCandidate extends Candidate {
  readonly track: IsoTrack;
}

/** What is sent from MP4 and MOV, with the codec ids of Matroska. */
const CODEC_IDS: Readonly<Record<string, string>> = {
  h264: 'V_MPEG4/ISO/AVC',
  h265: 'V_MPEGH/ISO/HEVC',
  aac: 'A_AAC',
};

/** Finds out whether a track can be sent. */
export function candidateOf(track: IsoTrack): IsoCandidate {
  const { entry, trackType, handler } = track;
  const candidate = { track, trackType, codec: entry?.codec ?? handler };
  if (entry === undefined) return candidate;
  if (entry.encrypted) {
    return { ...candidate, obstacle: 'it is encrypted, and the service does not decrypt it' };
  }
  if (CODEC_IDS[entry.codec] !== undefined) return candidate;
  return { ...candidate, obstacle: 'from MP4 and MOV files, H.264, H.265 and AAC can be sent' };
}

/** Describes a track that can be sent. */
export function describeTrack({ entry, trackType }: IsoTrack, trackId: number): MediaTrack {
  const codec = entry?.codec ?? '';
  const common = {
    trackId,
    codec,
    codecId: CODEC_IDS[codec] ?? '',
    ...(entry?.codecPrivateData && { codecPrivateData: entry.codecPrivateData }),
  };
  if (trackType === 'video') {
    const { width, height } = entry ?? {};
    return {
      ...common,
      trackType: 'video',
      ...(width !== undefined && { width }),
      ...(height !== undefined && { height }),
    };
  }
  const { samplingFrequency, channels } = entry ?? {};
  return {
    ...common,
    trackType: 'audio',
    ...(samplingFrequency !== undefined && { samplingFrequency }),
    ...(channels !== undefined && { channels }),
  };
}
