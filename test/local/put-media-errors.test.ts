import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteStreamCommand } from '@aws-sdk/client-kinesis-video';
import * as assert from 'uvu/assert';
import {
  audioTrack,
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
  timestamp,
  tracks,
  uint,
  videoTrack,
} from '../parser/support/mkv.js';
import { suite, type TestContext } from '../support/suite.js';
import { startWithStream } from './support/endpoint.js';
import { fragmentFiles, listFragments, mediaFolder } from './support/fragments.js';
import { putMedia, TestPutMedia } from './support/put-media.js';

const test = suite('PutMedia errors', { timeout: 15_000 });

/** Sends media to a fresh stream and returns the acknowledgements as `TYPE timecode errorId`. */
async function summaryOf(
  t: TestContext,
  media: Uint8Array,
  options: { allowEqualTimecodes?: boolean } = {},
): Promise<string[]> {
  const { local } = await startWithStream(t, options);
  return (await putMedia(t, local, media)).summary;
}

const after = (time: number): Buffer => cluster(time, simpleBlock(1, 0));

test('reports an error as the service writes it, after what was persisted before', async (t) => {
  const { local } = await startWithStream(t);
  const { lines } = await putMedia(t, local, Buffer.concat([liveStream([0, 80]), after(80)]));
  const numbers = lines.map((line) => /"(\d{47})"/.exec(line)?.[1]);
  const last = lines.pop();
  assert.is(
    last,
    `{"EventType":"ERROR","FragmentTimecode":80,"FragmentNumber":"${numbers.at(-1)}",` +
      '"ErrorCode":"FRAGMENT_TIMECODE_LESSER_THAN_PREVIOUS","ErrorId":4004}',
  );
  assert.is(lines.filter((line) => line.includes('PERSISTED')).length, 2);
});

test('4001: a fragment has more than 50 MB', async (t) => {
  const { local } = await startWithStream(t);
  const connection = await TestPutMedia.open(t, local);
  await connection.write(
    Buffer.concat([liveHeader(), Buffer.from('1f43b675ff', 'hex'), timestamp(0)]),
  );
  const frame = simpleBlock(1, 0, 5_000_000);
  for (let i = 0; i < 11; i += 1) await connection.write(frame);
  await connection.ended;
  assert.equal(connection.summary, ['BUFFERING 0', 'ERROR 0 4001']);
});

test('4002: a fragment lasts longer than 20 seconds', async (t) => {
  const blocks = [0, 10_000, 20_000].map((time) => simpleBlock(1, time));
  const fine = Buffer.concat([liveHeader(), cluster(0, ...blocks)]);
  assert.ok((await summaryOf(t, fine)).includes('PERSISTED 0'));
  const long = Buffer.concat([liveHeader(), cluster(0, ...blocks, simpleBlock(1, 20_001))]);
  assert.equal(await summaryOf(t, long), ['BUFFERING 0', 'ERROR 0 4002']);
});

test('4007: a fragment begins later than any time that can be told', async (t) => {
  const { local } = await startWithStream(t);
  const headers = { 'x-amzn-fragment-timecode-type': 'ABSOLUTE' };
  const late = 8.64e15;
  const absolute = await putMedia(t, local, liveStream([late]), { headers });
  assert.equal(absolute.summary, ['ERROR -1 4007']);
  const relative = await putMedia(t, local, liveStream([0, late - 1e12]));
  assert.is(relative.summary.at(-1), 'ERROR -1 4007');
  assert.is((await listFragments(local)).length, 1);
});

test('4002 and 4004 count in the timestamp scale of the media', async (t) => {
  const header = Buffer.concat([ebmlHeader(), open('18538067'), info(100_000), tracks()]);
  const fine = [simpleBlock(1, 0), simpleBlock(1, 30_000)];
  assert.ok(
    (await summaryOf(t, Buffer.concat([header, cluster(0, ...fine)]))).includes('PERSISTED 0'),
  );
  const coarse = Buffer.concat([ebmlHeader(), open('18538067'), info(1_000_000_000), tracks()]);
  const long = cluster(5, simpleBlock(1, 0), simpleBlock(1, 21));
  assert.equal(await summaryOf(t, Buffer.concat([coarse, long])), ['BUFFERING 5', 'ERROR 5 4002']);
});

