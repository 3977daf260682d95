import {
  bytes,
  expected,
  number,
  oneOf,
  optional,
  resolveOptions,
  string,
  type Check,
} from '../internal/options.js';
import { CODEC_NAMES, codecByName, mediaTypeOf } from './codecs.js';

/** One track of a stream. A `MediaTrack` of `openMedia` is one. */
export interface TrackInfo {
  /** What frames name the track by; 1 unless told, and different for each track. */
  readonly trackId?: number | undefined;
  /** Follows from `codec` when that is one of the names below. */
  readonly trackType?: 'video' | 'audio' | undefined;
  /** `h264`, `h265`, `aac`, `alaw` or `mulaw`; any other name needs `codecId` and `trackType`. */
  readonly codec?: string | undefined;
  /** The Matroska codec id, such as `V_MPEG4/ISO/AVC`; at most 32 characters. Follows from `codec`. */
  readonly codecId?: string | undefined;
  /** At most 32 bytes of UTF-8. */
  readonly trackName?: string | undefined;
  /**
   * avcC, hvcC, AudioSpecificConfig or WAVEFORMATEX, or the Annex-B parameter sets of H.264 and
   * H.265; at most 1 MiB. May be left out for Annex-B video, whose first key frame holds it, and for
   * AAC with `samplingFrequency` and `channels`.
   */
  readonly codecPrivateData?: Uint8Array | undefined;
  /** Pixels; of H.264 and H.265 they are read from the codec private data. */
  readonly width?: number | undefined;
  /** Pixels. */
  readonly height?: number | undefined;
  /** Hertz. */
  readonly samplingFrequency?: number | undefined;
  readonly channels?: number | undefined;
  readonly bitDepth?: number | undefined;
}

/** A track with everything set that can be known. */
export interface ResolvedTrack {
  readonly trackId: number;
  readonly trackType: 'video' | 'audio';
  readonly codecId: string;
  readonly mediaType: string;
  readonly trackName: string;
  readonly codecPrivateData: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly samplingFrequency: number;
  readonly channels: number;
  readonly bitDepth: number;
}

const MAX_CODEC_PRIVATE = 1024 * 1024;
const NOTHING = new Uint8Array(0);

const pixels: Check<number> = number({ min: 0, max: 65535, unit: 'pixels', whole: true });

const SHAPE = {
  trackId: optional(
    number(
      { min: 1, max: Number.MAX_SAFE_INTEGER, unit: 'trackId', whole: true },
      'STATUS_MKV_INVALID_TRACK_UID',
    ),
    1,
  ),
  trackType: optional(oneOf('video', 'audio')),
  codec: optional(string()),
  codecId: optional(
    string(
      'a Matroska codec id of 1 to 32 characters',
      (text) => /^[\x20-\x7e]{1,32}$/.test(text),
      'STATUS_MKV_INVALID_CODEC_ID_LENGTH',
    ),
  ),
  trackName: optional(
    string(
      'a name of at most 32 bytes',
      (text) => Buffer.byteLength(text) <= 32 && !text.includes('\0'),
      'STATUS_MKV_INVALID_TRACK_NAME_LENGTH',
    ),
    '',
  ),
  codecPrivateData: optional(
    bytes(
      'a Uint8Array of at most 1 MiB',
      (value) => value.byteLength <= MAX_CODEC_PRIVATE,
      'STATUS_MKV_INVALID_CODEC_PRIVATE_LENGTH',
    ),
    NOTHING,
  ),
  width: optional(pixels, 0),
  height: optional(pixels, 0),
  samplingFrequency: optional(number({ min: 0, max: 1_000_000, unit: 'hertz' }), 0),
  channels: optional(number({ min: 0, max: 255, unit: 'channels', whole: true }), 0),
  bitDepth: optional(number({ min: 0, max: 255, unit: 'bits', whole: true }), 0),
};

/**
 * Checks one track and fills in what follows from its codec.
 *
 * @param name - how errors call the track, such as `tracks[0]`
 */
export function resolveTrack(input: unknown, name: string): ResolvedTrack {
  const { codec, ...track } = resolveOptions(name, SHAPE, input);
  const known = codec === undefined ? undefined : codecByName(codec);
  const codecId = track.codecId ?? known?.codecId;
  if (codecId === undefined) {
    const what = `one of ${CODEC_NAMES.map((item) => `'${item}'`).join(', ')}, or a codecId,`;
    throw expected(what, `${name}.codec`, codec, 'STATUS_MKV_INVALID_CODEC_ID_LENGTH');
  }
  const trackType = track.trackType ?? known?.trackType ?? typeOfCodecId(codecId);
  if (trackType === undefined) {
    throw expected("'video' or 'audio'", `${name}.trackType`, track.trackType);
  }
  checkAudioConfig(name, codecId, track);
  const mediaType = known?.mediaType ?? mediaTypeOf(codecId, trackType);
  return Object.freeze({ ...track, trackType, codecId, mediaType });
}

/** Matroska's codec ids begin with the kind of track. */
function typeOfCodecId(codecId: string): 'video' | 'audio' | undefined {
  if (codecId.startsWith('V_')) return 'video';
  return codecId.startsWith('A_') ? 'audio' : undefined;
}

/** AAC cannot be played without its configuration, which two numbers are enough for. */
function checkAudioConfig(
  name: string,
  codecId: string,
  track: { codecPrivateData: Uint8Array; samplingFrequency: number; channels: number },
): void {
  const { codecPrivateData, samplingFrequency, channels } = track;
  if (codecId !== 'A_AAC' || codecPrivateData.byteLength > 0) return;
  if (samplingFrequency > 0 && channels > 0) return;
  throw expected(
    'an AudioSpecificConfig, or samplingFrequency and channels instead,',
    `${name}.codecPrivateData`,
    undefined,
    'STATUS_MKV_INVALID_AAC_CPD',
  );
}
