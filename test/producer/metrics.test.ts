import * as assert from 'uvu/assert';
import type { ClientMetrics, StreamMetrics } from '../../ts/index.js';
import { suite } from '../support/suite.js';
import { makeClient, putAll } from './support/client.js';
import { startFake } from './support/fake-service.js';
import { definition, frames } from './support/media.js';

const test = suite('producer metrics', { timeout: 20_000 });

/** Every metric of a stream that the AWS producer documents, and where it is here. */
const STREAM: Readonly<Record<string, (metrics: StreamMetrics) => number>> = {
  currentViewDuration: ({ pending }) => pending.duration,
  overallViewDuration: ({ view }) => view.duration,
  currentViewSize: ({ pending }) => pending.bytes,
  overallViewSize: ({ view }) => view.bytes,
  currentFrameRate: ({ frameRate }) => frameRate,
  currentTransferRate: ({ transferRate }) => transferRate,
  uptime: ({ uptime }) => uptime,
  transferredBytes: ({ bytesSent }) => bytesSent,
  totalSessions: ({ sessions }) => sessions,
  totalActiveSessions: ({ openSessions }) => openSessions,
  avgSessionDuration: ({ sessionDuration }) => sessionDuration,
  bufferedAcks: ({ acks }) => acks.buffering,
  receivedAcks: ({ acks }) => acks.received,
  persistedAcks: ({ acks }) => acks.persisted,
  errorAcks: ({ acks }) => acks.error,
  droppedFrames: ({ droppedFrames }) => droppedFrames.total,
  droppedFragments: ({ droppedFragments }) => droppedFragments,
  skippedFrames: ({ droppedFrames }) => droppedFrames.rejected,
  storagePressures: ({ pressures }) => pressures.storage,
  latencyPressures: ({ pressures }) => pressures.latency,
  bufferPressures: ({ pressures }) => pressures.bufferDuration,
  staleEvents: ({ pressures }) => pressures.connectionStale,
  putFrameErrors: ({ putErrors }) => putErrors,
  cplApiCallLatency: ({ calls }) => calls.controlPlaneLatency,
  dataApiCallLatency: ({ calls }) => calls.dataPlaneLatency,
  elementaryFrameRate: ({ elementaryFrameRate }) => elementaryFrameRate,
  streamApiCallRetryCount: ({ calls }) => calls.retries,
};

/** The same for a client. */
const CLIENT: Readonly<Record<string, (metrics: ClientMetrics) => number>> = {
  contentStoreSize: ({ storageSize }) => storageSize,
  contentStoreAvailableSize: ({ storageAvailable }) => storageAvailable,
  contentStoreAllocatedSize: ({ storageAllocated }) => storageAllocated,
  totalContentViewsSize: ({ viewMemory }) => viewMemory,
  totalFrameRate: ({ frameRate }) => frameRate,
  totalTransferRate: ({ transferRate }) => transferRate,
  totalElementaryFrameRate: ({ elementaryFrameRate }) => elementaryFrameRate,
  clientAvgApiCallRetryCount: ({ callRetries }) => callRetries,
};

/** Those that something is known of once a stream has sent a while. */
const KNOWN_WHILE_SENDING = new Set([
  'overallViewDuration',
  'overallViewSize',
  'currentFrameRate',
  'currentTransferRate',
  'uptime',
  'transferredBytes',
  'totalSessions',
  'totalActiveSessions',
  'bufferedAcks',
  'receivedAcks',
  'persistedAcks',
  'cplApiCallLatency',
  'dataApiCallLatency',
  'elementaryFrameRate',
  'contentStoreSize',
  'contentStoreAvailableSize',
  'contentStoreAllocatedSize',
  'totalContentViewsSize',
  'totalFrameRate',
  'totalTransferRate',
  'totalElementaryFrameRate',
]);

test('every documented metric has a counterpart that counts', async (t) => {
  const fake = await startFake(t, (upload) => {
    upload.readAndAck();
  });
  const client = makeClient(t, fake.endpoint);
  const stream = await client.createStream(definition());
  for (const frame of frames({ count: 45, interval: 100 })) {
    stream.putFrame(frame);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const { metrics } = stream;
  const found = [
    ...Object.entries(STREAM).map(([name, read]) => [name, read(metrics)] as const),
    ...Object.entries(CLIENT).map(([name, read]) => [name, read(client.metrics)] as const),
  ];
  for (const [name, value] of found) {
    assert.type(value, 'number', name);
    assert.ok(Number.isFinite(value) && value >= 0, `${name} is ${value}`);
    if (KNOWN_WHILE_SENDING.has(name)) assert.ok(value > 0, `${name} is ${value}`);
  }
  assert.is(metrics.elementaryFrameRate, 10);
  assert.is(client.metrics.elementaryFrameRate, 10);
  assert.ok(metrics.frameRate > 20 && metrics.frameRate < 100, `${metrics.frameRate} frames/s`);
  assert.is(metrics.openSessions, 1);
  await stream.stop();
  assert.ok(stream.metrics.sessionDuration > 300);
  assert.is(stream.metrics.openSessions, 0);
});

test('frames put are those delivered, dropped, held and awaited', async (t) => {
  const fake = await startFake(t, (upload) => {
    upload.readAndAck();
  });
  const client = makeClient(t, fake.endpoint);
  const stream = await client.createStream(definition());
  const sum = (): number => {
    const { framesDelivered, droppedFrames, view, orderingFrames, awaitedFrames } = stream.metrics;
    return framesDelivered + droppedFrames.total + view.frames + orderingFrames + awaitedFrames;
  };
  for (const frame of frames({ count: 300, size: 100_000 }).slice(5)) {
    stream.putFrame(frame);
    assert.is(sum(), stream.metrics.framesPut);
  }
  const result = await stream.stop();
  assert.is(sum(), stream.metrics.framesPut);
  assert.is(result.droppedFrames.awaitingKeyFrame, 5);
});

test('calls that are made again are counted, for the stream and on average for the client', async (t) => {
  const fake = await startFake(
    t,
    (upload) => {
      upload.refuse(503, 'ServiceUnavailableException');
    },
    (upload) => {
      upload.readAndAck();
    },
  );
  const client = makeClient(t, fake.endpoint);
  const stream = await client.createStream(definition());
  await client.createStream(definition({ streamName: 'other' }));
  await putAll(stream, frames({ count: 15 }));
  await fake.upload(1);
  assert.is(stream.metrics.calls.retries, 1);
  assert.is(client.metrics.callRetries, 0.5);
  assert.ok(stream.metrics.calls.controlPlaneLatency > 0);
  await client.close();
});

test('reading the metrics takes the same time however much is held', async (t) => {
  const fake = await startFake(t, (upload) => {
    upload.accept();
  });
  const client = makeClient(t, fake.endpoint);
  const stream = await client.createStream(definition({ bufferDuration: 3_600_000 }));
  const time = (): number => {
    const started = performance.now();
    for (let round = 0; round < 2000; round += 1) assert.ok(stream.metrics);
    return performance.now() - started;
  };
  const put = (count: number, start: number): Promise<void> =>
    putAll(stream, frames({ count, size: 50, interval: 10, start }));
  await put(100, 1_700_000_000_000);
  time();
  const few = time();
  await put(50_000, 1_700_000_010_000);
  const many = Math.min(time(), time());
  assert.ok(stream.metrics.view.frames > 30_000);
  assert.ok(many < few * 5 + 20, `${few} ms with 100 frames, ${many} ms with 50000`);
});
