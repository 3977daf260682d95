import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { DeleteStreamCommand, GetDataEndpointCommand } from '@aws-sdk/client-kinesis-video';
import {
  GetMediaCommand,
  KinesisVideoMediaClient,
  type StartSelector,
} from '@aws-sdk/client-kinesis-video-media';
import * as assert from 'uvu/assert';
import type { LocalKinesisVideo, LocalKinesisVideoOptions } from '../../ts/local/index.js';
import {
  cluster,
  ebmlHeader,
  el,
  info,
  liveHeader,
  liveStream,
  open,
  simpleBlock,
  sizedCluster,
  tags,
  text,
  tracks,
} from '../parser/support/mkv.js';
import { suite } from '../support/suite.js';
import { requireTool } from '../support/tools.js';
import { CREDENTIALS, rejection, startWithStream, temporaryFolder } from './support/endpoint.js';
import { listFragments } from './support/fragments.js';
import { openGetMedia } from './support/get-media.js';
import { call } from './support/http.js';
import { putMedia, TestPutMedia } from './support/put-media.js';

const test = suite('GetMedia', { timeout: 15_000 });

/** Streams of these tests end soon after their last fragment. */
const QUICK: LocalKinesisVideoOptions = { getMediaTimeout: 150 };

const EARLIEST = { StartSelectorType: 'EARLIEST' };

/** Reads a whole GetMedia. */
async function getMedia(local: LocalKinesisVideo, selector: object): Promise<Buffer> {
  const input = { StreamName: 'cam', StartSelector: selector };
  const { status, headers, body } = await call(local, '/getMedia', input);
  assert.equal([status, headers['content-type']], [200, 'video/webm'], body.toString());
  return body;
}

/** The values of a tag of the service in the output of GetMedia, in their order. */
function valuesOf(media: Buffer, name: string): string[] {
  const values: string[] = [];
  for (let at = media.indexOf(name); at >= 0; at = media.indexOf(name, at + 1)) {
    // TagString follows: an id of 2 bytes and a size of 4.
    const sizeAt = at + name.length + 2;
    const size = media.readUInt32BE(sizeAt) & 0x0fff_ffff;
    values.push(media.toString('utf8', sizeAt + 4, sizeAt + 4 + size));
  }
  return values;
}

function numbersIn(media: Buffer): string[] {
  return valuesOf(media, 'AWS_KINESISVIDEO_FRAGMENT_NUMBER');
}

/** A Tags element as the service writes it: sizes of 4 bytes, one SimpleTag for each row. */
function serviceTags(rows: Record<string, string>): Buffer {
  const simple = Object.entries(rows).map(([name, value]) =>
    el('67c8', [el('45a3', text(name), 4), el('4487', text(value), 4)], 4),
  );
  return el('1254c367', el('7373', simple, 4), 4);
}

test('a stream that is deleted cuts a response in the middle of a fragment', async (t) => {
  const { local, client, streamArn } = await startWithStream(t, QUICK);
  const frames = Array.from({ length: 6 }, () => simpleBlock(1, 0, Buffer.alloc(4_000_000)));
  await putMedia(t, local, Buffer.concat([liveHeader(), sizedCluster(1000, ...frames)]));
  const response = await openGetMedia(t, local, EARLIEST);
  const closed = new Promise((resolve) => response.once('close', resolve));
  await client.send(new DeleteStreamCommand({ StreamARN: streamArn }));
  response.resume();
  await closed;
  assert.is(response.complete, false);
});