test('4003: the connection lasts too long', async (t) => {
  const { local } = await startWithStream(t, { maxConnectionDuration: 250 });
  const connection = await TestPutMedia.open(t, local);
  await connection.write(liveStream([0, 80]));
  await connection.ended;
  assert.ok(connection.summary.includes('PERSISTED 0'));
  assert.is(connection.summary.at(-1), 'ERROR 80 4003');
});

test('4004: a fragment begins before the last frame of the one before, or with it', async (t) => {
  for (const time of [0, 30, 40]) {
    const refused = await summaryOf(t, Buffer.concat([liveStream([0]), after(time)]));
    assert.is(refused.at(-1), `ERROR ${time} 4004`);
  }
  const summary = await summaryOf(t, Buffer.concat([liveStream([0]), after(41)]));
  assert.is(summary.at(-1), 'PERSISTED 41');
});

test('4004 concerns frames, whatever the Cluster says, and frames of all tracks', async (t) => {
  const early = cluster(1000, simpleBlock(1, -970));
  assert.is(
    (await summaryOf(t, Buffer.concat([liveStream([0]), early]))).at(-1),
    'ERROR 1000 4004',
  );
  const both = (time: number, audio: number): Buffer =>
    cluster(time, simpleBlock(1, 0), simpleBlock(1, 40), simpleBlock(2, audio));
  const header = liveHeader(videoTrack(), audioTrack());
  const late = Buffer.concat([header, both(0, 90), both(80, 170)]);
  assert.is((await summaryOf(t, late)).at(-1), 'ERROR 80 4004');
});

test('4004 is not for equal times when the endpoint is told to allow them', async (t) => {
  const media = Buffer.concat([liveStream([0]), after(40)]);
  const summary = await summaryOf(t, media, { allowEqualTimecodes: true });
  assert.is(summary.at(-1), 'PERSISTED 40');
});

test('4004 forgets what an earlier connection sent', async (t) => {
  const { local } = await startWithStream(t);
  await putMedia(t, local, liveStream([1000]));
  assert.is((await putMedia(t, local, liveStream([0]))).summary.at(-1), 'PERSISTED 0');
});

test('4006: the body is not Matroska, or holds what it must not', async (t) => {
  const segment = open('18538067', [], 'ff');
  const bodies: Record<string, Buffer> = {
    'no Matroska': text('GET / HTTP/1.1\r\n\r\n'),
    'another document type': Buffer.concat([
      ebmlHeader('mka'),
      segment,
      info(),
      tracks(),
      after(0),
    ]),
    'no EBML header': Buffer.concat([segment, info(), tracks(), after(0)]),
    'no Cluster': liveHeader(),
    'a header that is cut off': liveHeader().subarray(0, 50),
    'a Cluster before Tracks': Buffer.concat([ebmlHeader(), segment, info(), after(0)]),
    'two Tracks': Buffer.concat([liveHeader(), tracks(), after(0)]),
    'too much before the first Cluster': Buffer.concat([
      liveHeader(),
      el('ec', Buffer.alloc(9_000_000)),
    ]),
  };
  for (const [what, body] of Object.entries(bodies)) {
    const { local } = await startWithStream(t);
    const { lines } = await putMedia(t, local, body);
    assert.equal(
      lines,
      [
        '{"EventType":"ERROR","FragmentTimecode":-1,"FragmentNumber":"","ErrorCode":"INVALID_MKV_DATA","ErrorId":4006}',
      ],
      what,
    );
  }
});

