/** The boxes that describe a movie and its tracks, whichever way the samples are stored. */
import { u16, u32, u64, u8, zeros } from '../bytes.js';
import type { MuxTrack } from '../track.js';
import { box, fullBox, type Part } from './box.js';
import { sampleEntry } from './sample-entry.js';

/** 1.0 as a 16.16 and as a 8.8 number. */
const ONE_16_16 = 0x1_0000;
const ONE_8_8 = 0x100;
const ONE_2_30 = 0x4000_0000;
const UNITY_MATRIX = u32(ONE_16_16, 0, 0, 0, ONE_16_16, 0, 0, 0, ONE_2_30);
/** `und`, five bits a letter. */
const LANGUAGE = 0x55c4;
/** Enabled and in the movie. */
const TRACK_FLAGS = 3;
/** The media are in this file. */
const SELF_CONTAINED = 1;

/** The header of a movie; `duration` in units of `timescale`, 0 when it is not known. */
export function movieHeader(options: {
  timescale: number;
  duration: number;
  nextTrackId: number;
}): Uint8Array {
  return fullBox(
    'mvhd',
    1,
    0,
    u64(0, 0),
    u32(options.timescale),
    u64(options.duration),
    u32(ONE_16_16),
    u16(ONE_8_8),
    zeros(10),
    UNITY_MATRIX,
    zeros(24),
    u32(options.nextTrackId),
  );
}

/** What differs between the ways to store samples. */
export interface TrackBoxes {
  /** In units of the movie; 0 when it is not known. */
  readonly movieDuration: number;
  /** In ticks of the track; 0 when it is not known. */
  readonly mediaDuration: number;
  /** The edit list, where one is needed. */
  readonly edits?: Uint8Array;
  /** What follows `stsd` in `stbl`. */
  readonly sampleTables: readonly Uint8Array[];
}

/** A `trak` box. */
export function trackBox(track: MuxTrack, parts: TrackBoxes): Uint8Array {
  const isVideo = track.type === 'video';
  const volume = isVideo ? 0 : ONE_8_8;
  const size = isVideo ? [track.width * ONE_16_16, track.height * ONE_16_16] : [0, 0];
  const header = fullBox(
    'tkhd',
    1,
    TRACK_FLAGS,
    u64(0, 0),
    u32(track.id, 0),
    u64(parts.movieDuration),
    zeros(8),
    u16(0, 0, volume, 0),
    UNITY_MATRIX,
    u32(...size),
  );
  return box('trak', header, ...(parts.edits ? [parts.edits] : []), mediaBox(track, parts));
}

function mediaBox(track: MuxTrack, { mediaDuration, sampleTables }: TrackBoxes): Uint8Array {
  const isVideo = track.type === 'video';
  const header = fullBox(
    'mdhd',
    1,
    0,
    u64(0, 0),
    u32(track.timescale.ticksPerSecond),
    u64(mediaDuration),
    u16(LANGUAGE, 0),
  );
  const [kind, name] = isVideo ? ['vide', 'video'] : ['soun', 'audio'];
  const handler: Part[] = [zeros(4), kind, zeros(12), name, u8(0)];
  const mediaHeader = isVideo ? fullBox('vmhd', 0, 1, zeros(8)) : fullBox('smhd', 0, 0, zeros(4));
  const dataInformation = box(
    'dinf',
    fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, SELF_CONTAINED)),
  );
  const descriptions = fullBox('stsd', 0, 0, u32(1), sampleEntry(track));
  const table = box('stbl', descriptions, ...sampleTables);
  return box(
    'mdia',
    header,
    fullBox('hdlr', 0, 0, ...handler),
    box('minf', mediaHeader, dataInformation, table),
  );
}
