import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import type { LocalKinesisVideo } from '../../ts/local/index.js';
import {
  cluster,
  el,
  liveHeader,
  liveStream,
  open,
  simpleBlock,
  size,
  tags,
  text,
  timestamp,
} from '../parser/support/mkv.js';
import { suite, type TestContext } from '../support/suite.js';
import { startWithStream } from './support/endpoint.js';
import { openGetMedia } from './support/get-media.js';
import { putMedia, TestPutMedia } from './support/put-media.js';

const test = suite('Live tail of GetMedia', { timeout: 15_000 });

/** Viewers here are done soon after the producer. */
const QUICK = { getMediaTimeout: 150 };

/** A GetMedia that collects what comes. */
class Viewer {
  readonly #response: IncomingMessage;
  #media = Buffer.alloc(0);
  /** How the response ended. */
  readonly ended: Promise<'whole' | 'cut'>;

  private constructor(response: IncomingMessage) {
    this.#response = response;
    response.on('data', (piece: Buffer) => {
      this.#media = Buffer.concat([this.#media, piece]);
    });
    this.ended = new Promise((resolve) => {
      response
        .once('error', () => undefined)
        .once('close', () => {
          resolve(response.complete ? 'whole' : 'cut');
        });
    });
  }

  static async open(
    t: TestContext,
    local: LocalKinesisVideo,
    selector: object = { StartSelectorType: 'NOW' },
  ): Promise<Viewer> {
    const response = await openGetMedia(t, local, selector);
    assert.is(response.statusCode, 200);
    return new Viewer(response);
  }

  get media(): Buffer {
    return this.#media;
  }

