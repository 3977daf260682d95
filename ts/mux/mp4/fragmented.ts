/** Fragmented MP4: what starts a decoder, and segments of media (ISO/IEC 14496-12 clause 8.8). */
import { join, u32, u64 } from '../bytes.js';
import type { MuxSample, TrackSamples } from '../samples.js';
import type { MuxTrack } from '../track.js';
import { box, fullBox } from './box.js';
import { movieHeader, trackBox } from './movie.js';

/** Milliseconds: nothing in a fragmented movie depends on it. */
const MOVIE_TIMESCALE = 1000;
const DEFAULT_BASE_IS_MOOF = 0x02_0000;
/** Which members the entries of `trun` have. */
const TRUN = { DATA_OFFSET: 0x1, DURATION: 0x100, SIZE: 0x200, FLAGS: 0x400, CTS: 0x800 } as const;
const TRUN_FLAGS = TRUN.DATA_OFFSET | TRUN.DURATION | TRUN.SIZE | TRUN.FLAGS | TRUN.CTS;
/** Flags of a sample: depends on no other; depends on others and is no random access point. */
const KEY_SAMPLE = 0x0200_0000;
const DELTA_SAMPLE = 0x0101_0000;
const MDAT_HEADER_BYTES = 8;

/** What a decoder has to have before any segment of these tracks: `ftyp` and `moov`. */
export function initSegment(tracks: readonly MuxTrack[]): Uint8Array {
  const empty = [
    fullBox('stts', 0, 0, u32(0)),
    fullBox('stsc', 0, 0, u32(0)),
    fullBox('stsz', 0, 0, u32(0, 0)),
    fullBox('stco', 0, 0, u32(0)),
  ];
  const nextTrackId = 1 + Math.max(...tracks.map(({ id }) => id));
  const movie = box(
    'moov',
    movieHeader({ timescale: MOVIE_TIMESCALE, duration: 0, nextTrackId }),
    ...tracks.map((track) => {
      return trackBox(track, { movieDuration: 0, mediaDuration: 0, sampleTables: empty });
    }),
    box('mvex', ...tracks.map(({ id }) => fullBox('trex', 0, 0, u32(id, 1, 0, 0, 0)))),
  );
  return join([box('ftyp', 'iso6', u32(0), 'iso6', 'cmfc', 'mp41'), movie]);
}

/** The media type of an init segment and its segments, for `MediaSource.addSourceBuffer`. */
export function mediaTypeOf(tracks: readonly MuxTrack[]): string {
  const kind = tracks.some(({ type }) => type === 'video') ? 'video' : 'audio';
  return `${kind}/mp4; codecs="${tracks.map(({ codecString }) => codecString).join(',')}"`;
}

/**
 * A segment of media: `moof` and `mdat`. Each track must have at least one sample, with the times
 * that it has on the time line of the presentation.
 *
 * @param sequenceNumber - of this segment among those that are played one after the other, from 1
 */
export function mediaSegment(sequenceNumber: number, tracks: readonly TrackSamples[]): Uint8Array {
  // The offsets of data have a fixed size, so that a first pass finds out what they are.
  const { length } = movieFragment(sequenceNumber, tracks, 0);
  const head = movieFragment(sequenceNumber, tracks, length + MDAT_HEADER_BYTES);
  const data = tracks.flatMap(({ samples }) => samples.map((sample) => sample.data));
  const size = sizeOf(data) + MDAT_HEADER_BYTES;
  return join([head, u32(size, MDAT), ...data]);
}

/** `mdat` as a number. */
const MDAT = 0x6d_64_61_74;

function movieFragment(
  sequenceNumber: number,
  tracks: readonly TrackSamples[],
  dataOffset: number,
): Uint8Array {
  let offset = dataOffset;
  const boxes = tracks.map(({ track, samples }) => {
    const at = offset;
    offset += sizeOf(samples.map(({ data }) => data));
    return box(
      'traf',
      fullBox('tfhd', 0, DEFAULT_BASE_IS_MOOF, u32(track.id)),
      fullBox('tfdt', 1, 0, u64(samples[0]?.decodeTime ?? 0)),
      trackRun(samples, at),
    );
  });
  return box('moof', fullBox('mfhd', 0, 0, u32(sequenceNumber)), ...boxes);
}

/** Version 1: composition offsets have a sign. */
function trackRun(samples: readonly MuxSample[], dataOffset: number): Uint8Array {
  const entries = samples.map((sample) => {
    const { duration, data, keyFrame, presentationTime, decodeTime } = sample;
    const flags = keyFrame ? KEY_SAMPLE : DELTA_SAMPLE;
    return u32(duration, data.length, flags, presentationTime - decodeTime);
  });
  return fullBox('trun', 1, TRUN_FLAGS, u32(samples.length, dataOffset), ...entries);
}

function sizeOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}
