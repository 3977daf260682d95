/** The metrics of clients and streams under the names and in the units of OpenTelemetry. */
import type { ClientMetrics, StreamMetrics } from './metrics.js';

/** How a value behaves: it only grows, it is a level that can be summed, or one that cannot. */
export type MetricKind = 'counter' | 'up-down-counter' | 'gauge';

/** One metric: what it is called, and its value in the metrics that a client or a stream has. */
export interface MetricRow<M> {
  readonly name: string;
  readonly kind: MetricKind;
  /** By the Unified Code for Units of Measure, as OpenTelemetry wants it. */
  readonly unit: string;
  readonly description: string;
  /** The attribute by which the values differ, when there are several. */
  readonly attribute?: string;
  /** The value, or those by the attribute; undefined while there is none. */
  readonly read: (metrics: M) => number | undefined | Readonly<Record<string, number>>;
}

const SECOND = 1000;

/** The name of the attribute that names the stream. */
export const STREAM_ATTRIBUTE = 'aws.kinesis_video.stream_name';

/** What is observed of each stream. */
export const STREAM_METRICS: readonly MetricRow<StreamMetrics>[] = [
  gauge('uptime', 's', 'Time since the stream was created', (m) => m.uptime / SECOND),
  counter('frames.put', '{frame}', 'Frames that were taken', (m) => m.framesPut),
  counter('bytes.put', 'By', 'Bytes of the frames that were taken', (m) => m.bytesPut),
  counter('put.errors', '{frame}', 'Frames that were refused', (m) => m.putErrors),
  counter('fragments.put', '{fragment}', 'Fragments that were begun', (m) => m.fragmentsPut),
  gauge('frame.rate', '{frame}/s', 'Frames a second by the clock', (m) => m.frameRate),
  gauge(
    'frame.rate.elementary',
    '{frame}/s',
    'Frames a second by their times',
    (m) => m.elementaryFrameRate,
  ),
  counter('frames.sent', '{frame}', 'Frames sent, with those sent again', (m) => m.framesSent),
  counter('bytes.sent', 'By', 'Bytes sent, with those sent again', (m) => m.bytesSent),
  gauge('transfer.rate', 'By/s', 'Bytes sent a second', (m) => m.transferRate),
  counter('sessions', '{session}', 'Connections, with attempts to connect', (m) => m.sessions),
  upDown('sessions.open', '{session}', 'Sessions that are open now', (m) => m.openSessions),
  gauge(
    'session.duration',
    's',
    'How long a session lasts on average',
    (m) => m.sessionDuration / SECOND,
  ),
  counter('frames.delivered', '{frame}', 'Frames that the service has', (m) => m.framesDelivered),
  counter(
    'fragments.delivered',
    '{fragment}',
    'Fragments that the service has',
    (m) => m.fragmentsDelivered,
  ),
  counter(
    'fragments.presumed',
    '{fragment}',
    'Fragments of these that were received and never confirmed as stored',
    (m) => m.fragmentsPresumed,
  ),
  counter('acks', '{ack}', 'Acknowledgements of the service', (m) => m.acks, 'type'),
  counter(
    'frames.dropped',
    '{frame}',
    'Frames that will not be delivered',
    (m) => without(m.droppedFrames, 'total'),
    'reason',
  ),
  counter(
    'fragments.dropped',
    '{fragment}',
    'Whole fragments that will not be delivered',
    (m) => m.droppedFragments,
  ),
  upDown(
    'frames.undelivered',
    '{frame}',
    'Frames that are neither delivered nor dropped',
    (m) => m.undeliveredFrames,
  ),
  counter(
    'metadata.dropped',
    '{item}',
    'Fragment metadata that found no fragment',
    (m) => m.droppedMetadata,
  ),
  counter('timestamps.fixed', '{frame}', 'Frames with mended times', (m) => m.fixedTimestamps),
  counter('pressures', '{event}', 'How often there was pressure', (m) => m.pressures, 'type'),
  upDown(
    'buffer.frames',
    '{frame}',
    'Frames that are kept: all, and those still to be sent',
    (m) => ({ all: m.view.frames, pending: m.pending.frames }),
    'part',
  ),
  upDown(
    'buffer.bytes',
    'By',
    'Bytes that are kept: all, and those still to be sent',
    (m) => ({ all: m.view.bytes, pending: m.pending.bytes }),
    'part',
  ),
  gauge(
    'buffer.duration',
    's',
    'Media that are kept: all, and those still to be sent',
    (m) => ({ all: m.view.duration / SECOND, pending: m.pending.duration / SECOND }),
    'part',
  ),
  upDown(
    'frames.ordering',
    '{frame}',
    'Frames that wait for those of other tracks',
    (m) => m.orderingFrames,
  ),
  upDown(
    'frames.awaited',
    '{frame}',
    'Frames without bytes that may still be confirmed',
    (m) => m.awaitedFrames,
  ),
  upDown('view.memory', 'By', 'Memory for keeping track of frames', (m) => m.viewMemory),
  gauge(
    'last_persisted',
    's',
    'When a fragment was last stored, since the epoch',
    (m) => m.lastPersistedAt && m.lastPersistedAt / SECOND,
  ),
  gauge(
    'call.duration',
    's',
    'How long a call takes on average',
    ({ calls }) => ({
      control: calls.controlPlaneLatency / SECOND,
      data: calls.dataPlaneLatency / SECOND,
    }),
    'plane',
  ),
  counter('retries', '{retry}', 'Calls and connections made again', (m) => m.calls.retries),
];

