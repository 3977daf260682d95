import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DeleteStreamCommand, DescribeStreamCommand } from '@aws-sdk/client-kinesis-video';
import * as assert from 'uvu/assert';
import { KinesisVideoError } from '../../ts/internal/errors.js';
import { Database } from '../../ts/local/database.js';
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
import { fragmentFiles, listFragments, mediaFolder } from './support/fragments.js';
import { call } from './support/http.js';
import { putMedia, TestPutMedia } from './support/put-media.js';

const test = suite('Storage', { timeout: 20_000 });

const HOUR = 3_600_000;

/** A stream with fragments on disk, closed again. */
async function prepare(t: TestContext, times: number[]): Promise<string> {
  const dataDir = temporaryFolder(t);
  const { local } = await startWithStream(t, { dataDir });
  await putMedia(t, local, liveStream(times));
  await local.close();
  return dataDir;
}

/** An endpoint in a process of its own. */
async function serve(t: TestContext, dataDir: string): Promise<[ChildProcess, LocalKinesisVideo]> {
  const program = fileURLToPath(new URL('./support/serve.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', program, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return [child, JSON.parse(line.toString()) as LocalKinesisVideo];
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
    const path = join(mediaFolder(local.dataDir), file);
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
  const [child, remote] = await serve(t, dataDir);
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
    const file = readFileSync(join(mediaFolder(dataDir), `${FragmentNumber}.mkv`));
    assert.is(file.length, FragmentSizeInBytes);
  }
});

test('goes on after the end of the index that a loss of power cut in half', async (t) => {
  const dataDir = await prepare(t, [0, 80]);
  const local = await startEndpoint(t, { dataDir });
  await putMedia(t, local, liveStream([0]));
  await local.close();
  const index = join(dataDir, 'index');
  const log = readdirSync(index).find((name) => name.endsWith('.log')) ?? '';
  truncateSync(join(index, log), readFileSync(join(index, log)).length - 7);
  const again = await startEndpoint(t, { dataDir });
  assert.is((await listFragments(again)).length, 2);
  assert.is(fragmentFiles(dataDir).length, 2, 'what nobody was told of is gone');
  await putMedia(t, again, liveStream([0]));
  assert.is((await listFragments(again)).length, 3);
});

test('forgets files that are lost and removes what a crash left behind', async (t) => {
  const dataDir = await prepare(t, [0, 80, 160]);
  const [first = '', second = '', third = ''] = fragmentFiles(dataDir);
  const folder = mediaFolder(dataDir);
  rmSync(join(folder, third));
  writeFileSync(join(folder, '123.mkv'), 'never acknowledged');
  mkdirSync(mediaFolder(dataDir, 'deleted'));
  writeFileSync(join(mediaFolder(dataDir, 'deleted'), '1.mkv'), 'of a stream that is no more');
  mkdirSync(join(dataDir, 'not-ours'));

  const local = await startEndpoint(t, { dataDir });
  const held = (await listFragments(local)).map((fragment) => `${fragment.FragmentNumber}.mkv`);
  assert.equal(held, [first, second]);
  assert.equal(fragmentFiles(dataDir), [first, second]);
  assert.equal(readdirSync(join(dataDir, 'fragments')), ['cam']);
  assert.ok(existsSync(join(dataDir, 'not-ours')));
});

/** The error that the endpoint does not start with. */
async function refusal(t: TestContext, dataDir: string): Promise<KinesisVideoError> {
  const error = await startEndpoint(t, { dataDir }).catch((reason: unknown) => reason);
  assert.instance(error, KinesisVideoError);
  return error as KinesisVideoError;
}

test('says which stream cannot be read', async (t) => {
  const dataDir = await prepare(t, [0]);
  rmSync(mediaFolder(dataDir), { recursive: true });
  const { message, code } = await refusal(t, dataDir);
  assert.is(code, 'STATUS_READ_FILE_FAILED');
  assert.match(message, `The media of the stream 'cam' in ${mediaFolder(dataDir)} cannot be read`);
});

test('says that the index is damaged', async (t) => {
  const dataDir = await prepare(t, [0]);
  writeFileSync(join(dataDir, 'index', 'CURRENT'), 'nonsense');
  const { message, code } = await refusal(t, dataDir);
  assert.is(code, 'STATUS_READ_FILE_FAILED');
  assert.match(message, `The index in ${join(dataDir, 'index')} is damaged`);
});

test('refuses data that it would hide or remove, and leaves it alone', async (t) => {
  const former = temporaryFolder(t);
  mkdirSync(join(former, 'cam', 'fragments'), { recursive: true });
  writeFileSync(join(former, 'cam', 'stream.json'), '{}');
  assert.match((await refusal(t, former)).message, 'stream.json is of a format that this version');
  assert.equal(readdirSync(former), ['cam']);

  const orphaned = await prepare(t, [0, 80]);
  rmSync(join(orphaned, 'index'), { recursive: true });
  const { message } = await refusal(t, orphaned);
  assert.match(message, "it has a folder 'fragments' but no 'index'");
  assert.is(fragmentFiles(orphaned).length, 2);

  const newer = await prepare(t, [0]);
  const database = await Database.open(join(newer, 'index'));
  await database.write([{ type: 'put', key: 'format', value: { version: 99 } }], true);
  await database.close();
  assert.match((await refusal(t, newer)).message, 'it has the format 99');
});

test('a data folder serves one endpoint at a time', async (t) => {
  const dataDir = temporaryFolder(t);
  const local = await startEndpoint(t, { dataDir });
  const sentence = `Another local endpoint uses the data in ${dataDir}. End it first, or use another dataDir.`;
  assert.is((await refusal(t, dataDir)).message, sentence);
  assert.is((await refusal(t, join(dataDir, '.'))).message, sentence, 'whatever it is called');
  await local.close();

  const [child] = await serve(t, dataDir);
  const { message, code } = await refusal(t, dataDir);
  assert.match(message, `Another local endpoint uses the data in ${dataDir}`);
  assert.is(code, 'STATUS_OPEN_FILE_FAILED');
  child.kill('SIGKILL');
  await once(child, 'exit');
  await startEndpoint(t, { dataDir });
});

test('a start that fails lets go of the data folder', async (t) => {
  const dataDir = temporaryFolder(t);
  const first = await startEndpoint(t);
  const port = Number(new URL(first.endpoint).port);
  const error = await startEndpoint(t, { dataDir, port }).catch((reason: unknown) => reason);
  assert.match(String(error), 'is in use');
  await startEndpoint(t, { dataDir });
});

test('says how to install the package of the index when it is missing', async (t) => {
  const folder = temporaryFolder(t);
  const preload = join(folder, 'missing.cjs');
  writeFileSync(
    preload,
    `const Module = require('node:module');
     const load = Module._load;
     Module._load = function (id, ...rest) {
       return load.call(this, id === 'classic-level' ? 'not-installed' : id, ...rest);
     };`,
  );
  const program = fileURLToPath(new URL('./support/serve.ts', import.meta.url));
  const args = ['--require', preload, '--import', 'tsx', program, join(folder, 'data')];
  const { stderr, status } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    timeout: 10_000,
  });
  assert.is(status, 1);
  assert.match(
    stderr,
    'the optional package classic-level, which is not installed. Run `npm install classic-level`.',
  );
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
  assert.equal(readdirSync(join(local.dataDir, 'fragments')), []);
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
  const [child, remote] = await serve(t, dataDir);
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
