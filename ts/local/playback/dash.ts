/** The manifest of MPEG-DASH (ISO/IEC 23009-1). */
import type { MuxTrack } from '../../mux/index.js';
import type { PlaybackSession } from './session.js';
import type { PlacedFragment } from './timeline.js';

const PROFILE = 'urn:mpeg:dash:profile:isoff-live:2011';
const NAMESPACE = 'urn:mpeg:dash:schema:mpd:2011';
/** Of the attributes that the service adds; what it is called by the service is not documented. */
const KVS_NAMESPACE = 'urn:amazon:kinesis-video-streams';
/** A player that asks more often finds nothing new with fragments of the shortest duration. */
const UPDATE_SECONDS = 1;
/** Fragments that a live player keeps behind the newest one. */
const DELAY_FRAGMENTS = 2;

/**
 * The manifest: a period with an adaptation set for each track. Fragments are numbered as in the
 * session, on a time line without gaps that begins with the session's first fragment.
 */
export function manifest(session: PlaybackSession, token: string): string {
  const isLive = session.request.mode !== 'ON_DEMAND' && !session.complete;
  const { listed } = session;
  const durations = listed.map(({ duration }) => duration);
  const longest = Math.max(...durations, 1) / 1000;
  const total = durations.reduce((sum, duration) => sum + duration, 0) / 1000;
  const end = listed.at(-1);
  const length =
    end === undefined ? 0 : end.mediaTime + end.duration - session.beginning.mediaStart;
  return element(
    'MPD',
    {
      xmlns: NAMESPACE,
      'xmlns:kvs': KVS_NAMESPACE,
      profiles: PROFILE,
      type: isLive ? 'dynamic' : 'static',
      minBufferTime: seconds(longest),
      maxSegmentDuration: seconds(longest),
      ...(isLive
        ? {
            availabilityStartTime: new Date(session.beginning.availabilityStart).toISOString(),
            publishTime: new Date(session.now).toISOString(),
            minimumUpdatePeriod: seconds(UPDATE_SECONDS),
            timeShiftBufferDepth: seconds(total),
            suggestedPresentationDelay: seconds(longest * DELAY_FRAGMENTS),
          }
        : { mediaPresentationDuration: seconds(length / 1000) }),
    },
    [
      element(
        'Period',
        { id: '0', start: 'PT0S' },
        session.beginning.tracks.map((track) => {
          return adaptationSet(session, track, token);
        }),
      ),
    ],
    '<?xml version="1.0" encoding="UTF-8"?>\n',
  );
}

function adaptationSet(session: PlaybackSession, track: MuxTrack, token: string): string {
  const isVideo = track.type === 'video';
  const { rates } = session.beginning;
  const representation = {
    id: String(track.id),
    codecs: track.codecString,
    bandwidth: String(rates.bandwidth(session.listed, track)),
    ...(isVideo
      ? {
          width: String(track.width),
          height: String(track.height),
          frameRate: fraction(rates.frameRate(track)),
        }
      : { audioSamplingRate: String(track.sampleRate) }),
  };
  const channels = isVideo
    ? []
    : [
        element('AudioChannelConfiguration', {
          schemeIdUri: 'urn:mpeg:dash:23003:3:audio_channel_configuration:2011',
          value: String(track.channels),
        }),
      ];
  return element(
    'AdaptationSet',
    {
      id: String(track.id),
      contentType: track.type,
      mimeType: `${track.type}/mp4`,
      segmentAlignment: 'true',
      startWithSAP: '1',
    },
    [
      element('Representation', representation, [
        ...channels,
        segmentTemplate(session, track, token),
      ]),
    ],
  );
}

function segmentTemplate(session: PlaybackSession, track: MuxTrack, token: string): string {
  const { timescale } = track;
  const query = `SessionToken=${token}&TrackNumber=${track.id}`;
  return element(
    'SegmentTemplate',
    {
      timescale: String(timescale.ticksPerSecond),
      presentationTimeOffset: String(timescale.fromMilliseconds(session.beginning.mediaStart)),
      startNumber: String(session.listed[0]?.sequence ?? 0),
      initialization: `getMP4InitFragment.mp4?${query}`,
      media: `getMP4MediaFragment.mp4?FragmentNumber=$Number$&${query}`,
    },
    [
      element(
        'SegmentTimeline',
        {},
        session.listed.map((placed) => segment(session, track, placed)),
      ),
    ],
  );
}

function segment(
  session: PlaybackSession,
  { timescale }: MuxTrack,
  placed: PlacedFragment,
): string {
  const { showsTimestamps, showsNumbers } = session.request;
  const { mediaTime, duration, entry, start } = placed;
  return element('S', {
    t: String(timescale.fromMilliseconds(mediaTime)),
    d: String(timescale.fromMilliseconds(duration)),
    ...(showsTimestamps && { 'kvs:ts': new Date(start).toISOString() }),
    ...(showsNumbers && { 'kvs:fn': entry.number }),
  });
}

/** Rates such as 29.97 are written as a fraction (clause 5.3.7). */
function fraction(rate: number): string {
  return Number.isInteger(rate) ? String(rate) : `${Math.round(rate * 1000)}/1000`;
}

function seconds(value: number): string {
  return `PT${Math.round(value * 1000) / 1000}S`;
}

function element(
  name: string,
  attributes: Readonly<Record<string, string>>,
  content: readonly string[] = [],
  before = '',
): string {
  const list = Object.entries(attributes).map(([key, value]) => ` ${key}="${escape(value)}"`);
  const tag = `${before}<${name}${list.join('')}`;
  return content.length === 0 ? `${tag}/>` : `${tag}>${content.join('')}</${name}>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
