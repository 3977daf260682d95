import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DeleteStreamCommand, DescribeStreamCommand } from '@aws-sdk/client-kinesis-video';
import * as assert from 'uvu/assert';
import { KinesisVideoError } from '../../ts/internal/errors.js';
import type { LocalKinesisVideo, LocalKinesisVideoOptions } from '../../ts/local/index.js';
import { liveHeader, liveStream, open, simpleBlock, timestamp } from '../parser/support/mkv.js';
import { suite, type TestContext } from '../support/suite.js';
import { requireTool } from '../support/tools.js';
import {
  controlClient,
  startEndpoint,
  startWithStream,
  temporaryFolder,
} from './support/endpoint.js';
import { listFragments } from './support/fragments.js';
import { call } from './support/http.js';
import { putMedia, TestPutMedia } from './support/put-media.js';

const test = suite('Storage', { timeout: 20_000 });

const HOUR = 3_600_000;

function fragmentFiles(dataDir: string): string[] {
  return readdirSync(join(dataDir, 'cam', 'fragments')).sort();
}

/** A stream with fragments on disk, closed again. */
async function prepare(t: TestContext, times: number[]): Promise<string> {
  const dataDir = temporaryFolder(t);
  const { local } = await startWithStream(t, { dataDir });
  await putMedia(t, local, liveStream(times));
  await local.close();
  return dataDir;
}

test('keeps each fragment as a file that plays by itself', async (t) => {
  requireTool(t, 'ffmpeg', 'ffprobe');
  const { local } = await startWithStream(t);
  const source = fileURLToPath(new URL('../fixtures/h264-aac.mkv', import.meta.url));
  const args = ['-v', 'error', '-i', source, '-map', '0:v', '-c', 'copy', '-f', 'matroska', '-'];
  const { acks } = await putMedia(t, local, execFileSync('ffmpeg', args));
  const persisted = acks.filter((ack) => ack.EventType === 'PERSISTED');
  const files = fragmentFiles(local.dataDir);
  assert.equal(
    files,
    persisted.map((ack) => `${ack.FragmentNumber ?? ''}.mkv`),
  );
  for (const file of files) {
    const path = join(local.dataDir, 'cam', 'fragments', file);
    const probe = ['-v', 'error', '-count_frames', '-show_entries', 'stream=nb_read_frames', path];
    assert.match(execFileSync('ffprobe', probe, { encoding: 'utf8' }), 'nb_read_frames=25');
  }
});

test('has everything again after a restart', async (t) => {
  const dataDir = temporaryFolder(t);
  const { local, client, streamArn } = await startWithStream(
    t,
    { dataDir },
    { MediaType: 'video/h264' },
  );
  const first = await putMedia(t, local, liveStream([0, 80]));
  const before = await client.send(new DescribeStreamCommand({ StreamName: 'cam' }));
  const held = await listFragments(local);
  await local.close();

  const again = await startEndpoint(t, { dataDir });
  const other = controlClient(t, again);
  const after = await other.send(new DescribeStreamCommand({ StreamARN: streamArn }));
  assert.equal(after.StreamInfo, before.StreamInfo);
  assert.equal(await listFragments(again), held);
  const second = await putMedia(t, again, liveStream([0]));
  const [last, next] = [first.acks.at(-1), second.acks[0]].map((ack) => ack?.FragmentNumber ?? '');
  assert.ok((next ?? '') > (last ?? ''), 'numbers go on ascending');
});

