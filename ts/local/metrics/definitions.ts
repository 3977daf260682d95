/** The metrics of the service under its names in CloudWatch (guide: "Monitor metrics with CloudWatch"). */

/**
 * `counter`: what has come together since the stream exists here. `summary`: how many values there
 * were, and their sum. `gauge`: the last value.
 */
export type MetricKind = 'counter' | 'summary' | 'gauge';

/** What one metric is. */
export interface MetricDefinition {
  readonly kind: MetricKind;
  /** Ends the name where the name itself does not say it. */
  readonly unit?: 'milliseconds';
  readonly help: string;
}

const counter = (help: string): MetricDefinition => ({ kind: 'counter', help });
const gauge = (help: string): MetricDefinition => ({ kind: 'gauge', help });
const ratio = (help: string): MetricDefinition => ({ kind: 'summary', help });
const time = (help: string): MetricDefinition => ({ kind: 'summary', unit: 'milliseconds', help });

const REQUESTS = counter('Requests that were let in.');
const CONNECTION_ERRORS = counter('Requests that were refused.');
const LATENCY = time('From the request to the end of its answer.');
const CALL_SUCCESS = ratio('1 for each request that succeeded, 0 for each that failed.');
const FRAGMENT_SUCCESS = ratio('1 for each fragment that was sent, 0 for each that failed.');
const OUTGOING_BYTES = counter('Bytes of media sent.');
const OUTGOING_FRAGMENTS = counter('Fragments sent.');
const OUTGOING_FRAMES = counter('Frames sent.');

/** Every metric by its name in CloudWatch. */
export const METRICS = {
  'PutMedia.Requests': REQUESTS,
  'PutMedia.IncomingBytes': counter('Bytes of media received.'),
  'PutMedia.IncomingFragments': counter('Complete fragments received.'),
  'PutMedia.IncomingFrames': counter('Frames of complete fragments received.'),
  'PutMedia.ActiveConnections': gauge('Connections that media come in by.'),
  'PutMedia.ConnectionErrors': CONNECTION_ERRORS,
  'PutMedia.FragmentIngestionLatency': time('From the first byte of a fragment to its last.'),
  'PutMedia.FragmentPersistLatency': time('From the last byte of a fragment until it is stored.'),
  'PutMedia.Latency': time('From the request to the status of its answer.'),
  'PutMedia.BufferingAckLatency': time('From the first byte of a fragment to BUFFERING.'),
  'PutMedia.ReceivedAckLatency': time('From the last byte of a fragment to RECEIVED.'),
  'PutMedia.PersistedAckLatency': time('From the last byte of a fragment to PERSISTED.'),
  'PutMedia.ErrorAckCount': counter('ERROR acknowledgements sent.'),
  'PutMedia.Success': ratio('1 for each fragment that was stored, 0 for each that failed.'),
  'GetMedia.Requests': REQUESTS,
  'GetMedia.OutgoingBytes': OUTGOING_BYTES,
  'GetMedia.OutgoingFragments': OUTGOING_FRAGMENTS,
  'GetMedia.OutgoingFrames': OUTGOING_FRAMES,
  'GetMedia.MillisBehindNow': gauge('Age of the last fragment sent, by the time of the server.'),
  'GetMedia.ConnectionErrors': CONNECTION_ERRORS,
  'GetMedia.Success': FRAGMENT_SUCCESS,
  'GetMediaForFragmentList.OutgoingBytes': OUTGOING_BYTES,
  'GetMediaForFragmentList.OutgoingFragments': OUTGOING_FRAGMENTS,
  'GetMediaForFragmentList.OutgoingFrames': OUTGOING_FRAMES,
  'GetMediaForFragmentList.Requests': REQUESTS,
  'GetMediaForFragmentList.Success': FRAGMENT_SUCCESS,
  'ListFragments.Latency': LATENCY,
  'ListFragments.Requests': REQUESTS,
  'ListFragments.Success': CALL_SUCCESS,
  'GetHLSStreamingSessionURL.Latency': LATENCY,
  'GetHLSStreamingSessionURL.Requests': REQUESTS,
  'GetHLSStreamingSessionURL.Success': CALL_SUCCESS,
  'GetHLSMasterPlaylist.Latency': LATENCY,
  'GetHLSMasterPlaylist.Requests': REQUESTS,
  'GetHLSMasterPlaylist.Success': CALL_SUCCESS,
  'GetHLSMediaPlaylist.Latency': LATENCY,
  'GetHLSMediaPlaylist.Requests': REQUESTS,
  'GetHLSMediaPlaylist.Success': CALL_SUCCESS,
  'GetMP4InitFragment.Latency': LATENCY,
  'GetMP4InitFragment.Requests': REQUESTS,
  'GetMP4InitFragment.Success': CALL_SUCCESS,
  'GetMP4MediaFragment.Latency': LATENCY,
  'GetMP4MediaFragment.Requests': REQUESTS,
  'GetMP4MediaFragment.Success': CALL_SUCCESS,
  'GetMP4MediaFragment.OutgoingBytes': OUTGOING_BYTES,
  'GetTSFragment.Latency': LATENCY,
  'GetTSFragment.Requests': REQUESTS,
  'GetTSFragment.Success': CALL_SUCCESS,
  'GetTSFragment.OutgoingBytes': OUTGOING_BYTES,
  'GetDASHStreamingSessionURL.Latency': LATENCY,
  'GetDASHStreamingSessionURL.Requests': REQUESTS,
  'GetDASHStreamingSessionURL.Success': CALL_SUCCESS,
  'GetDASHManifest.Latency': LATENCY,
  'GetDASHManifest.Requests': REQUESTS,
  'GetDASHManifest.Success': CALL_SUCCESS,
  'GetClip.Latency': LATENCY,
  'GetClip.Requests': REQUESTS,
  'GetClip.Success': CALL_SUCCESS,
  'GetClip.OutgoingBytes': OUTGOING_BYTES,
  'ArchivedFragmentsConsumed.Media': counter('Points of fragment media that calls have cost.'),
  'ArchivedFragmentsConsumed.Metadata': counter('Points of fragment metadata they have cost.'),
} as const satisfies Readonly<Record<string, MetricDefinition>>;

/** Name of a metric in CloudWatch. */
export type MetricName = keyof typeof METRICS;

/** The metric of an operation that has that name, if there is one. */
export function metricOf(operation: string, name: string): MetricName | undefined {
  const full = `${operation}.${name}`;
  return Object.hasOwn(METRICS, full) ? (full as MetricName) : undefined;
}
