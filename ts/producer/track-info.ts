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
import type { StatusName } from '../internal/status.js';
import { CODEC_NAMES, codecById, codecByName, mediaTypeOf, type TrackType } from './codecs.js';

/** One track of a stream. A `MediaTrack` of `openMedia` is one. */
export interface TrackInfo {
  /**
   * What frames name the track by, different for each track. Default: its place among the tracks,
   * from 1 on; or 1 when another track was given that number.
   */
  readonly trackId?: number | undefined;
  /**
   * Follows from `codec` or `codecId`; `other` for what is neither seen nor heard, such as readings
   * of sensors.
   */
  readonly trackType?: 'video' | 'audio' | 'other' | undefined;
  /**
   * The name that ffmpeg has for it: `h264`, `h265`, `aac`, `alaw`, `mulaw`, `opus`, `mjpeg`, `vp8`,
   * `vp9`, `av1`, `pcm_s16le`, …; any other name needs `codecId`. What the service plays is H.264
   * and H.265, with AAC and, depending on the way, G.711; the rest is stored and given back.
   */
  readonly codec?: string | undefined;
  /** The Matroska codec id, such as `V_MPEG4/ISO/AVC`; at most 32 characters. Follows from `codec`. */
  readonly codecId?: string | undefined;
  /** At most 32 bytes of UTF-8. */
  readonly trackName?: string | undefined;
  /**
   * avcC, hvcC, AudioSpecificConfig, OpusHead, WAVEFORMATEX or BITMAPINFOHEADER, or the Annex-B
   * parameter sets of H.264 and H.265; at most 1 MiB. May be left out for H.264 and H.265 whose key
   * frames hold their parameter sets; for AAC and G.711 with `samplingFrequency` and `channels`; for
   * Opus with one or two `channels`; for M-JPEG in `V_MS/VFW/FOURCC` with `width` and `height`; and
   * where the codec has none.
   *
   * The pre-skip of an OpusHead becomes a delay that players subtract from the times of frames, so
   * these are the ones that the encoder gives.
   */
  readonly codecPrivateData?: Uint8Array | undefined;
  /** Pixels; of H.264 and H.265, and where there is a BITMAPINFOHEADER, they are read from it. */
  readonly width?: number | undefined;
  /** Pixels. */
  readonly height?: number | undefined;
  /** Hertz; like `channels` and `bitDepth` read from the codec private data when it tells. */
  readonly samplingFrequency?: number | undefined;
  /** Channels of sound. */
  readonly channels?: number | undefined;
  /** Bits of a sample. */
  readonly bitDepth?: number | undefined;
}

