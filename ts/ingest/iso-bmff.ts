/** MP4 and MOV files (ISO/IEC 14496-12), whole or in fragments, from files and streams. */
import { codecDelayOf, isLengthPrefixed } from '../codec/codec-private.js';
import { ByteCursor } from './byte-cursor.js';
import { isSeekable, type ByteSource, type SeekableSource } from './byte-source.js';
import { contentTypeOf } from './codecs.js';
import { formatError } from './errors.js';
import { interleaveMixed } from './interleave.js';
import { BoxError } from './isobmff/box.js';
import { findMovie } from './isobmff/find-movie.js';
import { readMovie, type IsoTrack, type Movie } from './isobmff/movie.js';
import { readByTrack, TrackReader } from './isobmff/random-access.js';
import { SampleLane } from './isobmff/sample-lane.js';
import { FragmentWalk, SampleQueue } from './isobmff/sample-queue.js';
import { SampleTableCursor } from './isobmff/sample-table.js';
import type { SampleCursor } from './isobmff/sample.js';
import { readSequentially } from './isobmff/sequential.js';
import { candidateOf, describeTrack } from './isobmff/tracks.js';
import type { MediaReader } from './opened-media.js';
import { selectTracks, trackIdAt } from './select-tracks.js';
import type { MediaFormat, MediaPacket, MediaTrack, TrackSelection } from './types.js';

/** Enough for the description of a fragment; its media is read elsewhere. */
const FRAGMENT_READ_BYTES = 64 * 1024;

/**
 * Opens an MP4 or MOV file. From a stream the index must come before the media, as in fragmented
 * and in "fast start" files. Times are those of the file; of an edit list the first edit counts,
 * so that times can begin below zero.
 */
export async function openIsoBmff(
  source: ByteSource,
  format: MediaFormat,
  selection: TrackSelection,
): Promise<MediaReader> {
  try {
    const cursor = new ByteCursor(source);
    const movie = readMovie(await findMovie(source, cursor));
    const candidates = movie.tracks.map(candidateOf);
    const { chosen, skippedTracks } = selectTracks(source.name, candidates, selection);
    const origins = chosen.map(({ track }) => track);
    const tracks = origins.map((track, index) => describeTrack(track, trackIdAt(index)));
    const nal = tracks.find(({ codec }) => codec === 'h264' || codec === 'h265');
    const batches = readMedia({ source, cursor, movie, origins, tracks });
    return {
      format,
      tracks,
      skippedTracks,
      annexB: nal !== undefined && !isLengthPrefixed(nal.codecPrivateData),
      contentType: contentTypeOf(tracks),
      ...(movie.duration !== undefined && { duration: movie.duration }),
      batches: () => explained(batches, source),
    };
  } catch (error) {
    throw explain(error, source);
  }
}

interface IsoMedia {
  readonly source: ByteSource;
  /** Behind the index. */
  readonly cursor: ByteCursor;
  readonly movie: Movie;
  /** The chosen tracks of the file, and in the same order what we make of them. */
  readonly origins: readonly IsoTrack[];
  readonly tracks: readonly MediaTrack[];
}

/** One of these tracks on its way. */
interface IsoPart {
  /** In the file. */
  readonly id: number;
  readonly trackId: number;
  /** The samples that the index announces. */
  readonly cursor: SampleCursor;
  readonly lane: SampleLane;
}

/** Tracks of a file are read each where they lie; a stream is read in its order. */
function readMedia(media: IsoMedia): AsyncGenerator<MediaPacket[], void> {
  const { source, origins, tracks } = media;
  const parts = origins.map((origin, index) => {
    const trackId = trackIdAt(index);
    const cursor = new SampleTableCursor(origin.sampleTable);
    const { codec = '', codecPrivateData } = tracks[index] ?? {};
    const lane = new SampleLane(trackId, origin, codecDelayOf(codec, codecPrivateData));
    return { id: origin.id, trackId, cursor, lane };
  });
  if (isSeekable(source)) return readFile(source, media, parts);
  const { cursor, movie } = media;
  const lanes = new Map(parts.map(({ id, lane }) => [id, lane]));
  return interleaveMixed(
    readSequentially({ source, cursor, movie, lanes, samples: parts }),
    tracks,
  );
}

function readFile(
  source: SeekableSource,
  { movie, tracks }: IsoMedia,
  parts: readonly IsoPart[],
): AsyncGenerator<MediaPacket[], void> {
  const defaults = movie.fragmentDefaults;
  const fragments =
    defaults && new FragmentWalk(source, new ByteCursor(source, FRAGMENT_READ_BYTES), defaults);
  const readers = new Map<number, TrackReader>();
  for (const { id, trackId, cursor, lane } of parts) {
    const samples = new SampleQueue(cursor, fragments);
    fragments?.queues.set(id, samples);
    readers.set(trackId, new TrackReader(source, samples, lane));
  }
  return readByTrack(source, tracks, readers, fragments);
}

async function* explained(
  batches: AsyncGenerator<MediaPacket[], void>,
  source: ByteSource,
): AsyncGenerator<MediaPacket[], void> {
  try {
    yield* batches;
  } catch (error) {
    throw explain(error, source);
  }
}

/** What is wrong with a box, or was read beyond its end, as an error of ours. */
function explain(error: unknown, { name }: ByteSource): unknown {
  if (!(error instanceof BoxError || error instanceof RangeError)) return error;
  const reason = error instanceof BoxError ? error.message : 'a box is shorter than what it holds';
  return formatError(
    `${name} is damaged: ${reason}; repair it with: ffmpeg -i INPUT -c copy OUTPUT.mp4`,
    { source: name },
    error,
  );
}
