/** The upload of the kiosk: its end of the port, and the one stream that outlives pages. */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import * as assert from 'uvu/assert';
import type { KinesisVideoClient, StreamDefinition } from '../../ts/index.js';
import type { LocalKinesisVideo } from '../../ts/local/index.js';
import { makeClient } from '../producer/support/client.js';
import { startLocalKinesisVideo } from '../producer/support/local.js';
import { frames, VIDEO_TRACK } from '../producer/support/media.js';
import { suite, type TestContext } from '../support/suite.js';
import { InstalledExample } from './support/example.js';
import { mainPort } from './support/main-port.mjs';

const test = suite('electron kiosk, upload', { timeout: 30_000 });

interface Status {
  readonly health: string;
  readonly streamName: string;
  readonly framesPut?: number;
  readonly storedFragments?: number;
  readonly droppedFrames?: number;
  readonly missed: number;
  readonly trouble?: string;
  readonly latency?: { readonly last: number; readonly median: number; readonly worst: number };
}

interface Uploader {
  readonly status: Status;
  attach(port: unknown): void;
  stop(): Promise<void>;
}

interface Message {
  readonly type: 'settings' | 'ready' | 'status';
  readonly taken: number;
  readonly settings: unknown;
}

const CONFIG = { streamName: 'cam', retentionPeriod: 24, video: { width: 16 }, microphone: false };
const VIDEO = { kind: 'video', codec: 'h264' };
const description = new Uint8Array(VIDEO_TRACK.codecPrivateData);

async function startUploader(
  t: TestContext,
  wrap: (client: KinesisVideoClient) => object = (client) => client,
): Promise<{ uploader: Uploader; local: LocalKinesisVideo }> {
  const local = await startLocalKinesisVideo();
  t.after(() => local.close());
  const example = new InstalledExample(t);
  const { Uploader: Class } = (await example.import('main/uploader.js')) as {
    Uploader: new (options: object) => Uploader;
  };
  const log = { error: () => undefined };
  const client = wrap(makeClient(t, local.endpoint));
  const options = { client, config: CONFIG, place: 'here', log, report: 20, retry: 20 };
  const uploader = new Class(options);
  t.after(() => uploader.stop());
  return { uploader, local };
}

/** A page as the upload sees it. */
class Page {
  readonly port: MessagePort;
  readonly messages: Message[] = [];
  isClosed = false;

  constructor(t: TestContext, uploader: Uploader) {
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    port1.on('message', (message: Message) => this.messages.push(message));
    port1.on('close', () => (this.isClosed = true));
    t.after(() => {
      port1.close();
    });
    uploader.attach(mainPort(port2));
  }

  count(type: Message['type']): number {
    return this.messages.filter((message) => message.type === type).length;
  }

  announce(...tracks: object[]): void {
    this.port.postMessage({ type: 'tracks', tracks });
  }

  /** Puts fragments of a second that begin at a second of the day. */
  put(second: number, count = 20): void {
    for (const { data, keyFrame, presentationTs } of frames({
      count,
      start: START + second * 1000,
    })) {
      const type = keyFrame === true ? 'key' : 'delta';
      const chunk = { type, timestamp: presentationTs * 1000, duration: null, data };
      this.port.postMessage({ type: 'chunk', kind: 'video', chunk, description });
    }
  }
}

const START = Date.now() - 60_000;

