/** The quotas of the service (guide: "Amazon Kinesis Video Streams service quotas"). */

/** How often an operation may be called, each second. */
export interface RequestLimit {
  readonly account?: number;
  /** For each stream. */
  readonly stream?: number;
  /** For each playback session. */
  readonly session?: number;
}

/** Streams of an account. */
export const MAX_STREAMS = 10_000;
/** Bytes per second of a PutMedia. */
export const INCOMING_RATE = 12_500_000;
/** Bytes per second of a GetMedia or a GetMediaForFragmentList. */
export const OUTGOING_RATE = 25_000_000;
/** Fragments per second of a PutMedia or a GetMedia. */
export const FRAGMENT_RATE = 5;
/** Shortest fragment, in milliseconds. */
export const MIN_FRAGMENT_MS = 1000;

/** What is counted by fragments rather than by calls: points per second and stream. */
export const POINTS = { metadata: 10_000, media: 500 } as const;

const CONTROL: RequestLimit = { account: 50, stream: 5 };
const LIMITS: Readonly<Record<string, RequestLimit>> = {
  CreateStream: { account: 50 },
  ListStreams: { account: 50 },
  ListEdgeAgentConfigurations: { account: 50 },
  DescribeStream: { account: 300, stream: 5 },
  GetDataEndpoint: { account: 300, stream: 5 },
  StartEdgeConfigurationUpdate: { account: 10, stream: 1 },
  DeleteEdgeConfiguration: { account: 10, stream: 1 },
  PutMedia: { stream: 5 },
  GetMedia: { stream: 5 },
  GetHLSStreamingSessionURL: { stream: 25 },
  GetDASHStreamingSessionURL: { stream: 25 },
  // These are limited by fragments and connections only.
  ListFragments: {},
  GetMediaForFragmentList: {},
  GetClip: {},
  GetImages: {},
  GetHLSMasterPlaylist: { session: 5 },
  GetHLSMediaPlaylist: { session: 5 },
  GetDASHManifest: { session: 5 },
  GetMP4InitFragment: { session: 5 },
  GetMP4MediaFragment: { session: 20 },
  GetTSFragment: { session: 20 },
};

/** The limits of an operation; all that are not named are those of the control plane. */
export function limitsOf(operation: string): RequestLimit {
  return Object.hasOwn(LIMITS, operation) ? (LIMITS[operation] ?? CONTROL) : CONTROL;
}
