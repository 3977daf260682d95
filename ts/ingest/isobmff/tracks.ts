/** Tracks of MP4 and MOV files as Kinesis Video Streams names them. */
import { codecByName } from '../../producer/codecs.js';
import type { Candidate } from '../select-tracks.js';
import type { MediaTrack } from '../types.js';
import type { IsoTrack } from './movie.js';

/** A track of the file that can be chosen. */
export interface IsoCandidate extends Candidate {
  readonly track: IsoTrack;
}

/** What is sent from MP4 and MOV, and how people call it. */
const SENT = new Map([
  ['h264', 'H.264'],
  ['h265', 'H.265'],
  ['vp8', 'VP8'],
  ['vp9', 'VP9'],
  ['av1', 'AV1'],
  ['mjpeg', 'M-JPEG'],
  ['aac', 'AAC'],
  ['opus', 'Opus'],
]);

/** Finds out whether a track can be sent. */
export function candidateOf(track: IsoTrack): IsoCandidate {
  const { entry, trackType, handler } = track;
  const candidate = { track, trackType, codec: entry?.codec ?? handler };
  if (entry === undefined) return candidate;
  if (entry.encrypted) {
    return { ...candidate, obstacle: 'it is encrypted, and the service does not decrypt it' };
  }
  if (SENT.has(entry.codec)) return candidate;
  const list = [...SENT.values()].join(', ');
  return { ...candidate, obstacle: `from MP4 and MOV files, ${list} can be sent` };
}

/** Describes a track that can be sent. */
export function describeTrack({ entry, trackType }: IsoTrack, trackId: number): MediaTrack {
  const codec = entry?.codec ?? '';
  const common = {
    trackId,
    codec,
    codecId: codecByName(codec)?.codecId ?? '',
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