test('hands every fragment out as the service lays it out', async (t) => {
  const { local } = await startWithStream(t, QUICK);
  const trackPart = [info(), tracks(), el('ec', Buffer.alloc(20, 7)), tags({ ENCODER: 'x' })];
  const first = sizedCluster(1000, simpleBlock(1, 0), simpleBlock(1, 40));
  const second = cluster(2000, simpleBlock(1, 0));
  const cues = el('1c53bb6b', el('bb', el('b3', Buffer.from([1]))));
  const media = [
    ebmlHeader(),
    open('18538067', trackPart, 'ff'),
    first,
    tags({ a: 'b' }),
    second,
    cues,
  ];
  await putMedia(t, local, Buffer.concat(media), {
    headers: { 'x-amzn-producer-start-timestamp': '100.5' },
  });

  const fragments = await listFragments(local);
  const output = await getMedia(local, { StartSelectorType: 'EARLIEST' });
  const millisBehind = valuesOf(output, 'AWS_KINESISVIDEO_MILLIS_BEHIND_NOW');
  const expected = fragments.map((fragment, i) => [
    ebmlHeader(),
    open('18538067', trackPart, '01ffffffffffffff'),
    serviceTags({
      AWS_KINESISVIDEO_FRAGMENT_NUMBER: fragment.FragmentNumber,
      AWS_KINESISVIDEO_SERVER_TIMESTAMP: fragment.ServerTimestamp.toFixed(3),
      AWS_KINESISVIDEO_PRODUCER_TIMESTAMP: i === 0 ? '101.500' : '102.500',
    }),
    i === 0 ? [first, tags({ a: 'b' })] : [second, cues],
    serviceTags({
      AWS_KINESISVIDEO_MILLIS_BEHIND_NOW: millisBehind[i] ?? '',
      AWS_KINESISVIDEO_CONTINUATION_TOKEN: fragment.FragmentNumber,
    }),
  ]);
  assert.is(output.toString('hex'), Buffer.concat(expected.flat(2)).toString('hex'));
  for (const millis of millisBehind) assert.ok(Number(millis) < 5000);
});

test('writes a producer time of zero as the service does', async (t) => {
  const { local } = await startWithStream(t, QUICK);
  await putMedia(t, local, liveStream([0]), {
    headers: { 'x-amzn-producer-start-timestamp': '0' },
  });
  const output = await getMedia(local, { StartSelectorType: 'EARLIEST' });
  assert.ok(
    output.includes(serviceTags({ AWS_KINESISVIDEO_PRODUCER_TIMESTAMP: '0.000' }).subarray(24)),
  );
});

test('sends tags from ahead of Info with the first fragment only', async (t) => {
  const { local } = await startWithStream(t, QUICK);
  const media = [ebmlHeader(), open('18538067'), tags({ early: 'bird' }), info(), tracks()];
  const clusters = [cluster(0, simpleBlock(1, 0)), cluster(100, simpleBlock(1, 0))];
  await putMedia(t, local, Buffer.concat([...media, ...clusters]));
  const output = (await getMedia(local, { StartSelectorType: 'EARLIEST' })).toString('latin1');
  assert.is(output.split('early').length - 1, 1);
  assert.is(output.split('V_MPEG4/ISO/AVC').length - 1, 2);
});

