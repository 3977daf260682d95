/** Progressive MP4: one file with all samples, whose index comes first. */
import { join, u32, u64 } from '../bytes.js';
import type { MuxSample, TrackSamples } from '../samples.js';
import type { MuxTrack } from '../track.js';
import { box, fullBox } from './box.js';
import { movieHeader, trackBox } from './movie.js';
import { sampleTables, type Chunk } from './sample-tables.js';

const MDAT_HEADER_BYTES = 8;
/** `mdat` as a number. */
const MDAT = 0x6d_64_61_74;
/** The media time of an edit that shows nothing. */
const EMPTY_EDIT = u32(0xffff_ffff, 0xffff_ffff);
const NORMAL_RATE = u32(0x1_0000);

/** Samples of one track that are stored together. */
interface Piece {
  readonly track: MuxTrack;
  readonly samples: readonly MuxSample[];
}

/**
 * A whole movie. The tracks must have the same timescale, and each at least one sample; the movie
 * begins with what is presented first. Returns the file in pieces.
 */
export function progressiveMovie(given: readonly TrackSamples[]): readonly Uint8Array[] {
  const tracks = given.map(({ track, samples }) => ({ track, samples: inSequence(samples) }));
  const begin = Math.min(...tracks.map(({ samples }) => presentationStart(samples)));
  const pieces = interleave(tracks);
  const head = (mediaOffset: number): Uint8Array => {
    const chunks = place(pieces, mediaOffset);
    return join([
      box('ftyp', 'iso6', u32(0), 'iso6', 'isom', 'mp41'),
      movieBox(tracks, chunks, begin),
    ]);
  };
  // The index has the same size wherever the media begin.
  const mediaOffset = head(0).length + MDAT_HEADER_BYTES;
  const data = pieces.flatMap(({ samples }) => samples.map((sample) => sample.data));
  const size = data.reduce((sum, { length }) => sum + length, MDAT_HEADER_BYTES);
  return [head(mediaOffset), u32(size, MDAT), ...data];
}

function movieBox(
  tracks: readonly TrackSamples[],
  chunks: ReadonlyMap<MuxTrack, readonly Chunk[]>,
  begin: number,
): Uint8Array {
  const timescale = tracks[0]?.track.timescale.ticksPerSecond ?? 1;
  const durations = tracks.map(({ samples }) => presentationEnd(samples) - begin);
  return box(
    'moov',
    movieHeader({
      timescale,
      duration: Math.max(...durations),
      nextTrackId: 1 + Math.max(...tracks.map(({ track }) => track.id)),
    }),
    ...tracks.map(({ track, samples }, index) =>
      trackBox(track, {
        movieDuration: durations[index] ?? 0,
        mediaDuration: samples.reduce((sum, { duration }) => sum + duration, 0),
        edits: editList(samples, begin),
        sampleTables: sampleTables(chunks.get(track) ?? []),
      }),
    ),
  );
}

/** Delays a track that begins later than the movie, and takes back that decoding begins earlier. */
function editList(samples: readonly MuxSample[], begin: number): Uint8Array {
  const start = presentationStart(samples);
  const shown = [
    u64(presentationEnd(samples) - start, start - (samples[0]?.decodeTime ?? 0)),
    NORMAL_RATE,
  ];
  const delay = start > begin ? [u64(start - begin), EMPTY_EDIT, NORMAL_RATE] : [];
  const count = delay.length > 0 ? 2 : 1;
  return box('edts', fullBox('elst', 1, 0, u32(count), ...delay, ...shown));
}

/** Makes each sample last until the next one is decoded, also where fragments meet. */
function inSequence(samples: readonly MuxSample[]): MuxSample[] {
  let last = -Infinity;
  const times = samples.map(({ decodeTime }) => (last = Math.max(decodeTime, last + 1)));
  return samples.map((sample, index) => {
    const decodeTime = times[index] as number;
    const next = times[index + 1] ?? decodeTime + sample.duration;
    return { ...sample, decodeTime, duration: next - decodeTime };
  });
}

/** Pieces of a second, in the order in which they are played. */
function interleave(tracks: readonly TrackSamples[]): Piece[] {
  const pieces = tracks.flatMap(({ track, samples }) => {
    const bySecond = new Map<number, MuxSample[]>();
    for (const sample of samples) {
      const second = Math.floor(sample.decodeTime / track.timescale.ticksPerSecond);
      const piece = bySecond.get(second);
      if (piece === undefined) bySecond.set(second, [sample]);
      else piece.push(sample);
    }
    return Array.from(bySecond, ([second, list]) => ({ track, samples: list, second }));
  });
  return pieces.sort((a, b) => a.second - b.second);
}

function place(pieces: readonly Piece[], mediaOffset: number): Map<MuxTrack, Chunk[]> {
  const chunks = new Map<MuxTrack, Chunk[]>();
  let offset = mediaOffset;
  for (const { track, samples } of pieces) {
    const list = chunks.get(track) ?? [];
    list.push({ samples, offset });
    chunks.set(track, list);
    offset += samples.reduce((sum, { data }) => sum + data.length, 0);
  }
  return chunks;
}

function presentationStart(samples: readonly MuxSample[]): number {
  return samples.reduce((least, sample) => Math.min(least, sample.presentationTime), Infinity);
}

function presentationEnd(samples: readonly MuxSample[]): number {
  return samples.reduce((most, sample) => {
    return Math.max(most, sample.presentationTime + sample.duration);
  }, -Infinity);
}
