import type { Meter } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type DataPoint,
} from '@opentelemetry/sdk-metrics';
import * as assert from 'uvu/assert';
import { observeMetrics } from '../../ts/index.js';
import {
  CLIENT_METRICS,
  STREAM_ATTRIBUTE,
  STREAM_METRICS,
  type MetricRow,
} from '../../ts/producer/metric-table.js';
import { suite, type TestContext } from '../support/suite.js';
import { makeClient, putAll } from './support/client.js';
import { startFake } from './support/fake-service.js';
import { definition, frames } from './support/media.js';

const test = suite('metrics for OpenTelemetry', { timeout: 20_000 });

type Points = Map<string, DataPoint<number>[]>;

/**
 * A meter of the real SDK, and what an exporter gets of it when asked: changes since it was asked last,
 * since with sums the SDK goes on with what is observed no more.
 */
function makeMeter(t: TestContext): { meter: Meter; collect: () => Promise<Points> } {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.DELTA);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({ readers: [reader] });
  t.after(() => provider.shutdown());
  const collect = async (): Promise<Points> => {
    exporter.reset();
    await reader.forceFlush();
    const metrics = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics);
    return new Map(
      metrics
        .flatMap((scope) => scope.metrics)
        .map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints as DataPoint<number>[]]),
    );
  };
  return { meter: provider.getMeter('test'), collect };
}

test('all metrics of a client and its streams arrive at the exporter', async (t) => {
  const fake = await startFake(t, (upload) => {
    upload.readAndAck();
  });
  const client = makeClient(t, fake.endpoint);
  const { meter, collect } = makeMeter(t);
  const end = observeMetrics(meter, client, { attributes: { place: 'door' } });
  const stream = await client.createStream(definition());
  // Frames before the first key frame are dropped.
  stream.putFrame({ data: new Uint8Array(10), presentationTs: 1_700_000_000_000 });
  await putAll(stream, frames({ count: 20 }));
  await fake.upload(0);

  const points = await collect();
  const known = [...CLIENT_METRICS, ...STREAM_METRICS].map(({ name }) => name);
  const missing = known.filter((name) => !points.has(name));
  assert.ok(
    missing.length === 0 || missing.join() === 'kvs.producer.last_persisted',
    missing.join(),
  );
  const named = { place: 'door', [STREAM_ATTRIBUTE]: 'cam' };
  assert.equal(
    points.get('kvs.producer.frames.put')?.map(({ value, attributes }) => [value, attributes]),
    [[21, named]],
  );
  const dropped = points.get('kvs.producer.frames.dropped') ?? [];
  assert.equal(
    dropped.filter(({ value }) => value > 0).map(({ value, attributes }) => [value, attributes]),
    [[1, { ...named, reason: 'awaitingKeyFrame' }]],
  );
  assert.equal(points.get('kvs.producer.client.streams')?.[0]?.attributes, { place: 'door' });

  await stream.stop();
  const later = await collect();
  assert.is(later.get('kvs.producer.client.streams')?.[0]?.value, -1, 'one less than before');
  assert.is(later.get('kvs.producer.frames.put')?.length ?? 0, 0, 'the closed stream is gone');
  end();
  assert.is((await collect()).get('kvs.producer.client.streams')?.length ?? 0, 0);
});

test('each stream is told apart, and read once for a collection', async (t) => {
  const fake = await startFake(t);
  const client = makeClient(t, fake.endpoint);
  const { meter, collect } = makeMeter(t);
  observeMetrics(meter, client);
  let reads = 0;
  for (const streamName of ['one', 'two']) {
    const stream = await client.createStream(definition({ streamName }));
    const metrics = stream.metrics;
    Object.defineProperty(stream, 'metrics', {
      get: () => {
        reads += 1;
        return metrics;
      },
    });
  }
  const names = (await collect())
    .get('kvs.producer.uptime')
    ?.map(({ attributes }) => attributes[STREAM_ATTRIBUTE]);
  assert.equal(names, ['one', 'two']);
  assert.is(reads, 2);
  client.destroy();
  assert.is((await collect()).get('kvs.producer.client.streams')?.length ?? 0, 0);
});

/** Paths of the numbers in `metrics` that the rows never look at. */
function unread<M extends object>(metrics: M, rows: readonly MetricRow<M>[]): string[] {
  const left = new Set<string>();
  const watch = (value: object, path: string): object => {
    const watched = {};
    for (const [key, one] of Object.entries(value) as [string, unknown][]) {
      const name = path + key;
      const isGroup = typeof one === 'object' && one !== null;
      const inside = isGroup ? watch(one, `${name}.`) : one;
      if (!isGroup) left.add(name);
      const get = (): unknown => {
        left.delete(name);
        return inside;
      };
      Object.defineProperty(watched, key, { enumerable: true, get });
    }
    return watched;
  };
  const watched = watch(metrics, '') as M;
  for (const { read } of rows) {
    const values = read(watched);
    if (typeof values === 'object') Object.values(values);
  }
  return [...left];
}

test('no counter of a client or a stream is left out', async (t) => {
  const fake = await startFake(t);
  const client = makeClient(t, fake.endpoint);
  const stream = await client.createStream(definition());
  assert.equal(unread({ ...stream.metrics, lastPersistedAt: 1 }, STREAM_METRICS), []);
  assert.equal(unread(client.metrics, CLIENT_METRICS), []);
});

test('names and units are those that OpenTelemetry asks for', () => {
  for (const { name, unit, description } of [...CLIENT_METRICS, ...STREAM_METRICS]) {
    assert.match(name, /^kvs\.producer(\.[a-z_]+)+$/);
    assert.match(unit, /^(s|By|By\/s|\{[a-z]+\}(\/s)?)$/);
    assert.match(description, /^[A-Z].*[^.]$/);
  }
});
