/** Which tracks can be played in which way (guide: "Video playback track requirements"). */
import {
  describeTrack,
  muxCodecOf,
  MuxError,
  requireTransportable,
  type FragmentHeader,
  type MuxTrack,
} from '../../mux/index.js';
import { MatroskaError, type MatroskaTrack } from '../../parser/index.js';
import { ServiceException, type ExceptionType } from '../exceptions.js';

/** A way to play media. */
export type PlaybackFormat = 'HLS fMP4' | 'HLS MPEG-TS' | 'DASH' | 'clip';

/** Codecs of the tracks 1 and 2, joined with `+`, by format. */
const PLAYABLE: Readonly<Record<PlaybackFormat, readonly string[]>> = {
  'HLS fMP4': ['h264', 'h264+aac', 'h265', 'h265+aac', 'aac'],
  'HLS MPEG-TS': ['h264', 'h264+aac', 'aac'],
  DASH: ['h264', 'h264+aac', 'h264+alaw', 'h264+mulaw', 'h265', 'h265+aac', 'aac'],
  clip: ['h264', 'h264+aac', 'h264+alaw', 'h265', 'h265+aac'],
};

const EXCEPTIONS: Readonly<Record<MuxError['code'], ExceptionType>> = {
  UNSUPPORTED_CODEC: 'UnsupportedStreamMediaTypeException',
  MISSING_CODEC_PRIVATE_DATA: 'MissingCodecPrivateDataException',
  INVALID_CODEC_PRIVATE_DATA: 'InvalidCodecPrivateDataException',
  INVALID_FRAME: 'InvalidMediaFrameException',
};

/**
 * The tracks of a fragment, for packaging them in `format`. Throws ServiceException when the
 * format does not take their codecs or their codec private data are missing or invalid.
 */
export function playableTracks(header: FragmentHeader, format: PlaybackFormat): MuxTrack[] {
  const tracks = [...header.tracks].sort((a, b) => a.number - b.number);
  // Without its private data the codec of G.711 cannot be told, so they are asked for first.
  const described = asServiceException(() =>
    tracks.map((track) => describeTrack(track, header.timestampScale)),
  );
  const codecs = described.map(({ codec }) => codec).join('+');
  const numbers = tracks.map(({ number }) => number);
  if (PLAYABLE[format].includes(codecs) && numbers.every((number, at) => number === at + 1)) {
    if (format === 'HLS MPEG-TS') {
      asServiceException(() => {
        described.forEach(requireTransportable);
      });
    }
    return described;
  }
  throw new ServiceException(
    'UnsupportedStreamMediaTypeException',
    `Tracks of ${tracks.map(describe).join(' and ')} cannot be played as ${format}; what can be: ${PLAYABLE[format].join(', ')}, with the track numbers 1 and 2.`,
  );
}

/** Turns what the readers and writers of media throw into the exceptions of the service. */
export function asServiceException<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw translated(error);
  }
}

/** The exception of the service that tells of `error`, when it is one of media. */
export function translated(error: unknown): unknown {
  if (error instanceof MuxError) return new ServiceException(EXCEPTIONS[error.code], error.message);
  if (error instanceof MatroskaError) {
    return new ServiceException('InvalidMediaFrameException', error.message);
  }
  return error;
}

/** What tracks are compared by: a change is one of these. */
export function trackLayout(header: FragmentHeader): string {
  return header.tracks.map((track) => `${track.number}:${codecOf(track)}`).join(' ');
}

/** Whether two fragments have the same codec private data, and hence the same init segment. */
export function sameCodecPrivateData(a: FragmentHeader, b: FragmentHeader): boolean {
  if (a.timestampScale !== b.timestampScale || a.tracks.length !== b.tracks.length) return false;
  return a.tracks.every((track, index) => {
    const other = b.tracks[index];
    return (
      other?.number === track.number &&
      other.codecId === track.codecId &&
      sameBytes(other.codecPrivate, track.codecPrivate)
    );
  });
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function codecOf(track: MatroskaTrack): string {
  return muxCodecOf(track) ?? track.codecId;
}

function describe(track: MatroskaTrack): string {
  return `number ${track.number} (${track.codecId})`;
}