/** What is observed of a client. */
export const CLIENT_METRICS: readonly MetricRow<ClientMetrics>[] = [
  upDown('client.storage.size', 'By', 'Size of the store', (m) => m.storageSize),
  upDown('client.storage.allocated', 'By', 'Bytes of the store in use', (m) => m.storageAllocated),
  upDown('client.storage.available', 'By', 'Bytes of the store left', (m) => m.storageAvailable),
  gauge('client.storage.peak', 'By', 'The most that was ever in use', (m) => m.storagePeak),
  upDown('client.spill.size', 'By', 'Size of the spill', (m) => m.spillSize),
  upDown('client.spill.allocated', 'By', 'Bytes of the spill in use', (m) => m.spillAllocated),
  upDown('client.streams', '{stream}', 'Streams that are open', (m) => m.streams),
  upDown('client.view.memory', 'By', 'Memory for keeping track of frames', (m) => m.viewMemory),
  gauge('client.frame.rate', '{frame}/s', 'Sum over the streams', (m) => m.frameRate),
  gauge(
    'client.frame.rate.elementary',
    '{frame}/s',
    'Sum over the streams',
    (m) => m.elementaryFrameRate,
  ),
  gauge('client.transfer.rate', 'By/s', 'Sum over the streams', (m) => m.transferRate),
  gauge('client.retries', '{retry}', 'Average over the streams', (m) => m.callRetries),
];

function without(counts: object, key: string): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(counts).filter(([name]) => name !== key));
}

type RowArguments<M> = [
  name: string,
  unit: string,
  description: string,
  read: MetricRow<M>['read'],
  attribute?: string,
];

function counter<M>(...args: RowArguments<M>): MetricRow<M> {
  return row('counter', ...args);
}

function upDown<M>(...args: RowArguments<M>): MetricRow<M> {
  return row('up-down-counter', ...args);
}

function gauge<M>(...args: RowArguments<M>): MetricRow<M> {
  return row('gauge', ...args);
}

function row<M>(
  kind: MetricKind,
  ...[name, unit, description, read, attribute]: RowArguments<M>
): MetricRow<M> {
  const shared = { name: `kvs.producer.${name}`, kind, unit, description, read };
  return attribute === undefined ? shared : { ...shared, attribute };
}