/** A track with everything set that can be known. */
export interface ResolvedTrack {
  readonly trackId: number;
  readonly trackType: TrackType;
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

const TRACK_ID = { min: 1, max: Number.MAX_SAFE_INTEGER, unit: 'trackId', whole: true };
/** Checks what names a track. */
export const isTrackId: Check<number> = number(TRACK_ID);
const isBytes = bytes('a Uint8Array of 1 byte to 1 MiB', () => true);
const isCodecPrivate = bytes(
  'a Uint8Array of 1 byte to 1 MiB',
  (value) => value.byteLength >= 1 && value.byteLength <= MAX_CODEC_PRIVATE,
  'STATUS_MKV_INVALID_CODEC_PRIVATE_LENGTH',
);

/** Checks what replaces the codec private data of a track. */
export function checkNewFormat(trackId: unknown, data: unknown): void {
  isTrackId(trackId, 'trackId');
  isBytes(data, 'the codec private data');
  isCodecPrivate(data, 'the codec private data');
}

const NOTHING = new Uint8Array(0);
/** Codec private data of A_MS/ACM and V_MS/VFW/FOURCC that the core makes a whole header of. */
const FORMAT_TAG_BYTES = 2;
const FOURCC_BYTES = 4;

const pixels: Check<number> = number({ min: 0, max: 65535, unit: 'pixels', whole: true });

const SHAPE = {
  trackId: optional(number(TRACK_ID, 'STATUS_MKV_INVALID_TRACK_UID'), 1),
  trackType: optional(oneOf('video', 'audio', 'other')),
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
  const { codec, ...given } = resolveOptions(name, SHAPE, input);
  const named = codec === undefined ? undefined : codecByName(codec);
  const codecId = given.codecId ?? named?.codecId;
  if (codecId === undefined) {
    const what = `one of ${CODEC_NAMES.map((item) => `'${item}'`).join(', ')}, or a codecId,`;
    throw expected(what, `${name}.codec`, codec, 'STATUS_MKV_INVALID_CODEC_ID_LENGTH');
  }
  // What follows from a name is true only of the codec id that it stands for.
  const known = named?.codecId === codecId ? named : undefined;
  const trackType = given.trackType ?? named?.trackType ?? typeOfCodecId(codecId);
  if (trackType === undefined) {
    throw expected("'video', 'audio' or 'other'", `${name}.trackType`, given.trackType);
  }
  const codecType = named?.trackType ?? codecById(codecId, given)?.trackType;
  if (codecType !== undefined && codecType !== trackType) {
    const what = `'${codecType}', which ${codec ?? codecId} is, or nothing`;
    throw expected(what, `${name}.trackType`, trackType);
  }
  const { codecPrivateData } = given;
  const track = {
    ...given,
    codecId,
    bitDepth: given.bitDepth === 0 ? (known?.bitDepth ?? 0) : given.bitDepth,
    codecPrivateData:
      codecPrivateData.byteLength === 0 ? (known?.formatTag ?? NOTHING) : codecPrivateData,
  };
  checkDescription(name, track);
  const mediaType = known?.mediaType ?? mediaTypeOf(codecId, trackType, track);
  return Object.freeze({ ...track, trackType, mediaType });
}

/**
 * A definition in which tracks without a trackId have the number of their place, unless another one
 * was given that. What is wrong with it is left to be found by those who check it.
 */
export function withTrackIds<T extends { readonly tracks?: readonly TrackInfo[] | undefined }>(
  definition: T,
): T {
  const tracks: unknown = (definition as T | undefined)?.tracks;
  if (!Array.isArray(tracks)) return definition;
  const given = tracks as readonly (TrackInfo | null)[];
  const taken = new Set(given.map((track) => track?.trackId));
  const numbered = given.map((track, index) => {
    const isOpen = typeof track === 'object' && track !== null && track.trackId === undefined;
    return isOpen && !taken.has(index + 1) ? { ...track, trackId: index + 1 } : track;
  });
  return { ...definition, tracks: numbered };
}

/** Matroska's codec ids begin with the kind of track. */
function typeOfCodecId(codecId: string): TrackType | undefined {
  const types: Readonly<Record<string, TrackType>> = {
    V_: 'video',
    A_: 'audio',
    S_: 'other',
    D_: 'other',
  };
  return types[codecId.slice(0, 2)];
}

type Description = Omit<ResolvedTrack, 'trackType' | 'mediaType'>;

/**
 * Refuses a track that nobody could decode. The core makes codec private data of a few numbers, so
 * that either these or the data have to be there.
 */
function checkDescription(name: string, track: Description): void {
  const { codecId, codecPrivateData, channels, samplingFrequency, bitDepth } = track;
  const lacks = (what: string, option: string, code?: StatusName): Error =>
    expected(what, `${name}.${option}`, undefined, code);
  const length = codecPrivateData.byteLength;
  const hasRate = samplingFrequency > 0 && channels > 0;
  if (/^A_AAC(\/|$)/.test(codecId) && length === 0 && !hasRate) {
    const what = 'an AudioSpecificConfig, or samplingFrequency and channels instead,';
    throw lacks(what, 'codecPrivateData', 'STATUS_MKV_INVALID_AAC_CPD');
  }
  if (
    codecId === 'A_MS/ACM' &&
    (length < FORMAT_TAG_BYTES || (length === FORMAT_TAG_BYTES && !hasRate))
  ) {
    const what =
      "a WAVEFORMATEX, or codec 'alaw' or 'mulaw' with samplingFrequency and channels instead,";
    throw lacks(what, 'codecPrivateData', 'STATUS_MKV_INVALID_AMS_ACM_CPD');
  }
  if (codecId === 'A_OPUS' && length === 0 && channels > 2) {
    throw lacks('an OpusHead, since there are more than 2 channels,', 'codecPrivateData');
  }
  const hasHeader = length > 0 && length !== FOURCC_BYTES;
  if (codecId === 'V_MS/VFW/FOURCC' && !hasHeader && track.width * track.height === 0) {
    const what = 'a BITMAPINFOHEADER, or width and height instead,';
    throw lacks(what, 'codecPrivateData', 'STATUS_MKV_INVALID_BIH_CPD');
  }
  if (!codecId.startsWith('A_PCM/')) return;
  if (samplingFrequency === 0) throw lacks('a number of hertz', 'samplingFrequency');
  if (bitDepth === 0 && codecId !== 'A_PCM/FLOAT/IEEE') {
    throw lacks('the bits of a sample', 'bitDepth');
  }
}
