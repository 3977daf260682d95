import { ElementId } from './elements.js';
import { MatroskaError } from './errors.js';
import { readFloat, readString, readUnsigned, readUnsignedBig } from './values.js';
import { children } from './walk.js';

/** What a Segment declares about one track (RFC 9559 section 5.1.4). Absent members were not written. */
export interface MatroskaTrack {
  /** The number that blocks use. */
  number: number;
  /** Tells tracks of different files apart. */
  uid?: bigint;
  /** What it holds. */
  type: 'video' | 'audio' | 'other';
  /** Such as `V_MPEG4/ISO/AVC`. */
  codecId: string;
  /** What a decoder needs to know before the first frame. */
  codecPrivate?: Uint8Array;
  /** Its name, for people. */
  name?: string;
  /** Its language, as in ISO 639-2. */
  language?: string;
  /** Nanoseconds per frame. */
  defaultDuration?: number;
  /** Pixels of a picture. */
  video?: { width: number; height: number };
  /** Hertz, and how samples are stored. */
  audio?: { samplingFrequency: number; channels: number; bitDepth?: number };
}

const TRACK_TYPE_VIDEO = 1;
const TRACK_TYPE_AUDIO = 2;
/** More than any real file has; a small Tracks element could otherwise claim a million. */
const MAX_TRACKS = 1000;
/** Values of absent elements (RFC 9559 sections 5.1.4.1.29.1 and 5.1.4.1.29.3). */
const DEFAULT_SAMPLING_FREQUENCY = 8000;
const DEFAULT_CHANNELS = 1;

/**
 * Reads the content of a Tracks element. Throws MatroskaError when it is invalid or an entry has no
 * number. The codec private data are copies, so the content need not outlive the call.
 */
export function readTracks(content: Uint8Array): MatroskaTrack[] {
  const tracks: MatroskaTrack[] = [];
  for (const { id, data } of children(content)) {
    if (id !== ElementId.TrackEntry) continue;
    tracks.push(readTrackEntry(data));
    if (tracks.length > MAX_TRACKS) {
      throw new MatroskaError('INVALID_VALUE', `Tracks declares more than ${MAX_TRACKS} tracks`);
    }
  }
  return tracks;
}

function readTrackEntry(content: Uint8Array): MatroskaTrack {
  const track: MatroskaTrack = { number: 0, type: 'other', codecId: '' };
  for (const { id, data } of children(content)) {
    if (id === ElementId.TrackNumber) track.number = readUnsigned(data);
    else if (id === ElementId.TrackUID) track.uid = readUnsignedBig(data);
    else if (id === ElementId.TrackType) track.type = trackType(readUnsigned(data));
    else if (id === ElementId.CodecID) track.codecId = readString(data);
    else if (id === ElementId.CodecPrivate) track.codecPrivate = data.slice();
    else if (id === ElementId.Name) track.name = readString(data);
    else if (id === ElementId.Language) track.language = readString(data);
    else if (id === ElementId.DefaultDuration) track.defaultDuration = readUnsigned(data);
    else if (id === ElementId.Video) track.video = readVideo(data);
    else if (id === ElementId.Audio) track.audio = readAudio(data);
  }
  if (track.number === 0) {
    throw new MatroskaError('MISSING_ELEMENT', 'A TrackEntry has no TrackNumber above 0');
  }
  return track;
}

function trackType(value: number): MatroskaTrack['type'] {
  if (value === TRACK_TYPE_VIDEO) return 'video';
  return value === TRACK_TYPE_AUDIO ? 'audio' : 'other';
}

function readVideo(content: Uint8Array): NonNullable<MatroskaTrack['video']> {
  const video = { width: 0, height: 0 };
  for (const { id, data } of children(content)) {
    if (id === ElementId.PixelWidth) video.width = readUnsigned(data);
    else if (id === ElementId.PixelHeight) video.height = readUnsigned(data);
  }
  return video;
}

function readAudio(content: Uint8Array): NonNullable<MatroskaTrack['audio']> {
  const audio: NonNullable<MatroskaTrack['audio']> = {
    samplingFrequency: DEFAULT_SAMPLING_FREQUENCY,
    channels: DEFAULT_CHANNELS,
  };
  for (const { id, data } of children(content)) {
    if (id === ElementId.SamplingFrequency) audio.samplingFrequency = readFloat(data);
    else if (id === ElementId.Channels) audio.channels = readUnsigned(data);
    else if (id === ElementId.BitDepth) audio.bitDepth = readUnsigned(data);
  }
  return audio;
}