test('starts where each selector says', async (t) => {
  const { local, client } = await startWithStream(t, QUICK);
  await putMedia(t, local, liveStream([0, 1000, 2000, 3000]), {
    headers: { 'x-amzn-producer-start-timestamp': '1000' },
  });
  const fragments = await listFragments(local);
  const numbers = fragments.map((fragment) => fragment.FragmentNumber);
  const [n0 = '', , n2 = ''] = numbers;

  const { DataEndpoint } = await client.send(
    new GetDataEndpointCommand({ StreamName: 'cam', APIName: 'GET_MEDIA' }),
  );
  assert.ok(DataEndpoint);
  const media = new KinesisVideoMediaClient({
    endpoint: DataEndpoint,
    region: local.region,
    credentials: CREDENTIALS,
  });
  t.after(() => {
    media.destroy();
  });
  const at = (seconds: number): Date => new Date(seconds * 1000);
  const cases: [selector: StartSelector, from: number][] = [
    [{ StartSelectorType: 'EARLIEST' }, 0],
    [{ StartSelectorType: 'NOW' }, 3],
    [{ StartSelectorType: 'FRAGMENT_NUMBER', AfterFragmentNumber: n0 }, 1],
    [{ StartSelectorType: 'FRAGMENT_NUMBER', AfterFragmentNumber: `000${n2}` }, 3],
    [{ StartSelectorType: 'FRAGMENT_NUMBER', AfterFragmentNumber: '5' }, 0],
    [{ StartSelectorType: 'FRAGMENT_NUMBER', AfterFragmentNumber: '9'.repeat(128) }, 4],
    [{ StartSelectorType: 'CONTINUATION_TOKEN', ContinuationToken: n2 }, 3],
    [{ StartSelectorType: 'PRODUCER_TIMESTAMP', StartTimestamp: at(0) }, 0],
    [{ StartSelectorType: 'PRODUCER_TIMESTAMP', StartTimestamp: at(1001) }, 1],
    [{ StartSelectorType: 'PRODUCER_TIMESTAMP', StartTimestamp: at(1001.03) }, 1],
    [{ StartSelectorType: 'PRODUCER_TIMESTAMP', StartTimestamp: at(1001.5) }, 2],
    [{ StartSelectorType: 'PRODUCER_TIMESTAMP', StartTimestamp: at(2000) }, 4],
    [{ StartSelectorType: 'SERVER_TIMESTAMP', StartTimestamp: at(0) }, 0],
    [{ StartSelectorType: 'SERVER_TIMESTAMP', StartTimestamp: at(Date.now() / 1000 + 60) }, 4],
  ];
  for (const [selector, from] of cases) {
    const { Payload, ContentType } = await media.send(
      new GetMediaCommand({ StreamName: 'cam', StartSelector: selector }),
    );
    assert.is(ContentType, 'video/webm');
    const pieces = await (Payload as Readable).toArray();
    const found = numbersIn(Buffer.concat(pieces as Buffer[]));
    assert.equal(found, numbers.slice(from), JSON.stringify(selector));
  }
});

test('refuses selectors that lack what they need', async (t) => {
  const { local } = await startWithStream(t, QUICK);
  const cases: [selector: object | undefined, message: string][] = [
    [undefined, "Member 'StartSelector' must not be absent"],
    [{}, "Member 'StartSelector.StartSelectorType' must not be absent"],
    [{ StartSelectorType: 'LATEST' }, 'it must be one of [NOW, EARLIEST,'],
    [{ StartSelectorType: 'FRAGMENT_NUMBER' }, "'StartSelector.AfterFragmentNumber'"],
    [{ StartSelectorType: 'FRAGMENT_NUMBER', AfterFragmentNumber: 'x' }, '^[0-9]+$'],
    [{ StartSelectorType: 'SERVER_TIMESTAMP' }, "'StartSelector.StartTimestamp'"],
    [{ StartSelectorType: 'CONTINUATION_TOKEN', ContinuationToken: 'a.b' }, 'is not a token'],
  ];
  for (const [StartSelector, message] of cases) {
    const answer = await call(local, '/getMedia', { StreamName: 'cam', StartSelector });
    assert.is(answer.headers['x-amzn-errortype'], 'InvalidArgumentException');
    assert.match(String(answer.json['Message']), message);
  }
});

test('ends when nothing has come for a while, and not before', async (t) => {
  const { local } = await startWithStream(t, { getMediaTimeout: 400 });
  const started = performance.now();
  assert.is((await getMedia(local, { StartSelectorType: 'EARLIEST' })).length, 0);
  const silence = performance.now() - started;
  assert.ok(silence >= 390 && silence < 2000, `ended after ${silence} ms`);
});

test('goes on with live fragments for as long as a producer is connected', async (t) => {
  const { local } = await startWithStream(t, { getMediaTimeout: 100 });
  const producer = await TestPutMedia.open(t, local);
  await producer.write(Buffer.concat([liveHeader(), cluster(0, simpleBlock(1, 0))]));
  const viewer = await openGetMedia(t, local, { StartSelectorType: 'NOW' });
  const received: Buffer[] = [];
  viewer.on('data', (piece: Buffer) => received.push(piece));
  const ended = once(viewer, 'end').then(() => 'ended');
  for (let time = 100; time < 500; time += 100) {
    const silence = await Promise.race([ended, sleep(300)]);
    assert.is(silence, undefined, 'the viewer stays while nothing comes');
    await producer.write(cluster(time, simpleBlock(1, 0)));
    const complete = time / 100;
    while (numbersIn(Buffer.concat(received)).length < complete) await once(viewer, 'data');
  }
  await producer.finish();
  await ended;
  assert.equal(
    numbersIn(Buffer.concat(received)),
    producer.acks.filter((ack) => ack.EventType === 'PERSISTED').map((ack) => ack.FragmentNumber),
  );
});