test('4006: a fragment is broken or is followed by a second document', async (t) => {
  const start = liveStream([0]);
  const bodies: Record<string, [media: Buffer, ends: string]> = {
    'a fragment without frames': [cluster(90), 'ERROR 90 4006'],
    'a frame before the Timestamp': [open('1f43b675', simpleBlock(1, 0)), 'ERROR -1 4006'],
    'two Timestamps': [cluster(90, timestamp(91), simpleBlock(1, 0)), 'ERROR 90 4006'],
    'a frame that is cut off': [after(90).subarray(0, -20), 'ERROR 90 4006'],
    'a block without content': [cluster(90, el('a3', Buffer.from([0x81]))), 'ERROR 90 4006'],
    'a Cluster that is cut off': [
      sizedCluster(90, simpleBlock(1, 0), simpleBlock(1, 1)).subarray(0, 22 + 117),
      'ERROR 90 4006',
    ],
    'a second EBML header': [Buffer.concat([after(90), liveHeader()]), 'ERROR 90 4006'],
    'a second Segment': [Buffer.concat([after(90), open('18538067')]), 'ERROR 90 4006'],
    'a second Tracks': [Buffer.concat([after(90), tracks()]), 'ERROR 90 4006'],
    'rubbish behind a Cluster': [Buffer.concat([after(90), Buffer.alloc(9)]), 'ERROR 90 4006'],
  };
  for (const [what, [media, ends]] of Object.entries(bodies)) {
    const summary = await summaryOf(t, Buffer.concat([start, media]));
    assert.ok(summary.includes('PERSISTED 0'), `${what}: ${summary.join(', ')}`);
    assert.is(summary.at(-1), ends, `${what}: ${summary.join(', ')}`);
  }
});

test('an empty body is no error', async (t) => {
  assert.equal(await summaryOf(t, Buffer.alloc(0)), []);
});

test('4008: the stream is deleted while media come', async (t) => {
  const { local, client, streamArn } = await startWithStream(t);
  const connection = await TestPutMedia.open(t, local);
  await connection.write(liveStream([0]));
  await connection.until('BUFFERING 0');
  await client.send(new DeleteStreamCommand({ StreamARN: streamArn }));
  await connection.ended;
  assert.equal(connection.summary, ['BUFFERING 0', 'ERROR 0 4008']);
  assert.not.ok(existsSync(mediaFolder(local.dataDir)));
});

test('4009: a fragment has more than ten tags, or a name or value is too long', async (t) => {
  const many = (count: number): Buffer =>
    tags(Object.fromEntries(Array.from({ length: count }, (_, i) => [`name${i}`, 'value'])));
  const withTags = (...parts: Buffer[]): Buffer => Buffer.concat([liveStream([0]), ...parts]);
  const bodies: [media: Buffer, ends: string][] = [
    [withTags(many(10), tags({ AWS_KINESISVIDEO_END_OF_FRAGMENT: '' })), 'PERSISTED 0'],
    [withTags(tags({ ['n'.repeat(128)]: 'v'.repeat(256) })), 'PERSISTED 0'],
    [withTags(many(10), after(90), many(10)), 'PERSISTED 90'],
    [withTags(many(11)), 'ERROR 0 4009'],
    [withTags(many(6), many(5)), 'ERROR 0 4009'],
    [withTags(tags({ ['n'.repeat(129)]: '' })), 'ERROR 0 4009'],
    [withTags(tags({ name: 'ü'.repeat(129) })), 'ERROR 0 4009'],
    [withTags(tags({ name: 'v'.repeat(100_000) })), 'ERROR 0 4009'],
    [Buffer.concat([liveHeader(), many(11), after(0)]), 'ERROR -1 4009'],
  ];
  for (const [media, ends] of bodies) assert.is((await summaryOf(t, media)).at(-1), ends);
});

test('4009 does not count tags about a single track, which ffmpeg writes', async (t) => {
  const aboutTrack = el('1254c367', [
    el('7373', [
      el('63c0', el('63c5', uint(1))),
      ...Array.from({ length: 20 }, (_, i) => el('67c8', el('45a3', text(`T${i}`)))),
    ]),
  ]);
  const media = Buffer.concat([liveHeader(), aboutTrack, after(0)]);
  assert.is((await summaryOf(t, media)).at(-1), 'PERSISTED 0');
});

