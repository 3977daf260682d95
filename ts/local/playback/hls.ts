/** Playlists of HTTP Live Streaming (RFC 8216). */
import type { MuxTrack } from '../../mux/index.js';
import { videoOf } from './rates.js';
import type { PlaybackSession } from './session.js';
import type { PlacedFragment } from './timeline.js';

/** What the master playlist needs; EXT-X-MEDIA goes with every version. */
const MASTER_VERSION = 1;
/** EXT-X-MAP without I-frames only takes 6 (section 7); the service writes 7. */
const FRAGMENTED_VERSION = 7;
const TS_VERSION = 3;
const AUDIO_GROUP = 'audio';

/** The master playlist: one variant, whose sound is a rendition of its own unless in MPEG-TS. */
export function masterPlaylist(session: PlaybackSession, token: string): string {
  const { tracks, rates } = session.beginning;
  const video = videoOf(tracks);
  const isMuxed = session.request.format === 'HLS MPEG-TS';
  const [main] = tracks;
  const audio = isMuxed ? undefined : tracks.find((track) => track !== main);
  const uri = (track?: MuxTrack): string => {
    const trackNumber = track === undefined ? '' : `&TrackNumber=${track.id}`;
    return `getHLSMediaPlaylist.m3u8?SessionToken=${token}${trackNumber}`;
  };
  const variant = [
    `CODECS="${tracks.map(({ codecString }) => codecString).join(',')}"`,
    ...(video ? [`RESOLUTION=${video.width}x${video.height}`] : []),
    ...(video ? [`FRAME-RATE=${decimal(rates.frameRate(video))}`] : []),
    `BANDWIDTH=${rates.bandwidth(session.listed)}`,
    ...(audio ? [`AUDIO="${AUDIO_GROUP}"`] : []),
  ];
  return lines(
    '#EXTM3U',
    `#EXT-X-VERSION:${MASTER_VERSION}`,
    ...(audio
      ? [
          `#EXT-X-MEDIA:AUTOSELECT=YES,FORCED=NO,TYPE=AUDIO,URI="${uri(audio)}",GROUP-ID="${AUDIO_GROUP}",DEFAULT=NO,NAME="audio"`,
        ]
      : []),
    `#EXT-X-STREAM-INF:${variant.join(',')}`,
    isMuxed ? uri() : uri(main),
  );
}

/** The playlist of one track, or with MPEG-TS that of all of them. */
export function mediaPlaylist(
  session: PlaybackSession,
  token: string,
  trackNumber: number | undefined,
): string {
  const { mode, format, discontinuities } = session.request;
  const isLive = mode !== 'ON_DEMAND';
  const { listed } = session;
  const marksLeave = isLive && discontinuities !== 'NEVER';
  let version: PlacedFragment['version'] | undefined;
  const segments = listed.flatMap((placed) => {
    const isNew = version !== placed.version;
    version = placed.version;
    return segmentLines(session, placed, { token, trackNumber, withMap: isNew });
  });
  return lines(
    '#EXTM3U',
    `#EXT-X-VERSION:${format === 'HLS MPEG-TS' ? TS_VERSION : FRAGMENTED_VERSION}`,
    ...(isLive ? [] : ['#EXT-X-PLAYLIST-TYPE:VOD']),
    `#EXT-X-TARGETDURATION:${session.targetDuration}`,
    `#EXT-X-MEDIA-SEQUENCE:${listed[0]?.sequence ?? 0}`,
    ...(marksLeave ? [`#EXT-X-DISCONTINUITY-SEQUENCE:${session.discontinuitiesBefore}`] : []),
    '#EXT-X-INDEPENDENT-SEGMENTS',
    ...segments,
    ...(session.complete ? ['#EXT-X-ENDLIST'] : []),
  );
}

function segmentLines(
  session: PlaybackSession,
  { sequence, duration, start, discontinuity, version }: PlacedFragment,
  options: { token: string; trackNumber: number | undefined; withMap: boolean },
): string[] {
  const { format, showsTimestamps } = session.request;
  const { token, trackNumber, withMap } = options;
  const isTs = format === 'HLS MPEG-TS';
  const query = `SessionToken=${token}${isTs ? '' : `&TrackNumber=${trackNumber}`}`;
  const map = `getMP4InitFragment.mp4?${query}&SequenceNumber=${version.sequence}`;
  const [name, extension] = isTs ? ['getTSFragment', 'ts'] : ['getMP4MediaFragment', 'mp4'];
  return [
    ...(discontinuity ? ['#EXT-X-DISCONTINUITY'] : []),
    ...(withMap && !isTs ? [`#EXT-X-MAP:URI="${map}"`] : []),
    ...(showsTimestamps ? [`#EXT-X-PROGRAM-DATE-TIME:${new Date(start).toISOString()}`] : []),
    `#EXTINF:${Math.round(duration) / 1000},`,
    `${name}.${extension}?FragmentNumber=${sequence}&${query}`,
  ];
}

/** With one decimal at least, as the service writes it. */
function decimal(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

function lines(...all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}