test('shows a stream without retention to live viewers', async (t) => {
  const { local } = await startWithStream(t, QUICK, { DataRetentionInHours: 0 });
  await putMedia(t, local, liveStream([0, 80]));
  assert.is(numbersIn(await getMedia(local, { StartSelectorType: 'EARLIEST' })).length, 2);
  assert.equal(await listFragments(local), []);
});

test('allows three readers of a stream at a time', async (t) => {
  const { local } = await startWithStream(t, { getMediaTimeout: 30_000 });
  const readers = [];
  for (let i = 0; i < 3; i += 1) readers.push(await openGetMedia(t, local, EARLIEST));
  const input = { StreamName: 'cam', StartSelector: { StartSelectorType: 'NOW' } };
  const fourth = await call(local, '/getMedia', input);
  assert.equal(
    [fourth.status, fourth.headers['x-amzn-errortype']],
    [400, 'ConnectionLimitExceededException'],
  );
  readers[0]?.destroy();
  await sleep(100);
  assert.is((await openGetMedia(t, local, EARLIEST)).statusCode, 200);
});

/** Frees what is not in use, so that memory can be compared. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

test('does not read ahead of a slow viewer', async (t) => {
  const { local } = await startWithStream(t, QUICK);
  const times = Array.from({ length: 30 }, (_, i) => i * 100);
  await putMedia(t, local, liveStream(times, 1_000_000));
  const held = (): number => {
    collectGarbage();
    return process.memoryUsage().arrayBuffers;
  };
  const before = held();
  const viewer = await openGetMedia(t, local, EARLIEST);
  let most = 0;
  for (let i = 0; i < 15; i += 1) {
    await sleep(100);
    most = Math.max(most, held() - before);
  }
  assert.ok(most < 20_000_000, `${most} bytes are held for a viewer that does not read`);
  let size = 0;
  viewer.on('data', (piece: Buffer) => (size += piece.length));
  await once(viewer, 'end');
  assert.ok(size > 60_000_000);
});

test('what it sends is Matroska for ffprobe and mkvinfo', async (t) => {
  requireTool(t, 'ffmpeg', 'ffprobe', 'mkvinfo');
  const { local } = await startWithStream(t, QUICK);
  const source = fileURLToPath(new URL('../fixtures/h264-aac.mkv', import.meta.url));
  const args = ['-v', 'error', '-i', source, '-map', '0:v', '-c', 'copy', '-f', 'matroska', '-'];
  await putMedia(t, local, execFileSync('ffmpeg', args));
  const output = await getMedia(local, { StartSelectorType: 'NOW' });
  const path = join(temporaryFolder(t), 'fragment.mkv');
  writeFileSync(path, output);
  const probed = execFileSync('ffprobe', ['-v', 'error', '-count_packets', '-show_streams', path], {
    encoding: 'utf8',
  });
  assert.match(probed, 'codec_name=h264');
  assert.match(probed, 'nb_read_packets=25');
  const listing = execFileSync('mkvinfo', ['--all', path], { encoding: 'utf8' });
  assert.match(listing, 'AWS_KINESISVIDEO_FRAGMENT_NUMBER');
  assert.match(listing, 'AWS_KINESISVIDEO_CONTINUATION_TOKEN');
});

test('is refused for a stream that does not exist', async (t) => {
  const { local } = await startWithStream(t);
  const media = new KinesisVideoMediaClient({
    endpoint: local.endpoint,
    region: local.region,
    credentials: CREDENTIALS,
  });
  t.after(() => {
    media.destroy();
  });
  const command = new GetMediaCommand({
    StreamName: 'nobody',
    StartSelector: { StartSelectorType: 'NOW' },
  });
  assert.is((await rejection(media.send(command))).name, 'ResourceNotFoundException');
});
