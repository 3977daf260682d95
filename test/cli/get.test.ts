import * as assert from 'uvu/assert';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, type TestContext } from '../support/suite.js';
import { requireTool } from '../support/tools.js';
import {
  fixture,
  kvs,
  startLocal,
  summaryOf,
  temporaryFolder,
  type RunOptions,
  requireSignals,
} from './kvs.js';
import { assertSamePackets, assertSound, probePackets, runTool } from './media.js';

const test = suite('kvs get', { timeout: 60_000 });

const START = 1_700_000_000_000;

/** An endpoint with a stream, and a function that runs `kvs get` on it. */
async function startStream(t: TestContext, getMediaTimeout = 300) {
  const { endpoint } = await startLocal(t, { getMediaTimeout });
  const place = ['--stream', 'kept', '--endpoint', endpoint];
  const put = async (name: string, start: number): Promise<readonly string[]> => {
    const options = ['--json', '--start-time', String(start), '--fragment-duration', '1000'];
    const run = await kvs(t, ['put', fixture(name), ...place, ...options]);
    assert.is(run.status, 0, run.stderr);
    return run.lines
      .filter(({ ackType }) => ackType === 'PERSISTED')
      .map(({ fragmentNumber }) => String(fragmentNumber));
  };
  const get = (args: readonly string[], options?: RunOptions) =>
    kvs(t, ['get', ...place, ...args], options);
  return { put, get };
}

test('in a pipe the media go to the standard output', async (t) => {
  const { put, get } = await startStream(t);
  await put('h264-aac.mp4', START);
  const copy = join(temporaryFolder(t), 'copy.mkv');
  assert.is((await get(['-o', copy])).status, 0);
  const piped = await get([]);
  assert.is(piped.status, 0, piped.stderr);
  assert.ok(piped.stdout.equals(readFileSync(copy)));
  assert.is(piped.stderr, '');
});

test('two uploads with the same settings become one file that plays through', async (t) => {
  requireTool(t, 'ffprobe', 'ffmpeg', 'mkvinfo');
  const { put, get } = await startStream(t);
  await put('h264-aac.mp4', START);
  await put('h264-aac.mp4', START + 10_000);
  const copy = join(temporaryFolder(t), 'copy.mkv');
  const run = await get(['-o', copy, '--json']);
  assert.is(run.status, 0, run.stderr);
  assert.is(summaryOf(run)['fragments'], 6);
  assert.is(probePackets(copy, 'video').length, 150);
  assertSound(copy);
});

test('--start with a fragment number goes on after that fragment', async (t) => {
  const { put, get } = await startStream(t);
  const [first = ''] = await put('h264-aac.mp4', START);
  const copy = join(temporaryFolder(t), 'copy.mkv');
  const run = await get(['-o', copy, '--start', first, '--json']);
  assert.is(run.status, 0, run.stderr);
  const { fragments, bytes } = summaryOf(run);
  assert.is(fragments, 2);
  assert.is(bytes, readFileSync(copy).length);
});

test('--raw writes what the service sends: a document for each fragment', async (t) => {
  requireTool(t, 'ffprobe');
  const { put, get } = await startStream(t);
  await put('h264-aac.mp4', START);
  const copy = join(temporaryFolder(t), 'raw.mkv');
  const run = await get(['-o', copy, '--raw', '--json']);
  assert.is(run.status, 0, run.stderr);
  const raw = readFileSync(copy);
  assert.is(raw.toString('latin1').split('\x1a\x45\xdf\xa3').length - 1, 3);
  assert.ok(raw.includes('AWS_KINESISVIDEO_FRAGMENT_NUMBER'));
  assert.is(summaryOf(run)['fragments'], 3);
  assert.is(summaryOf(run)['bytes'], raw.length);
});

test('a stream without media is an error, and an existing file is left alone', async (t) => {
  const { get } = await startStream(t);
  const { endpoint } = await startLocal(t);
  await kvs(t, ['create', '--stream', 'empty', '--endpoint', endpoint]);
  const copy = join(temporaryFolder(t), 'copy.mkv');
  writeFileSync(copy, 'precious');
  const run = await kvs(t, ['get', '--stream', 'empty', '--endpoint', endpoint, '-o', copy]);
  assert.is(run.status, 1);
  assert.match(run.stderr, /^kvs: Stream "empty" had no media to read: [^\n]*\n$/);
  assert.is(readFileSync(copy, 'utf8'), 'precious');
  const missing = await get(['-o', copy]);
  assert.is(missing.status, 1);
  assert.match(missing.stderr, /^kvs: Stream "kept" does not exist [^\n]*\n$/);
});

test('when the tracks change, what came before is a whole file, and the status is 1', async (t) => {
  requireTool(t, 'ffprobe', 'ffmpeg', 'mkvinfo');
  const { put, get } = await startStream(t);
  await put('h264-aac.mp4', START);
  await put('h265-aac.mp4', START + 10_000);
  const copy = join(temporaryFolder(t), 'copy.mkv');
  const run = await get(['-o', copy]);
  assert.is(run.status, 1);
  assert.match(run.stderr, /^kvs: The stream's tracks or codec settings changed? after fragment 3/);
  assertSamePackets(fixture('h264-aac.mp4'), copy, 'video', START);
  assertSound(copy);
});

test('an interrupt leaves a whole file', async (t) => {
  requireSignals(t);
  requireTool(t, 'ffprobe', 'ffmpeg', 'mkvinfo');
  const { put, get } = await startStream(t, 20_000);
  await put('h264-aac.mp4', START);
  const copy = join(temporaryFolder(t), 'copy.mkv');
  const run = await get(['-o', copy], {
    onStart: (child) => {
      const poll = setInterval(() => {
        if (!existsSync(copy) || readFileSync(copy).length < 30_000) return;
        clearInterval(poll);
        child.kill('SIGINT');
      }, 100);
    },
  });
  assert.is(run.status, 0, run.stderr);
  assertSamePackets(fixture('h264-aac.mp4'), copy, 'video', START);
  assertSound(copy);
  assert.ok(run.milliseconds < 10_000);
});

test('a path that cannot be written is reported', async (t) => {
  const { put, get } = await startStream(t);
  await put('h264-baseline.mp4', START);
  const run = await get(['-o', join(temporaryFolder(t), 'none', 'copy.mkv')]);
  assert.is(run.status, 1);
  assert.match(run.stderr, /^kvs: '[^\n]*copy\.mkv' cannot be written \(ENOENT[^\n]*\n$/);
});

test('a reader that has seen enough is no failure', async (t) => {
  requireTool(t, 'ffprobe');
  const { put, get } = await startStream(t);
  await put('clip.mp4', START);
  const run = await get([], {
    onOutput: (_stdout, child) => {
      child.stdout?.destroy();
    },
  });
  assert.is(run.status, 0, run.stderr);
  assert.is(run.stderr, '');
});

test('media of one stream play while they arrive', async (t) => {
  requireTool(t, 'ffprobe');
  const { put, get } = await startStream(t);
  await put('clip.mp4', START);
  const folder = temporaryFolder(t);
  const piped = await get(['--start', 'earliest']);
  const copy = join(folder, 'copy.mkv');
  writeFileSync(copy, piped.stdout);
  const duration = runTool('ffprobe', [
    '-v',
    'error',
    '-count_packets',
    '-show_entries',
    'stream=nb_read_packets',
    '-of',
    'csv=p=0',
    copy,
  ]);
  assert.is(duration, '200\n376\n');
});
