import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { GetMediaForFragmentListCommand } from '@aws-sdk/client-kinesis-video-archived-media';
import * as assert from 'uvu/assert';
import type { LocalKinesisVideo } from '../../ts/local/index.js';
import {
  cluster,
  ebmlHeader,
  el,
  info,
  liveHeader,
  open,
  simpleBlock,
  sizedCluster,
  tags,
  text,
  tracks,
} from '../parser/support/mkv.js';
import { suite, type TestContext } from '../support/suite.js';
import { requireTool } from '../support/tools.js';
import { startWithStream, temporaryFolder } from './support/endpoint.js';
import { fragmentFiles, listFragments, mediaFolder } from './support/fragments.js';
import { call, request } from './support/http.js';
import { archivedClient } from './support/playback.js';
import { putMedia } from './support/put-media.js';
import { signedHeaders } from './support/signing.js';

const test = suite('GetMediaForFragmentList', { timeout: 15_000 });

/** Asks for fragments with the SDK's client. */
async function getFragments(
  t: TestContext,
  local: LocalKinesisVideo,
  numbers: readonly string[],
): Promise<Buffer> {
  const client = archivedClient(t, local);
  const command = new GetMediaForFragmentListCommand({
    StreamName: 'cam',
    Fragments: [...numbers],
  });
  const { Payload, ContentType } = await client.send(command);
  assert.is(ContentType, 'video/webm');
  return Buffer.concat((await (Payload as Readable).toArray()) as Buffer[]);
}

/** A Tags element as the service writes it: sizes of 4 bytes, one SimpleTag for each row. */
function serviceTags(rows: Record<string, string>): Buffer {
  const simple = Object.entries(rows).map(([name, value]) =>
    el('67c8', [el('45a3', text(name), 4), el('4487', text(value), 4)], 4),
  );
  return el('1254c367', el('7373', simple, 4), 4);
}

/** What stands for a fragment that is not there. */
function notFound(number: string): Buffer {
  return Buffer.concat([
    ebmlHeader(),
    open('18538067'),
    serviceTags({
      AWS_KINESISVIDEO_FRAGMENT_NUMBER: number,
      AWS_KINESISVIDEO_EXCEPTION_ERROR_CODE: '4000',
      AWS_KINESISVIDEO_EXCEPTION_MESSAGE: 'FRAGMENT_NOT_FOUND',
    }),
  ]);
}

/** Three fragments, and what the answer has for each of them. */
async function prepare(t: TestContext) {
  const { local } = await startWithStream(t, { getMediaTimeout: 100 });
  const head = [info(), tracks(), el('ec', Buffer.alloc(20, 7))];
  const bodies = [
    [sizedCluster(1000, simpleBlock(1, 0), simpleBlock(1, 40)), tags({ a: 'b' })],
    [cluster(2000, simpleBlock(1, 0, 300_000))],
    [cluster(3000, simpleBlock(1, 0)), el('1c53bb6b', Buffer.alloc(0))],
  ];
  const media = [ebmlHeader(), open('18538067', head, 'ff'), ...bodies.flat()];
  await putMedia(t, local, Buffer.concat(media), {
    headers: { 'x-amzn-producer-start-timestamp': '100.5' },
  });
  const fragments = await listFragments(local);
  const chunks = fragments.map(({ FragmentNumber, ServerTimestamp, ProducerTimestamp }, i) =>
    Buffer.concat([
      ebmlHeader(),
      open('18538067', head),
      serviceTags({
        AWS_KINESISVIDEO_FRAGMENT_NUMBER: FragmentNumber,
        AWS_KINESISVIDEO_SERVER_TIMESTAMP: ServerTimestamp.toFixed(3),
        AWS_KINESISVIDEO_PRODUCER_TIMESTAMP: ProducerTimestamp.toFixed(3),
        AWS_KINESISVIDEO_SERVER_SIDE_TIMESTAMP: ServerTimestamp.toFixed(3),
        AWS_KINESISVIDEO_PRODUCER_SIDE_TIMESTAMP: ProducerTimestamp.toFixed(3),
      }),
      ...(bodies[i] ?? []),
    ]),
  );
  assert.is(chunks.length, 3);
  const [n0 = '', n1 = '', n2 = ''] = fragments.map(({ FragmentNumber }) => FragmentNumber);
  const [c0, c1, c2] = chunks as [Buffer, Buffer, Buffer];
  return { local, numbers: [n0, n1, n2] as const, chunks: [c0, c1, c2] as const };
}

test('sends what is asked for, byte by byte, in that order', async (t) => {
  const { local, numbers, chunks } = await prepare(t);
  const [n0, n1, n2] = numbers;
  const [c0, c1, c2] = chunks;
  const cases: [asked: string[], expected: Buffer[]][] = [
    [[n1], [c1]],
    [
      [n2, n0, n1],
      [c2, c0, c1],
    ],
    [
      [n0, n0],
      [c0, c0],
    ],
    [[`000${n1}`], [c1]],
  ];
  for (const [asked, expected] of cases) {
    const answer = await getFragments(t, local, asked);
    assert.ok(answer.equals(Buffer.concat(expected)), asked.join(', '));
  }
});

