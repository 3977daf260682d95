/** The metrics of all streams in the text format of Prometheus, version 0.0.4. */
import type { Exchange } from '../exchange.js';
import type { LocalStream } from '../streams/stream.js';
import { METRICS, type MetricDefinition, type MetricName } from './definitions.js';
import type { Measured } from './stream-metrics.js';

/** Where the metrics are. */
export const METRICS_PATH = '/metrics';

const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
const PREFIX = 'kinesisvideo';

/** Answers a request for the metrics. */
export function serveMetrics(exchange: Exchange, streams: readonly LocalStream[]): void {
  const { method } = exchange.request;
  const headers = { 'content-type': CONTENT_TYPE };
  if (method === 'GET' || method === 'HEAD') exchange.send(200, renderMetrics(streams), headers);
  else exchange.send(405, 'Metrics are to GET.\n', { ...headers, allow: 'GET, HEAD' });
}

/** All metrics of all streams; those that nothing has been measured of are left out. */
export function renderMetrics(streams: readonly LocalStream[]): string {
  const lines = Object.entries(METRICS).flatMap(([name, definition]) => {
    const samples = streams.flatMap((stream) => {
      const measured = measure(stream, name as MetricName);
      return measured === undefined ? [] : samplesOf(name, definition, stream, measured);
    });
    if (samples.length === 0) return [];
    const own = prometheusName(name, definition);
    const { help, kind } = definition;
    return [`# HELP ${own} CloudWatch: ${name}. ${help}`, `# TYPE ${own} ${kind}`, ...samples];
  });
  return lines.map((line) => `${line}\n`).join('');
}

/** `GetMP4MediaFragment.OutgoingBytes` as `kinesisvideo_get_mp4_media_fragment_outgoing_bytes_total`. */
function prometheusName(name: string, { kind, unit }: MetricDefinition): string {
  const words = name
    .replaceAll('.', '_')
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2');
  const ending = kind === 'counter' ? 'total' : unit;
  return [PREFIX, words.toLowerCase(), ...(ending === undefined ? [] : [ending])].join('_');
}

function measure(stream: LocalStream, name: MetricName): Measured | undefined {
  if (name !== 'PutMedia.ActiveConnections') return stream.metrics.get(name);
  const users = [...stream.users].filter((user) => user.kind === 'putMedia' && user.receiving);
  return { count: 1, sum: users.length };
}

function samplesOf(
  name: string,
  definition: MetricDefinition,
  { record }: LocalStream,
  { count, sum }: Measured,
): string[] {
  const own = prometheusName(name, definition);
  // Names of streams hold nothing that would have to be escaped.
  const label = `{stream="${record.streamName}"}`;
  if (definition.kind !== 'summary') return [`${own}${label} ${sum}`];
  return [`${own}_sum${label} ${sum}`, `${own}_count${label} ${count}`];
}
