/** The media of a session in the container that its player asked for. Everything throws ServiceException. */
import {
  framesOf,
  initSegment,
  mediaSegment,
  samplesOf,
  transportSegment,
  type MatroskaFragment,
  type MuxTrack,
  type TrackSamples,
} from '../../mux/index.js';
import { ServiceException } from '../exceptions.js';
import { asServiceException, playableTracks } from './formats.js';
import type { PlaybackSession } from './session.js';
import type { PlacedFragment } from './timeline.js';

/**
 * What a decoder of one track needs for the fragment with that sequence number, where the codec
 * private data changed, and for those behind it.
 */
export function packageInit(
  session: PlaybackSession,
  sequence: number,
  trackNumber: number,
): Uint8Array {
  const tracks = playableTracks(session.versionOf(sequence).header, session.request.format);
  return initSegment([trackOf(tracks, trackNumber)]);
}

/** The media of one track of a fragment as fragmented MP4. */
export async function packageMedia(
  session: PlaybackSession,
  sequence: number,
  trackNumber: number,
): Promise<Uint8Array> {
  const placed = session.find(sequence);
  const track = trackOf(tracksOf(session, placed), trackNumber);
  const fragment = await session.load(placed.entry);
  return mediaSegment(sequence + 1, [place(session, track, placed, fragment)]);
}

/** The media of all tracks of a fragment as MPEG-TS. */
export async function packageTransport(
  session: PlaybackSession,
  sequence: number,
): Promise<Uint8Array> {
  const placed = session.find(sequence);
  const tracks = tracksOf(session, placed);
  const fragment = await session.load(placed.entry);
  return asServiceException(() => {
    return transportSegment(tracks.map((track) => place(session, track, placed, fragment)));
  });
}

/** DASH has one time line for the whole session, HLS the times of the chosen clock. */
function place(
  { request }: PlaybackSession,
  track: MuxTrack,
  placed: PlacedFragment,
  fragment: MatroskaFragment,
): TrackSamples {
  const { timescale } = track;
  const begin = request.format === 'DASH' ? placed.mediaTime : placed.start;
  const frames = framesOf(fragment, track.id);
  const duration = timescale.fromMilliseconds(placed.duration);
  return { track, samples: samplesOf(track, frames, timescale.fromMilliseconds(begin), duration) };
}

function tracksOf(
  { request }: PlaybackSession,
  { version, failure }: PlacedFragment,
): readonly MuxTrack[] {
  if (failure !== undefined) throw failure;
  return playableTracks(version.header, request.format);
}

function trackOf(tracks: readonly MuxTrack[], trackNumber: number): MuxTrack {
  const track = tracks.find(({ id }) => id === trackNumber);
  if (track !== undefined) return track;
  throw new ServiceException(
    'ResourceNotFoundException',
    `The stream has no track ${trackNumber}; its tracks are ${tracks.map(({ id }) => id).join(', ')}`,
  );
}
