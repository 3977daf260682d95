import { AAC_FRAME_SAMPLES } from '../codec/aac.js';
import {
  channelsOf,
  readAacConfig,
  readWaveFormat,
  WAVE_FORMAT,
  type AacConfig,
} from '../codec/audio-config.js';
import { reorderingOf, type Reordering } from '../codec/codec-private.js';
import { parseH264Sps } from '../codec/h264-parameters.js';
import { parseH265Sps } from '../codec/h265-parameters.js';
import { readAvcRecord, readHevcRecord, type ParameterSets } from '../codec/parameter-sets.js';
import type { MatroskaTrack } from '../parser/index.js';
import { aacCodecString, avcCodecString, hevcCodecString } from './codec-string.js';
import { MuxError } from './errors.js';
import { Timescale } from './timescale.js';

/** Codecs that tracks of this folder's containers can have. */
export type MuxCodec = 'h264' | 'h265' | 'aac' | 'alaw' | 'mulaw';

interface CommonTrack {
  /** The Matroska track number, which is the track's id in every container. */
  readonly id: number;
  /** The `codecs` parameter of its media type. */
  readonly codecString: string;
  /** The bytes as Matroska has them: avcC, hvcC, AudioSpecificConfig or WAVEFORMATEX. */
  readonly codecPrivate: Uint8Array;
  /** The unit of its times. */
  readonly timescale: Timescale;
  /** Ticks that each frame lasts; 0 when the track does not tell. */
  readonly frameDuration: number;
  readonly reordering: Reordering;
}

/** A track of pictures. */
export interface VideoTrack extends CommonTrack {
  readonly type: 'video';
  readonly codec: 'h264' | 'h265';
  readonly parameterSets: ParameterSets;
  /** Pixels of the shown picture. */
  readonly width: number;
  readonly height: number;
  /** Frames a second, when the stream tells. */
  readonly frameRate: number | undefined;
}

/** A track of sound. */
export interface AudioTrack extends CommonTrack {
  readonly type: 'audio';
  readonly codec: 'aac' | 'alaw' | 'mulaw';
  /** Hertz. */
  readonly sampleRate: number;
  readonly channels: number;
  /** Of AAC only. */
  readonly aac?: AacConfig;
}

/** A track of Matroska as other containers need to know it. */
export type MuxTrack = VideoTrack | AudioTrack;

const CODECS: Readonly<Record<string, MuxCodec | 'acm'>> = {
  'V_MPEG4/ISO/AVC': 'h264',
  'V_MPEG/ISO/AVC': 'h264',
  'V_MPEGH/ISO/HEVC': 'h265',
  'V_MPEG/ISO/HEVC': 'h265',
  A_AAC: 'aac',
  'A_MS/ACM': 'acm',
};
const MAX_SAMPLE_RATE = 1_000_000;
const NS_PER_SECOND = 1e9;

/** The codec of a track by its Matroska id; undefined for one that cannot be written elsewhere. */
export function muxCodecOf({ codecId, codecPrivate }: MatroskaTrack): MuxCodec | undefined {
  const codec = CODECS[codecId];
  if (codec !== 'acm') return codec;
  const tag = codecPrivate && readWaveFormat(codecPrivate)?.formatTag;
  if (tag === WAVE_FORMAT.A_LAW) return 'alaw';
  return tag === WAVE_FORMAT.MU_LAW ? 'mulaw' : undefined;
}

/**
 * Reads what the containers need out of a Matroska track and its codec private data.
 * `timestampScale` is the Segment's, in nanoseconds. Throws MuxError.
 */
