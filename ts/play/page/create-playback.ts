import { PageError } from './api.js';
import { CanvasSink } from './low-latency/canvas-sink.js';
import { LowLatencyPlayback } from './low-latency/low-latency-playback.js';
import type { Playback, PlaybackEvents } from './playback.js';
import type { Settings } from './settings.js';

/** The players that this browser has no use for. */
export function unavailablePlayers(): ReadonlySet<string> {
  const missing = [];
  if (!('VideoDecoder' in window)) missing.push('webcodecs');
  if (!('MediaSource' in window)) missing.push('mse');
  return new Set(missing);
}

/** Makes what plays as the settings say. Throws PageError when this browser cannot. */
export function createPlayback(
  settings: Settings,
  stage: Element,
  events: PlaybackEvents,
): Playback {
  const { way, player, when } = settings;
  if (way === 'low-latency' && player === 'webcodecs') {
    return new LowLatencyPlayback(new CanvasSink(stage, events, when.live), events, when);
  }
  throw new PageError(
    'NO_PLAYER',
    'This browser has nothing to play this way with: choose another.',
  );
}