test('what was acknowledged as PERSISTED survives kill -9', async (t) => {
  const dataDir = temporaryFolder(t);
  const program = fileURLToPath(new URL('./support/serve.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', program, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const remote = JSON.parse(line.toString()) as LocalKinesisVideo;
  await call(remote, '/createStream', { StreamName: 'cam', DataRetentionInHours: 1 });

  const connection = await TestPutMedia.open(t, remote);
  const times = Array.from({ length: 400 }, (_, i) => i * 100);
  void connection.write(liveStream(times, 20_000));
  await connection.until('PERSISTED 2000');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const persisted = connection.acks
    .filter((ack) => ack.EventType === 'PERSISTED')
    .map((ack) => ack.FragmentNumber ?? '');
  assert.ok(persisted.length >= 21 && persisted.length < 400, `${persisted.length} were persisted`);

  const local = await startEndpoint(t, { dataDir });
  const held = await listFragments(local);
  const numbers = held.map((fragment) => fragment.FragmentNumber);
  assert.equal(numbers.slice(0, persisted.length), persisted);
  assert.equal(
    fragmentFiles(dataDir),
    numbers.map((number) => `${number}.mkv`),
    'nothing else is left behind',
  );
  for (const { FragmentNumber, FragmentSizeInBytes } of held) {
    const file = readFileSync(join(dataDir, 'cam', 'fragments', `${FragmentNumber}.mkv`));
    assert.is(file.length, FragmentSizeInBytes);
  }
});

test('goes on after a line of the index that a crash cut in half', async (t) => {
  const dataDir = await prepare(t, [0, 80]);
  appendFileSync(join(dataDir, 'cam', 'index.jsonl'), '{"number":"9');
  const local = await startEndpoint(t, { dataDir });
  assert.is((await listFragments(local)).length, 2);
  await putMedia(t, local, liveStream([0]));
  await local.close();
  const again = await startEndpoint(t, { dataDir });
  assert.is((await listFragments(again)).length, 3);
});

test('forgets files that are lost and removes what a crash left behind', async (t) => {
  const dataDir = await prepare(t, [0, 80, 160]);
  const [first = '', second = '', third = ''] = fragmentFiles(dataDir);
  const folder = join(dataDir, 'cam', 'fragments');
  rmSync(join(folder, third));
  writeFileSync(join(folder, '123.mkv'), 'never acknowledged');
  writeFileSync(join(folder, '124.mkv.part'), 'incomplete');
  mkdirSync(join(dataDir, 'not-a-stream'));

  const local = await startEndpoint(t, { dataDir });
  const held = (await listFragments(local)).map((fragment) => `${fragment.FragmentNumber}.mkv`);
  assert.equal(held, [first, second]);
  assert.equal(fragmentFiles(dataDir), [first, second]);
});

test('says which folder cannot be read', async (t) => {
  const dataDir = await prepare(t, [0]);
  writeFileSync(join(dataDir, 'cam', 'stream.json'), '{"streamName":');
  try {
    await startEndpoint(t, { dataDir });
    assert.unreachable();
  } catch (error) {
    const { message, code } = error as Error & { code: string };
    assert.is(code, 'STATUS_READ_FILE_FAILED');
    assert.match(message, `The stream in ${join(dataDir, 'cam')} cannot be read`);
  }
});

test('says that a data folder cannot be used', async (t) => {
  const dataDir = join(temporaryFolder(t), 'file');
  writeFileSync(dataDir, '');
  const error = await startEndpoint(t, { dataDir }).catch((reason: unknown) => reason);
  assert.instance(error, KinesisVideoError);
  assert.match(String(error), `The data folder ${dataDir} cannot be used: EEXIST`);
});

test('drops fragments when the retention period is over', async (t) => {
  let time = Date.now();
  const { local } = await startWithStream(t, { now: () => time }, { DataRetentionInHours: 2 });
  const date = (): { signing: { date: Date } } => ({ signing: { date: new Date(time) } });
  const held = async (): Promise<string[]> => {
    const { json } = await call(
      local,
      '/listFragments',
      {
        StreamName: 'cam',
        FragmentSelector: {
          FragmentSelectorType: 'SERVER_TIMESTAMP',
          TimestampRange: { StartTimestamp: 0, EndTimestamp: 4e9 },
        },
      },
      date().signing,
    );
    const found = json['Fragments'] as { FragmentNumber: string }[];
    return found.map(({ FragmentNumber }) => `${FragmentNumber}.mkv`);
  };
  await putMedia(t, local, liveStream([0]), date());
  time += 1.5 * HOUR;
  await putMedia(t, local, liveStream([0]), date());
  assert.is((await held()).length, 2);
  time += HOUR;
  const left = await held();
  assert.is(left.length, 1);
  await local.close();
  assert.not.ok(existsSync(local.dataDir));
});

test('keeps five minutes and 200 MB of a stream without retention', async (t) => {
  let time = Date.now();
  const dataDir = temporaryFolder(t);
  const options: LocalKinesisVideoOptions = { dataDir, now: () => time };
  const { local } = await startWithStream(t, options, { DataRetentionInHours: 0 });
  const put = (media: Buffer): Promise<unknown> =>
    putMedia(t, local, media, { signing: { date: new Date(time) } });
  await put(liveStream([0]));
  time += 5 * 60_000 + 1;
  await put(liveStream([0]));
  await local.close();
  assert.is(fragmentFiles(dataDir).length, 1);

  const second = await startEndpoint(t, options);
  const media = liveStream([0, 100, 200, 300, 400, 500], 20_000_000);
  await putMedia(t, second, media, { signing: { date: new Date(time) } });
  await second.close();
  const sizes = fragmentFiles(dataDir).length;
  assert.is(sizes, 4, 'four fragments of 40 MB fit into 200 MB beside what must not be split');
});

test('removes the data of a deleted stream', async (t) => {
  const { local, client, streamArn } = await startWithStream(t);
  await putMedia(t, local, liveStream([0]));
  await client.send(new DeleteStreamCommand({ StreamARN: streamArn }));
  assert.equal(readdirSync(local.dataDir), []);
});

test('removes a temporary folder when it closes, and keeps one that it was given', async (t) => {
  const temporary = await startEndpoint(t);
  assert.ok(existsSync(temporary.dataDir));
  await temporary.close();
  assert.not.ok(existsSync(temporary.dataDir));
  const dataDir = await prepare(t, [0]);
  assert.is(fragmentFiles(dataDir).length, 1);
});

test('a fragment of nearly 50 MB costs no more memory than small ones do', async (t) => {
  requireTool(t, 'ps');
  const dataDir = temporaryFolder(t);
  const program = fileURLToPath(new URL('./support/serve.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', program, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const remote = JSON.parse(line.toString()) as LocalKinesisVideo;
  await call(remote, '/createStream', { StreamName: 'cam', DataRetentionInHours: 1 });
  const residentBytes = (): number =>
    Number(execFileSync('ps', ['-o', 'rss=', '-p', String(child.pid)])) * 1024;

  const small = Array.from({ length: 60 }, (_, i) => i * 100);
  await putMedia(t, remote, liveStream(small, 500_000));
  const before = residentBytes();
  let highest = 0;
  const connection = await TestPutMedia.open(t, remote);
  await connection.write(Buffer.concat([liveHeader(), open('1f43b675', timestamp(100), 'ff')]));
  const frame = simpleBlock(1, 0, 1_000_000);
  for (let i = 0; i < 49; i += 1) {
    await connection.write(frame);
    highest = Math.max(highest, residentBytes());
  }
  await connection.finish();
  assert.ok(connection.summary.includes('PERSISTED 100'));
  const cost = highest - before;
  assert.ok(cost < 25_000_000, `49 MB in one fragment cost ${cost} bytes`);
});
