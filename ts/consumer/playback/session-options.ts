import {
  boolean,
  expected,
  number,
  oneOf,
  optional,
  resolveOptions,
  type Check,
  type Resolved,
} from '../../internal/options.js';
import {
  checkOrder,
  signal,
  streamName,
  timestamp,
  type FragmentSelectorType,
  type StreamCallOptions,
  type Timestamp,
} from '../checks.js';

/** What a playback session plays: the newest media, recorded media as if live, or recorded media. */
export type PlaybackMode = 'LIVE' | 'LIVE_REPLAY' | 'ON_DEMAND';

/** What a playback session shall play. */
export interface SessionOptions extends StreamCallOptions {
  /** Default `LIVE`. */
  readonly playbackMode?: PlaybackMode | undefined;
  /** Whose clock decides which fragments are played, and when. Default `SERVER_TIMESTAMP`. */
  readonly fragmentSelectorType?: FragmentSelectorType | undefined;
  /** The first fragment begins then or later; needed unless `LIVE`. */
  readonly startTimestamp?: Timestamp | undefined;
  /** The last fragment begins then or earlier; needed with `ON_DEMAND`. At most 24 hours later. */
  readonly endTimestamp?: Timestamp | undefined;
  /** Whether the times of the fragments are told to the player. Default false. */
  readonly displayFragmentTimestamp?: boolean | undefined;
  /** Milliseconds until the URL is refused, 5 minutes to 12 hours. Default 5 minutes. */
  readonly expires?: number | undefined;
}

/** What an HLS session shall play, and how. */
export interface HlsSessionOptions extends SessionOptions {
  /** Default `FRAGMENTED_MP4`. */
  readonly containerFormat?: 'FRAGMENTED_MP4' | 'MPEG_TS' | undefined;
  /**
   * Where players are told to expect a discontinuity: `ALWAYS` between fragments, the default with
   * server timestamps; `NEVER`, the default with producer timestamps; or `ON_DISCONTINUITY`, where
   * there is a gap or an overlap of more than 50 ms.
   */
  readonly discontinuityMode?: 'ALWAYS' | 'NEVER' | 'ON_DISCONTINUITY' | undefined;
  /** Fragments in a playlist, 1 to 5000. Default 5, with `ON_DEMAND` 1000. */
  readonly maxMediaPlaylistFragmentResults?: number | undefined;
}

/** What a DASH session shall play, and how. */
export interface DashSessionOptions extends SessionOptions {
  /** Whether the numbers of the fragments are told to the player. Default false. */
  readonly displayFragmentNumber?: boolean | undefined;
  /** Fragments in a manifest, 1 to 5000. Default 5, with `ON_DEMAND` 1000. */
  readonly maxManifestFragmentResults?: number | undefined;
}

const SECOND = 1000;
const MIN_EXPIRES = 300 * SECOND;
const MAX_EXPIRES = 43_200 * SECOND;

const fragments = number({ min: 1, max: 5000, unit: 'fragments', whole: true });

const COMMON = {
  streamName,
  signal,
  playbackMode: optional(oneOf('LIVE', 'LIVE_REPLAY', 'ON_DEMAND'), 'LIVE' as const),
  fragmentSelectorType: optional(oneOf('SERVER_TIMESTAMP', 'PRODUCER_TIMESTAMP')),
  startTimestamp: optional(timestamp),
  endTimestamp: optional(timestamp),
  displayFragmentTimestamp: optional(boolean),
  expires: optional(
    number({ min: MIN_EXPIRES, max: MAX_EXPIRES, unit: 'milliseconds' }),
    MIN_EXPIRES,
  ),
} satisfies Record<keyof SessionOptions, Check<unknown>>;

const HLS = {
  ...COMMON,
  containerFormat: optional(oneOf('FRAGMENTED_MP4', 'MPEG_TS')),
  discontinuityMode: optional(oneOf('ALWAYS', 'NEVER', 'ON_DISCONTINUITY')),
  maxMediaPlaylistFragmentResults: optional(fragments),
} satisfies Record<keyof HlsSessionOptions, Check<unknown>>;

const DASH = {
  ...COMMON,
  displayFragmentNumber: optional(boolean),
  maxManifestFragmentResults: optional(fragments),
} satisfies Record<keyof DashSessionOptions, Check<unknown>>;

/** The options of an HLS session, checked. */
export type ResolvedHls = Resolved<typeof HLS>;

/** The options of a DASH session, checked. */
export type ResolvedDash = Resolved<typeof DASH>;

/** @throws KinesisVideoError STATUS_INVALID_ARG */
export function resolveHls(options: HlsSessionOptions): ResolvedHls {
  const resolved = resolveOptions('an HLS session', HLS, options);
  checkRange(resolved);
  return resolved;
}

/** @throws KinesisVideoError STATUS_INVALID_ARG */
export function resolveDash(options: DashSessionOptions): ResolvedDash {
  const resolved = resolveOptions('a DASH session', DASH, options);
  checkRange(resolved);
  return resolved;
}

/** The members of a request that both kinds of session have. */
export function selectorOf(options: Resolved<typeof COMMON>) {
  const { fragmentSelectorType, startTimestamp, endTimestamp } = options;
  const hasRange = startTimestamp !== undefined;
  if (fragmentSelectorType === undefined && !hasRange) return undefined;
  return {
    FragmentSelectorType: fragmentSelectorType ?? ('SERVER_TIMESTAMP' as const),
    ...(hasRange && {
      TimestampRange: {
        StartTimestamp: startTimestamp,
        ...(endTimestamp && { EndTimestamp: endTimestamp }),
      },
    }),
  };
}

/** ALWAYS or NEVER, as the service has it for true and false. */
export function shown(flag: boolean | undefined): 'ALWAYS' | 'NEVER' | undefined {
  if (flag === undefined) return undefined;
  return flag ? 'ALWAYS' : 'NEVER';
}

/** A number of whole seconds that is not longer than `milliseconds`. */
export function wholeSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / SECOND);
}

function checkRange(options: Resolved<typeof COMMON>): void {
  const { playbackMode, startTimestamp, endTimestamp } = options;
  const isLive = playbackMode === 'LIVE';
  for (const [name, value] of Object.entries({ startTimestamp, endTimestamp })) {
    if (isLive && value !== undefined) {
      throw expected('no time with LIVE', name, value.toISOString());
    }
  }
  if (!isLive && startTimestamp === undefined) {
    throw expected(`a time with ${playbackMode}`, 'startTimestamp', undefined);
  }
  if (playbackMode === 'ON_DEMAND' && endTimestamp === undefined) {
    throw expected('a time with ON_DEMAND', 'endTimestamp', undefined);
  }
  checkOrder(startTimestamp, endTimestamp);
}