  /** Waits until `bytes` have come; fails when the response ends first. */
  async until(bytes: string): Promise<void> {
    while (!this.#media.includes(bytes)) {
      if (this.#response.closed) assert.unreachable('The response ended before');
      await Promise.race([once(this.#response, 'data'), this.ended]);
    }
  }

  /** The values of a tag of the service so far. */
  values(name: string): string[] {
    const found: string[] = [];
    const media = this.#media;
    for (let at = media.indexOf(name); at >= 0; at = media.indexOf(name, at + 1)) {
      const sizeAt = at + name.length + 2;
      const length = media.readUInt32BE(sizeAt) & 0x0fff_ffff;
      found.push(media.toString('utf8', sizeAt + 4, sizeAt + 4 + length));
    }
    return found;
  }

  get numbers(): string[] {
    return this.values('AWS_KINESISVIDEO_FRAGMENT_NUMBER');
  }

  get tokens(): string[] {
    return this.values('AWS_KINESISVIDEO_CONTINUATION_TOKEN');
  }
}

/** A frame that can be told from all others. */
function frame(time: number, name: string): Buffer {
  return simpleBlock(1, time, text(`<${name}>`));
}

for (const retention of [24, 0]) {
  test(
    `a frame comes out long before its fragment ends, with ${retention} hours of retention`,
    async (t) => {
      const { local } = await startWithStream(t, QUICK, { DataRetentionInHours: retention });
      const producer = await TestPutMedia.open(t, local);
      await producer.write(Buffer.concat([liveHeader(), cluster(0, frame(0, 'old'))]));
      await producer.write(cluster(1000, frame(0, 'first')));
      await producer.until('RECEIVED 0');
      const viewer = await Viewer.open(t, local);
      await viewer.until('<first>');
      const delays: number[] = [];
      for (let i = 1; i <= 20; i += 1) {
        const sent = performance.now();
        await producer.write(frame(i * 40, `frame ${i}`));
        await viewer.until(`<frame ${i}>`);
        delays.push(performance.now() - sent);
      }
      assert.not.ok(producer.summary.includes('RECEIVED 1000'), 'the fragment is not complete');
      assert.not.ok(viewer.media.includes('<old>'), 'it begins with the open fragment');
      assert.is(viewer.numbers.length, 1);
      assert.equal(viewer.tokens, []);
      delays.sort((a, b) => a - b);
      const median = delays[10] ?? Infinity;
      assert.ok(median < 100, `half of the frames took more than ${median} ms`);

      await producer.write(cluster(3000, frame(0, 'next')));
      await viewer.until('<next>');
      assert.is(viewer.tokens.length, 1);
      await producer.finish();
      assert.is(await viewer.ended, 'whole');
      assert.equal(viewer.tokens, viewer.numbers);
    },
    { timeout: 15_000 },
  );
}

test('what a viewer gets while a fragment arrives is what it gets afterwards', async (t) => {
  const { local } = await startWithStream(t, QUICK);
  const producer = await TestPutMedia.open(t, local);
  const viewer = await Viewer.open(t, local, { StartSelectorType: 'EARLIEST' });
  const media = Buffer.concat([
    liveHeader(),
    cluster(0, frame(0, 'a'), frame(40, 'b')),
    tags({ user: 'metadata' }),
    el('1f43b675', [timestamp(100), frame(0, 'c'), simpleBlock(1, 40, 200_000)]),
    cluster(200, frame(0, 'd')),
  ]);
  for (let at = 0; at < media.length; at += 777) await producer.write(media.subarray(at, at + 777));
  await producer.finish();
  assert.is(await viewer.ended, 'whole');
  const again = await Viewer.open(t, local, { StartSelectorType: 'EARLIEST' });
  await again.ended;
  // How far a viewer is behind differs, and so do the sizes of what holds it.
  const comparable = ({ media }: Viewer): string[] =>
    media
      .toString('latin1')
      .split('AWS_KINESISVIDEO_MILLIS_BEHIND_NOW')
      .map((part, i) => (i === 0 ? part : part.replace(/^.{6}\d+/s, '')).slice(0, -26));
  assert.ok(viewer.media.length > 200_000);
  assert.is(comparable(viewer).length, 4);
  assert.equal(comparable(viewer), comparable(again));
});

test('tells with tags that a fragment broke off, and goes on behind the last whole one', async (t) => {
  const { local } = await startWithStream(t, QUICK);
  const producer = await TestPutMedia.open(t, local);
  const viewer = await Viewer.open(t, local);
  await producer.write(Buffer.concat([liveHeader(), cluster(0, frame(0, 'whole'))]));
  await producer.write(Buffer.concat([cluster(1000, frame(0, 'half'))]));
  // Begun and never completed: no part of it may be seen.
  await producer.write(frame(40, 'torn').subarray(0, 12));
  await viewer.until('<half>');
  producer.destroy();
  assert.is(await viewer.ended, 'whole');
  assert.equal(viewer.values('AWS_KINESISVIDEO_ERROR_ID'), ['3002']);
  const [first = '', second] = viewer.numbers;
  assert.equal(viewer.tokens, [first]);
  const end = viewer.media.subarray(viewer.media.indexOf('<half>') + '<half>'.length);
  assert.is(end.subarray(0, 4).toString('hex'), '1254c367', 'the tags follow the last whole frame');

  await putMedia(t, local, Buffer.concat([liveHeader(), cluster(1000, frame(0, 'half'))]));
  const back = await Viewer.open(t, local, {
    StartSelectorType: 'CONTINUATION_TOKEN',
    ContinuationToken: first,
  });
  assert.is(await back.ended, 'whole');
  assert.equal(back.tokens, back.numbers);
  assert.is(back.tokens.length, 1);
  assert.not.equal(back.numbers, [second]);
});

test('cuts the response where tags could be taken for a part of the Cluster', async (t) => {
  const { local } = await startWithStream(t, QUICK);
  const producer = await TestPutMedia.open(t, local);
  const head = Buffer.concat([Buffer.from('1f43b675', 'hex'), size(100_000, 8)]);
  await producer.write(Buffer.concat([liveHeader(), head, timestamp(0), frame(0, 'half')]));
  const viewer = await Viewer.open(t, local);
  await viewer.until('<half>');
  producer.destroy();
  assert.is(await viewer.ended, 'cut');
  assert.equal(viewer.tokens, []);
});

test('a fragment that is refused at its end is not handed out as a whole one', async (t) => {
  const { local } = await startWithStream(t, QUICK);
  const producer = await TestPutMedia.open(t, local);
  const viewer = await Viewer.open(t, local);
  await producer.write(Buffer.concat([liveHeader(), cluster(100, frame(0, 'good'))]));
  await producer.write(cluster(200, frame(0, 'late')));
  await viewer.until('<late>');
  await producer.write(frame(-150, 'too early'));
  await producer.until('ERROR 200 4004');
  assert.is(await viewer.ended, 'whole');
  assert.is(viewer.numbers.length, 2);
  assert.equal(viewer.tokens, viewer.numbers.slice(0, 1));
  assert.equal(viewer.values('AWS_KINESISVIDEO_ERROR_ID'), ['3002']);
});

test('a time of the server within the open fragment starts with it', async (t) => {
  const { local } = await startWithStream(t, QUICK);
  const producer = await TestPutMedia.open(t, local);
  await producer.write(liveStream([0, 100]));
  await producer.until('BUFFERING 100');
  const viewer = await Viewer.open(t, local, {
    StartSelectorType: 'SERVER_TIMESTAMP',
    StartTimestamp: Date.now() / 1000 + 1,
  });
  await sleep(100);
  assert.is(viewer.media.length, 0);
  await producer.write(frame(900, 'not yet'));
  await producer.write(frame(3000, 'now'));
  await viewer.until('<now>');
  assert.is(viewer.numbers.length, 1);
  assert.ok(viewer.media.includes('<not yet>'), 'from the beginning of the fragment');
});

test('a viewer that does not read holds up neither the producer nor the memory', async (t) => {
  const { local } = await startWithStream(t, QUICK);
  const producer = await TestPutMedia.open(t, local);
  await producer.write(Buffer.concat([liveHeader(), open('1f43b675', timestamp(0), 'ff')]));
  const response = await openGetMedia(t, local, { StartSelectorType: 'NOW' });
  const before = process.memoryUsage().arrayBuffers;
  const block = simpleBlock(1, 0, 1_000_000);
  for (let i = 0; i < 45; i += 1) await producer.write(block);
  await producer.finish();
  assert.ok(producer.summary.includes('PERSISTED 0'), 'the producer is done');
  const held = process.memoryUsage().arrayBuffers - before;
  assert.ok(held < 25_000_000, `${held} bytes are held for a viewer that does not read`);
  let received = 0;
  response.on('data', (piece: Buffer) => (received += piece.length));
  await once(response, 'end');
  assert.ok(received > 45_000_000, 'and the viewer gets all of it when it reads');
});