test('4010: a block belongs to a track that is not declared', async (t) => {
  const media = Buffer.concat([liveHeader(), cluster(0, simpleBlock(1, 0), simpleBlock(3, 1))]);
  assert.equal(await summaryOf(t, media), ['BUFFERING 0', 'ERROR 0 4010']);
});

test('4011: a declared track has no frame in a fragment', async (t) => {
  const header = liveHeader(videoTrack(), audioTrack());
  const both = cluster(0, simpleBlock(1, 0), simpleBlock(2, 5));
  const media = Buffer.concat([header, both, after(100)]);
  const summary = await summaryOf(t, media);
  assert.ok(summary.includes('PERSISTED 0'));
  assert.equal(summary.slice(-1), ['ERROR 100 4011']);
  assert.not.ok(summary.includes('RECEIVED 100'));
});

test('4012: there are more than three tracks', async (t) => {
  const three = [1, 2, 3].map((number) => videoTrack(number));
  const blocks = [1, 2, 3].map((number) => simpleBlock(number, 0));
  const fine = Buffer.concat([liveHeader(...three), cluster(0, ...blocks)]);
  assert.is((await summaryOf(t, fine)).at(-1), 'PERSISTED 0');
  assert.equal(await summaryOf(t, liveHeader(...three, videoTrack(4))), ['ERROR -1 4012']);
});

test('5001: a fragment cannot be stored', async (t) => {
  const { local } = await startWithStream(t);
  const connection = await TestPutMedia.open(t, local);
  await connection.write(liveStream([0]));
  await connection.until('BUFFERING 0');
  rmSync(mediaFolder(local.dataDir), { recursive: true });
  await connection.write(after(90));
  await connection.ended;
  assert.is(connection.summary.at(-1), 'ERROR 0 5001');
  assert.not.ok(connection.summary.some((line) => line.startsWith('PERSISTED')));
});

test('an error ends the response even of a client that goes on writing', async (t) => {
  const { local } = await startWithStream(t);
  const connection = await TestPutMedia.open(t, local);
  await connection.write(Buffer.concat([liveStream([0]), after(0)]));
  const closed = once(connection.response, 'close').then(() => 'closed');
  const flood = async (): Promise<string> => {
    await Promise.race([connection.write(Buffer.alloc(100_000)), sleep(50)]);
    return 'open';
  };
  while ((await Promise.race([closed, flood()])) === 'open');
  assert.is(connection.summary.at(-1), 'ERROR 0 4004');
});

test('a silent client gets IDLE and then the end of the response', async (t) => {
  const { local } = await startWithStream(t, { idleTimeout: 600 });
  const connection = await TestPutMedia.open(t, local);
  await connection.write(liveStream([0]));
  const started = performance.now();
  await connection.ended;
  const silence = performance.now() - started;
  assert.ok(silence >= 590 && silence < 1500, `closed after ${silence} ms`);
  const [first, ...idle] = connection.lines;
  assert.match(first ?? '', 'BUFFERING');
  assert.ok(idle.length >= 3, `${idle.length} IDLE acknowledgements`);
  for (const line of idle) assert.is(line, '{"EventType":"IDLE"}');
});

test('a fragment that is not complete when the client falls silent is not kept', async (t) => {
  const { local } = await startWithStream(t, { idleTimeout: 200 });
  const connection = await TestPutMedia.open(t, local);
  await connection.write(liveStream([0, 80]));
  await connection.ended;
  assert.is(fragmentFiles(local.dataDir).length, 1);
  assert.is((await listFragments(local)).length, 1);
});

test('tells a log why a connection was ended', async (t) => {
  const said: string[] = [];
  const { local } = await startWithStream(t, { log: (sentence) => said.push(sentence) });
  await putMedia(t, local, Buffer.concat([liveHeader(), cluster(7, simpleBlock(9, 0))]));
  assert.equal(said, [
    "PutMedia to 'cam' ends with TRACK_NUMBER_MISMATCH in the fragment at 7: Track 9 of a block is not declared.",
  ]);
});
