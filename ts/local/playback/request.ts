/** The members that GetHLSStreamingSessionURL and GetDASHStreamingSessionURL have in common. */
import { invalidArgument } from '../exceptions.js';
import type { Input } from '../input.js';
import type { PlaybackFormat } from './formats.js';
import { readRange, TIMESTAMP_TYPES, type TimeRange, type TimestampType } from './selection.js';

const PLAYBACK_MODES = ['LIVE', 'LIVE_REPLAY', 'ON_DEMAND'] as const;
const MIN_EXPIRES_S = 300;
const MAX_EXPIRES_S = 43_200;
const MAX_RESULTS = 5000;
const DEFAULT_LIVE_RESULTS = 5;
const DEFAULT_ON_DEMAND_RESULTS = 1000;
/** Values of the members that switch something on. */
export const DISPLAY = ['ALWAYS', 'NEVER'] as const;

/** How a session plays. */
export type PlaybackMode = (typeof PLAYBACK_MODES)[number];
/** Where discontinuities are marked. */
export type DiscontinuityMode = 'ALWAYS' | 'NEVER' | 'ON_DISCONTINUITY';

/** What a session was asked to be. */
export interface PlaybackRequest {
  readonly format: PlaybackFormat;
  readonly mode: PlaybackMode;
  readonly timestamps: TimestampType;
  /** Absent for LIVE. */
  readonly range: TimeRange | undefined;
  readonly discontinuities: DiscontinuityMode;
  readonly showsTimestamps: boolean;
  readonly showsNumbers: boolean;
  /** Milliseconds until the session expires. */
  readonly lifetime: number;
  /** Fragments in a playlist or manifest. */
  readonly maxResults: number;
}

/** Reads the common members. Throws InvalidArgumentException. `now` is in epoch milliseconds. */
export function readPlaybackRequest(
  input: Input,
  names: { selector: string; maxResults: string },
  now: number,
): Omit<PlaybackRequest, 'format' | 'discontinuities' | 'showsNumbers'> {
  const mode = input.choice('PlaybackMode', PLAYBACK_MODES) ?? 'LIVE';
  const selector = input.object(names.selector);
  if (mode !== 'LIVE') input.required(names.selector, selector);
  const timestamps =
    selector?.choice('FragmentSelectorType', TIMESTAMP_TYPES) ?? 'SERVER_TIMESTAMP';
  const given = selector?.object('TimestampRange');
  if (mode === 'LIVE' && given !== undefined) {
    throw invalidArgument(
      `'${names.selector}.TimestampRange' must not be given when PlaybackMode is LIVE; leave it out, or choose LIVE_REPLAY or ON_DEMAND`,
    );
  }
  const range =
    mode === 'LIVE' || selector === undefined
      ? undefined
      : readRange(selector.required('TimestampRange', given), {
          timestamps,
          now,
          openEnded: mode === 'LIVE_REPLAY',
        });
  const lifetime = input.integer('Expires', MIN_EXPIRES_S, MAX_EXPIRES_S) ?? MIN_EXPIRES_S;
  const fallback = mode === 'ON_DEMAND' ? DEFAULT_ON_DEMAND_RESULTS : DEFAULT_LIVE_RESULTS;
  return {
    mode,
    timestamps,
    range,
    showsTimestamps: input.choice('DisplayFragmentTimestamp', DISPLAY) === 'ALWAYS',
    lifetime: lifetime * 1000,
    maxResults: input.integer(names.maxResults, 1, MAX_RESULTS) ?? fallback,
  };
}
