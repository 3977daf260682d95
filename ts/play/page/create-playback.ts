import { PageError } from './api.js';
import { CanvasSink } from './low-latency/canvas-sink.js';
import { LowLatencyPlayback } from './low-latency/low-latency-playback.js';
import { MseSink } from './low-latency/mse-sink.js';
import type { Playback, PlaybackEvents } from './playback.js';
import type { Settings } from './settings.js';
import type { AttachPlayer } from './video/attached-player.js';
import { attachDashJs } from './video/dash-js.js';
import { attachHlsJs } from './video/hls-js.js';
import { attachShaka } from './video/shaka.js';
import { attachVideoJs } from './video/video-js.js';
import { VideoPlayback } from './video/video-playback.js';

/** The players that this browser has no use for. */
export function unavailablePlayers(): ReadonlySet<string> {
  const missing = [];
  if (!('VideoDecoder' in window)) missing.push('webcodecs');
  if (!('MediaSource' in window)) missing.push('mse');
  return new Set(missing);
}

/** What plays sessions, by name. */
const ATTACH: Readonly<Record<string, AttachPlayer>> = {
  'hls.js': attachHlsJs,
  'video.js': attachVideoJs,
  shaka: attachShaka,
  'dash.js': attachDashJs,
};

/** Makes what plays as the settings say. Throws PageError when this browser cannot. */
export function createPlayback(
  settings: Settings,
  stage: Element,
  events: PlaybackEvents,
): Playback {
  const { way, player, container, when } = settings;
  const attach = ATTACH[player];
  if (way === 'low-latency' && player !== '') {
    const Sink = player === 'mse' ? MseSink : CanvasSink;
    return new LowLatencyPlayback(new Sink(stage, events, when.live), events, when);
  }
  if (way === 'low-latency' || attach === undefined) {
    throw new PageError(
      'NO_PLAYER',
      'This browser has nothing to play this way with: choose another way.',
    );
  }
  const range = when.live ? {} : { start: when.start, end: when.end };
  const mode = when.live ? 'live' : 'on-demand';
  const request = { protocol: way, container, mode, ...range } as const;
  return new VideoPlayback({ stage, attach, events, when, request });
}
