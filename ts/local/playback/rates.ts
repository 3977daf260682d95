/** How much and how fast a session's media are, for players that choose by it. */
import type { MuxTrack, VideoTrack } from '../../mux/index.js';
import type { PlaybackSession } from './session.js';

/** What packaging adds to the bytes that are stored, of small frames above all. */
const OVERHEAD = 1.1;
const MIN_BANDWIDTH = 1000;

/** The video track among `tracks`. */
export function videoOf(tracks: readonly MuxTrack[]): VideoTrack | undefined {
  return tracks.find((track) => track.type === 'video');
}

/** The peak of bits a second over the fragments that are listed. */
export function bandwidthOf(session: PlaybackSession): number {
  const rates = session.listed.map(
    ({ entry }) => (entry.size * 8000) / Math.max(entry.duration, 1),
  );
  return Math.max(MIN_BANDWIDTH, Math.ceil(Math.max(0, ...rates) * OVERHEAD));
}

/** Frames a second, with one decimal at least, as the service writes it. */
export function frameRateOf(session: PlaybackSession, video: VideoTrack): string {
  const rate = Math.round((video.frameRate ?? session.measuredFrameRate) * 1000) / 1000;
  return Number.isInteger(rate) ? rate.toFixed(1) : String(rate);
}