async function until(t: TestContext, holds: () => boolean): Promise<void> {
  while (!holds()) {
    t.signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test('a page is told what to capture, when to begin, and how it goes', async (t) => {
  const { uploader } = await startUploader(t);
  const page = new Page(t, uploader);
  await until(t, () => page.messages.length > 0);
  const { video, microphone } = CONFIG;
  assert.equal(page.messages[0], { type: 'settings', settings: { video, microphone } });
  assert.is(uploader.status.health, 'connecting');
  page.announce(VIDEO);
  await until(t, () => page.count('ready') === 1);
  page.put(0, 40);
  await until(t, () => (uploader.status.storedFragments ?? 0) >= 3);
  const { health, framesPut, missed, latency, streamName } = uploader.status;
  assert.equal([health, framesPut, missed, streamName], ['healthy', 40, 0, 'cam']);
  const { last = -1, median = -1, worst = -1 } = latency ?? {};
  assert.ok(last >= 0 && worst >= median && worst < 30_000, `${last} ${median} ${worst}`);
  await until(t, () => page.messages.at(-1)?.taken === 40);
});

test('another page takes over, and the stream goes on', async (t) => {
  const { uploader, local } = await startUploader(t);
  const first = new Page(t, uploader);
  first.announce(VIDEO);
  await until(t, () => first.count('ready') === 1);
  first.put(0);
  await until(t, () => uploader.status.framesPut === 20);
  const second = new Page(t, uploader);
  await until(t, () => first.isClosed);
  second.announce(VIDEO);
  await until(t, () => second.count('ready') === 1);
  second.put(2);
  await until(t, () => uploader.status.framesPut === 40);
  assert.is(uploader.status.droppedFrames, 0);
  assert.ok(local.endpoint);
});

test('other tracks begin a stream of their own, after what the one before has held', async (t) => {
  const made: StreamDefinition[] = [];
  const { uploader } = await startUploader(t, (client) => ({
    createStream: (definition: StreamDefinition, options: never) => {
      made.push(definition);
      return client.createStream(definition, options);
    },
    destroy: () => {
      client.destroy();
    },
  }));
  const page = new Page(t, uploader);
  page.announce(VIDEO);
  page.announce(VIDEO);
  await until(t, () => page.count('ready') === 2);
  page.put(0);
  page.announce(VIDEO, { kind: 'audio', codec: 'opus', samplingFrequency: 48_000, channels: 1 });
  await until(t, () => page.count('ready') === 3);
  assert.equal(
    made.map(({ tracks = [] }) => tracks.map(({ trackId, codec }) => `${trackId} ${codec}`)),
    [['1 h264'], ['1 h264', '2 opus']],
  );
});

test('a service that refuses is asked again, and the page waits', async (t) => {
  let refusals = 2;
  const { uploader } = await startUploader(t, (client) => ({
    createStream: (definition: StreamDefinition, options: never) => {
      refusals -= 1;
      if (refusals >= 0) return Promise.reject(new Error('not authorized'));
      return client.createStream(definition, options);
    },
    destroy: () => {
      client.destroy();
    },
  }));
  const page = new Page(t, uploader);
  page.announce(VIDEO);
  page.put(0, 5);
  await until(t, () => uploader.status.trouble === 'not authorized');
  await until(t, () => page.count('ready') === 1);
  assert.is(uploader.status.trouble, undefined);
  assert.is(uploader.status.missed, 5, 'what came too early is counted');
});

test('a stream that has failed for good is made anew', async (t) => {
  const { uploader } = await startUploader(t, (client) => ({
    createStream: async (definition: StreamDefinition, options: never) => {
      const stream = await client.createStream(definition, options);
      streams.push(stream);
      return stream;
    },
    destroy: () => {
      client.destroy();
    },
  }));
  const streams: { destroy(error: Error): void }[] = [];
  const page = new Page(t, uploader);
  page.announce(VIDEO);
  await until(t, () => page.count('ready') === 1);
  streams[0]?.destroy(new Error('deleted by somebody'));
  await until(t, () => page.count('ready') === 2);
  page.put(0);
  await until(t, () => uploader.status.framesPut === 20);
});

test('messages that are none of ours change nothing', async (t) => {
  const { uploader } = await startUploader(t);
  const page = new Page(t, uploader);
  page.announce(VIDEO);
  await until(t, () => page.count('ready') === 1);
  for (const odd of [null, 5, {}, { type: 'stop' }, { type: 'chunk' }]) page.port.postMessage(odd);
  page.port.postMessage({ type: 'chunk', kind: 'video', chunk: { type: 'key', timestamp: 'now' } });
  page.put(0);
  await until(t, () => uploader.status.framesPut === 20);
  assert.is(uploader.status.missed, 2);
  assert.match(uploader.status.trouble ?? '', /a number of microseconds for timestamp/);
});