export function describeTrack(track: MatroskaTrack, timestampScale: number): MuxTrack {
  const codecPrivate = track.codecPrivate ?? new Uint8Array(0);
  if (CODECS[track.codecId] !== undefined && codecPrivate.length === 0) {
    throw new MuxError(
      'MISSING_CODEC_PRIVATE_DATA',
      `Track ${track.number} (${track.codecId}) has no codec private data; send them with the track`,
    );
  }
  const codec = muxCodecOf(track);
  const timescale = new Timescale(timestampScale);
  const common = {
    id: track.number,
    codecPrivate,
    timescale,
    frameDuration: Math.round(
      ((track.defaultDuration ?? 0) * timescale.ticksPerSecond) / NS_PER_SECOND,
    ),
  };
  switch (codec) {
    case undefined:
      throw new MuxError(
        'UNSUPPORTED_CODEC',
        `Track ${track.number} is ${track.codecId === '' ? 'of no codec' : track.codecId}; H.264, H.265, AAC and G.711 can be played`,
      );
    case 'h264':
    case 'h265':
      return { ...common, ...describeVideo(track, codec, codecPrivate) };
    case 'aac':
      return { ...common, ...describeAac(track, codecPrivate, timescale) };
    case 'alaw':
    case 'mulaw':
      return { ...common, ...describeG711(track, codec, codecPrivate) };
  }
}

type Described<T> = Omit<T, 'id' | 'codecPrivate' | 'timescale' | 'frameDuration'>;

function describeVideo(
  track: MatroskaTrack,
  codec: VideoTrack['codec'],
  record: Uint8Array,
): Described<VideoTrack> {
  const isAvc = codec === 'h264';
  const parameterSets = isAvc ? readAvcRecord(record) : readHevcRecord(record);
  const [sps] = parameterSets?.sps ?? [];
  const sequence = sps && (isAvc ? parseH264Sps(sps) : parseH265Sps(sps));
  if (parameterSets === undefined || sequence === undefined) {
    throw new MuxError(
      'INVALID_CODEC_PRIVATE_DATA',
      `The codec private data of track ${track.number} (${record.length} bytes) are not a valid ${isAvc ? 'avcC' : 'hvcC'} record; adapt them when putting the media (NAL adaptation)`,
    );
  }
  return {
    type: 'video',
    codec,
    codecString: isAvc ? avcCodecString(record) : hevcCodecString(record),
    parameterSets,
    width: sequence.width,
    height: sequence.height,
    frameRate: sequence.frameRate,
    reordering: reorderingOf(codec, record),
  };
}

const NO_REORDERING: Reordering = { depth: 0, maxDepth: 0 };

function describeAac(
  track: MatroskaTrack,
  config: Uint8Array,
  timescale: Timescale,
): Described<AudioTrack> & { frameDuration?: number } {
  const aac = readAacConfig(config);
  if (aac === undefined || aac.sampleRate > MAX_SAMPLE_RATE) {
    throw new MuxError(
      'INVALID_CODEC_PRIVATE_DATA',
      `The codec private data of track ${track.number} (${config.length} bytes) are not an AudioSpecificConfig`,
    );
  }
  return {
    type: 'audio',
    codec: 'aac',
    codecString: aacCodecString(aac),
    reordering: NO_REORDERING,
    sampleRate: aac.sampleRate,
    channels: channelsOf(aac.channelConfiguration) ?? track.audio?.channels ?? 2,
    aac,
    frameDuration: Math.round((AAC_FRAME_SAMPLES * timescale.ticksPerSecond) / aac.coreSampleRate),
  };
}

function describeG711(
  track: MatroskaTrack,
  codec: 'alaw' | 'mulaw',
  data: Uint8Array,
): Described<AudioTrack> {
  const format = readWaveFormat(data);
  if (format === undefined || format.channels === 0 || format.sampleRate === 0) {
    throw new MuxError(
      'INVALID_CODEC_PRIVATE_DATA',
      `The codec private data of track ${track.number} name no channels or no sample rate`,
    );
  }
  return {
    type: 'audio',
    codec,
    codecString: codec === 'alaw' ? 'alaw' : 'ulaw',
    reordering: NO_REORDERING,
    sampleRate: format.sampleRate,
    channels: format.channels,
  };
}
