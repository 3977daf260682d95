/** Frames as MPEG-TS carries them: H.264 with start codes, AAC with ADTS headers. */
import { AAC_FREQUENCIES } from '../../codec/aac.js';
import { join, u8 } from '../bytes.js';
import { MuxError } from '../errors.js';
import { nalUnits } from '../nal-units.js';
import type { MuxSample } from '../samples.js';
import type { AudioTrack, MuxTrack, VideoTrack } from '../track.js';

const START_CODE = u8(0, 0, 0, 1);
/** A delimiter that allows any type of slice; one has to begin every access unit in MPEG-TS. */
const ACCESS_UNIT_DELIMITER = u8(9, 0xf0);
const NAL_TYPE = { SPS: 7, PPS: 8, DELIMITER: 9 } as const;

const ADTS_HEADER_BYTES = 7;
const MAX_ADTS_FRAME = 0x1fff;
/** Object types that two bits can name: Main, LC, SSR and LTP. */
const MAX_ADTS_OBJECT_TYPE = 4;
const MAX_ADTS_CHANNELS = 7;

/** Throws MuxError unless frames of `track` can be carried in MPEG-TS. */
export function requireTransportable(track: MuxTrack): void {
  if (track.codec === 'h264') return;
  if (track.type !== 'audio' || track.codec !== 'aac') {
    throw new MuxError('UNSUPPORTED_CODEC', `${track.codec} is not put into MPEG-TS`);
  }
  adtsFields(track);
}

/** A frame as it goes into a PES packet. Throws MuxError INVALID_FRAME. */
export function elementaryFrame(track: MuxTrack, sample: MuxSample): Uint8Array {
  return track.type === 'video' ? annexB(track, sample) : adtsFrame(track, sample.data);
}

/** Parameter sets go in front of every key frame, since a viewer can begin with any of them. */
function annexB({ parameterSets }: VideoTrack, { data, keyFrame }: MuxSample): Uint8Array {
  const units = [...nalUnits(data, parameterSets.lengthSize)];
  const isOwn = (type: number): boolean => units.some((unit) => typeOf(unit) === type);
  const sets = [
    ...(isOwn(NAL_TYPE.SPS) ? [] : parameterSets.sps),
    ...(isOwn(NAL_TYPE.PPS) ? [] : parameterSets.pps),
  ];
  const content = units.filter((unit) => typeOf(unit) !== NAL_TYPE.DELIMITER);
  const all = [ACCESS_UNIT_DELIMITER, ...(keyFrame ? sets : []), ...content];
  return join(all.flatMap((unit) => [START_CODE, unit]));
}

function typeOf(unit: Uint8Array): number {
  return (unit[0] ?? 0) & 31;
}

/** ISO/IEC 13818-7 clause 6.2. */
function adtsFrame(track: AudioTrack, data: Uint8Array): Uint8Array {
  const { profile, frequency, channels } = adtsFields(track);
  const length = data.length + ADTS_HEADER_BYTES;
  if (length > MAX_ADTS_FRAME) {
    throw new MuxError(
      'INVALID_FRAME',
      `An AAC frame of ${data.length} bytes is too long for an ADTS header, which counts to ${MAX_ADTS_FRAME}`,
    );
  }
  const header = u8(
    0xff,
    // MPEG-4, no checksum.
    0xf1,
    (profile << 6) | (frequency << 2) | (channels >> 2),
    ((channels & 3) << 6) | (length >> 11),
    (length >> 3) & 0xff,
    // Buffer fullness of all ones: a variable bit rate.
    ((length & 7) << 5) | 0x1f,
    0xfc,
  );
  return join([header, data]);
}

function adtsFields({ id, aac }: AudioTrack): {
  profile: number;
  frequency: number;
  channels: number;
} {
  const frequency = AAC_FREQUENCIES.indexOf(aac?.coreSampleRate ?? 0);
  const profile = (aac?.coreObjectType ?? 0) - 1;
  const channels = aac?.channelConfiguration ?? 0;
  const isKnown = frequency >= 0 && profile >= 0 && profile < MAX_ADTS_OBJECT_TYPE;
  if (isKnown && channels > 0 && channels <= MAX_ADTS_CHANNELS) {
    return { profile, frequency, channels };
  }
  throw new MuxError(
    'INVALID_CODEC_PRIVATE_DATA',
    `The AAC of track ${id} (object type ${profile + 1}, ${aac?.coreSampleRate ?? 0} Hz, channel configuration ${channels}) has no ADTS header; play it from fragmented MP4`,
  );
}
