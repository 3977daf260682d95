import { CreateStreamCommand, DeleteStreamCommand } from '@aws-sdk/client-kinesis-video';
import * as assert from 'uvu/assert';
import type { LocalKinesisVideo } from '../../ts/local/index.js';
import { METRICS, type MetricName } from '../../ts/local/metrics/definitions.js';
import { renderMetrics } from '../../ts/local/metrics/prometheus.js';
import { StreamMetrics } from '../../ts/local/metrics/stream-metrics.js';
import type { LocalStream } from '../../ts/local/streams/stream.js';
import { cluster, liveHeader, liveStream, simpleBlock } from '../parser/support/mkv.js';
import { suite } from '../support/suite.js';
import { startEndpoint, startWithStream } from './support/endpoint.js';
import { listFragments } from './support/fragments.js';
import { call } from './support/http.js';
import { archivedClient } from './support/playback.js';
import { parsePrometheus, type MetricFamily } from './support/prometheus.js';
import { putMedia, TestPutMedia } from './support/put-media.js';

const test = suite('Metrics', { timeout: 15_000 });

/** What `/metrics` says, without a signature. */
async function scrape(local: LocalKinesisVideo): Promise<Map<string, MetricFamily>> {
  const response = await fetch(new URL('/metrics', local.endpoint));
  assert.is(response.status, 200);
  assert.is(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  return parsePrometheus(await response.text());
}

/** The value of a sample of the stream `cam`. */
function valueOf(families: Map<string, MetricFamily>, sample: string): number | undefined {
  for (const { samples } of families.values()) {
    const value = samples.get(`kinesisvideo_${sample}{stream="cam"}`);
    if (value !== undefined) return value;
  }
  return undefined;
}

test('an endpoint without streams has nothing to tell', async (t) => {
  const local = await startEndpoint(t);
  assert.is((await scrape(local)).size, 0);
  const post = await fetch(new URL('/metrics', local.endpoint), { method: 'POST' });
  assert.equal([post.status, post.headers.get('allow')], [405, 'GET, HEAD']);
});

test('an upload is measured: bytes, fragments, frames, acknowledgements and their times', async (t) => {
  const { local } = await startWithStream(t, { ackDelay: 30 });
  const media = liveStream([0, 100, 200]);
  await putMedia(t, local, media);
  const families = await scrape(local);
  const value = (sample: string): number | undefined => valueOf(families, sample);
  assert.is(value('put_media_requests_total'), 1);
  assert.is(value('put_media_incoming_bytes_total'), media.length);
  assert.is(value('put_media_incoming_fragments_total'), 3);
  assert.is(value('put_media_incoming_frames_total'), 6);
  assert.is(value('put_media_active_connections'), 0);
  assert.equal([value('put_media_success_sum'), value('put_media_success_count')], [3, 3]);
  assert.is(value('put_media_latency_milliseconds_count'), 1);
  for (const ack of ['buffering', 'received', 'persisted']) {
    assert.is(value(`put_media_${ack}_ack_latency_milliseconds_count`), 3);
    const sum = value(`put_media_${ack}_ack_latency_milliseconds_sum`) ?? 0;
    assert.ok(sum > 80 && sum < 10_000, `${ack} took ${sum} ms`);
  }
  assert.is(value('put_media_fragment_ingestion_latency_milliseconds_count'), 3);
  assert.is(value('put_media_fragment_persist_latency_milliseconds_count'), 3);
  assert.is(value('put_media_error_ack_count_total'), undefined);
  const requests = families.get('kinesisvideo_put_media_requests_total');
  assert.is(requests?.type, 'counter');
  assert.match(requests?.help ?? '', /^CloudWatch: PutMedia\.Requests\. /);
});

test('failures are measured: refused connections, broken fragments, ERROR acknowledgements', async (t) => {
  const { local } = await startWithStream(t);
  const open = await TestPutMedia.open(t, local);
  await open.write(liveHeader());
  assert.is(valueOf(await scrape(local), 'put_media_active_connections'), 1);
  const second = await TestPutMedia.open(t, local);
  assert.is(second.response.statusCode, 400);
  await second.finish();
  await open.finish(Buffer.concat([0, 0].map((time) => cluster(time, simpleBlock(1, 0)))));
  assert.is(open.summary.at(-1), 'ERROR 0 4004');
  const families = await scrape(local);
  assert.is(valueOf(families, 'put_media_requests_total'), 2);
  assert.is(valueOf(families, 'put_media_connection_errors_total'), 1);
  assert.is(valueOf(families, 'put_media_error_ack_count_total'), 1);
  assert.is(valueOf(families, 'put_media_success_sum'), 1);
  assert.is(valueOf(families, 'put_media_success_count'), 2);
});

test('calls for what is stored are measured, and the points that they cost', async (t) => {
  const { local } = await startWithStream(t);
  const client = archivedClient(t, local);
  const input = {
    StreamName: 'cam',
    FragmentSelector: {
      FragmentSelectorType: 'SERVER_TIMESTAMP' as const,
      TimestampRange: { StartTimestamp: new Date(0), EndTimestamp: new Date(4e12) },
    },
  };
  await client.listFragments({ ...input, MaxResults: 10 });
  await client.listFragments({ ...input, MaxResults: 0 }).catch(() => undefined);
  const families = await scrape(local);
  const value = (sample: string): number | undefined => valueOf(families, sample);
  assert.is(value('list_fragments_requests_total'), 2);
  assert.equal(
    [value('list_fragments_success_sum'), value('list_fragments_success_count')],
    [1, 2],
  );
  assert.is(value('list_fragments_latency_milliseconds_count'), 2);
  assert.is(value('archived_fragments_consumed_metadata_total'), 10);
});

test('what readers get is measured: bytes, fragments, frames, and how old they are', async (t) => {
  const { local } = await startWithStream(t, { getMediaTimeout: 50 });
  await putMedia(t, local, liveStream([0, 100, 200]));
  const StartSelector = { StartSelectorType: 'EARLIEST' };
  const live = await call(local, '/getMedia', { StreamName: 'cam', StartSelector });
  const Fragments = (await listFragments(local)).map(({ FragmentNumber }) => FragmentNumber);
  const list = await call(local, '/getMediaForFragmentList', {
    StreamName: 'cam',
    Fragments: [...Fragments.slice(1), '1'],
  });
  const families = await scrape(local);
  const value = (sample: string): number | undefined => valueOf(families, sample);
  assert.is(value('get_media_requests_total'), 1);
  assert.is(value('get_media_outgoing_bytes_total'), live.body.length);
  assert.is(value('get_media_outgoing_fragments_total'), 3);
  assert.is(value('get_media_outgoing_frames_total'), 6);
  assert.is(value('get_media_success_sum'), 3);
  const behind = value('get_media_millis_behind_now') ?? -1;
  assert.ok(behind >= 0 && behind < 10_000, `${behind} ms`);
  const prefix = 'get_media_for_fragment_list';
  assert.is(value(`${prefix}_outgoing_bytes_total`), list.body.length);
  assert.is(value(`${prefix}_outgoing_fragments_total`), 2);
  assert.is(value(`${prefix}_outgoing_frames_total`), 4);
  assert.equal([value(`${prefix}_success_sum`), value(`${prefix}_success_count`)], [2, 3]);
  assert.is(value('archived_fragments_consumed_media_total'), 3);
});

test('what is measured belongs to a stream, and goes with it', async (t) => {
  const { local, client, streamArn } = await startWithStream(t);
  await client.send(new CreateStreamCommand({ StreamName: 'a.b-c_1' }));
  await putMedia(t, local, liveStream([0]));
  await call(local, '/listFragments', { StreamName: 'nobody' });
  const before = await scrape(local);
  assert.equal(
    [...(before.get('kinesisvideo_put_media_active_connections')?.samples.keys() ?? [])],
    [
      'kinesisvideo_put_media_active_connections{stream="a.b-c_1"}',
      'kinesisvideo_put_media_active_connections{stream="cam"}',
    ],
  );
  await client.send(new DeleteStreamCommand({ StreamARN: streamArn }));
  assert.is(valueOf(await scrape(local), 'put_media_requests_total'), undefined);
});

test('every metric has a valid name of its own', () => {
  const metrics = new StreamMetrics();
  for (const name of Object.keys(METRICS)) metrics.add(name as MetricName, 1.5e-7);
  const stream = { metrics, users: new Set(), record: { streamName: 'cam' } };
  const families = parsePrometheus(renderMetrics([stream as unknown as LocalStream]));
  assert.is(families.size, Object.keys(METRICS).length);
  assert.ok(families.has('kinesisvideo_get_hls_streaming_session_url_requests_total'));
  assert.ok(families.has('kinesisvideo_get_mp4_init_fragment_latency_milliseconds'));
  assert.ok(families.has('kinesisvideo_get_ts_fragment_outgoing_bytes_total'));
});