test('tells with tags which fragments are not there, and sends the others', async (t) => {
  const { local, numbers, chunks } = await prepare(t);
  const [n0, n1, n2] = numbers;
  rmSync(join(mediaFolder(local.dataDir), fragmentFiles(local.dataDir)[1] ?? ''));
  const answer = await getFragments(t, local, ['5', n0, n1, '9'.repeat(128), n2]);
  const expected = [notFound('5'), chunks[0], notFound(n1), notFound('9'.repeat(128)), chunks[2]];
  assert.ok(answer.equals(Buffer.concat(expected)));
});

test('has nothing of a stream without retention', async (t) => {
  const { local } = await startWithStream(t, {}, { DataRetentionInHours: 0 });
  const { acks } = await putMedia(
    t,
    local,
    Buffer.concat([liveHeader(), cluster(0, simpleBlock(1, 0))]),
  );
  const number = acks[0]?.FragmentNumber ?? '';
  assert.ok((await getFragments(t, local, [number])).equals(notFound(number)));
});

test('answers a thousand at once', async (t) => {
  const { local, numbers, chunks } = await prepare(t);
  const asked = Array.from({ length: 1000 }, (_, i) => numbers[i % 2 === 0 ? 0 : 2]);
  const answer = await getFragments(t, local, asked);
  assert.is(answer.length, 500 * (chunks[0].length + chunks[2].length));
});

test('refuses what it cannot answer', async (t) => {
  const { local } = await startWithStream(t);
  const stream = { StreamName: 'cam' };
  const invalid = 'InvalidArgumentException';
  const cases: [input: object, type: string, message: string][] = [
    [stream, invalid, "Member 'Fragments' must not be absent"],
    [{ ...stream, Fragments: [] }, invalid, 'it must have 1 to 1000 entries'],
    [{ ...stream, Fragments: Array(1001).fill('1') }, invalid, 'it must have 1 to 1000 entries'],
    [{ ...stream, Fragments: ['1', 'x'] }, invalid, "Value 'x' at 'Fragments.1'"],
    [{ ...stream, Fragments: ['1'.repeat(129)] }, invalid, 'its length must be 1 to 128'],
    [{ Fragments: ['1'] }, invalid, 'Exactly one of StreamName and StreamARN'],
    [{ StreamName: 'nobody', Fragments: ['1'] }, 'ResourceNotFoundException', 'not found'],
  ];
  for (const [input, type, message] of cases) {
    const { headers, json } = await call(local, '/getMediaForFragmentList', input);
    assert.is(headers['x-amzn-errortype'], type);
    assert.match(String(json['Message']), message);
  }
});

test('allows five readers of a stream at a time', async (t) => {
  const { local, numbers } = await prepare(t);
  const body = JSON.stringify({ StreamName: 'cam', Fragments: Array(500).fill(numbers[1]) });
  const readers: IncomingMessage[] = [];
  for (let i = 0; i < 5; i += 1) {
    const path = '/getMediaForFragmentList';
    const sent = request(local.endpoint, path, await signedHeaders(local.endpoint, path, { body }));
    t.after(() => sent.destroy());
    sent.on('error', () => undefined).end(body);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    readers.push(response.on('error', () => undefined));
  }
  const input = { StreamName: 'cam', Fragments: [numbers[0]] };
  const sixth = await call(local, '/getMediaForFragmentList', input);
  assert.is(sixth.headers['x-amzn-errortype'], 'ClientLimitExceededException');
  assert.match(String(sixth.json['Message']), '5 GetMediaForFragmentList connections; at most 5');
  readers[0]?.destroy();
  await sleep(100);
  assert.is((await call(local, '/getMediaForFragmentList', input)).status, 200);
});

test('what it sends is Matroska for ffprobe and mkvinfo', async (t) => {
  requireTool(t, 'ffmpeg', 'ffprobe', 'mkvinfo');
  const { local } = await startWithStream(t);
  const source = fileURLToPath(new URL('../fixtures/h264-aac.mkv', import.meta.url));
  const args = ['-v', 'error', '-i', source, '-map', '0:v', '-c', 'copy', '-f', 'matroska', '-'];
  await putMedia(t, local, execFileSync('ffmpeg', args));
  const [fragment] = await listFragments(local);
  const path = join(temporaryFolder(t), 'fragment.mkv');
  writeFileSync(path, await getFragments(t, local, [fragment?.FragmentNumber ?? '']));
  const probe = ['-v', 'error', '-count_packets', '-show_streams', path];
  const probed = execFileSync('ffprobe', probe, { encoding: 'utf8' });
  assert.match(probed, 'nb_read_packets=25');
  const listing = execFileSync('mkvinfo', ['--all', path], { encoding: 'utf8' });
  assert.match(listing, 'AWS_KINESISVIDEO_SERVER_SIDE_TIMESTAMP');
});
