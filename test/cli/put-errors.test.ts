import * as assert from 'uvu/assert';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, type TestContext } from '../support/suite.js';
import { requireTool } from '../support/tools.js';
import {
  largeH264,
  withoutCodecPrivate,
  withoutFirstKeyFrame,
  withTimesRunningBackwards,
} from './inputs.js';
import { fixture, kvs, startLocal, summaryOf, temporaryFolder, type Run } from './kvs.js';
import { runTool } from './media.js';

const test = suite('kvs put when something is wrong', { timeout: 60_000 });

/** Puts a file to a new endpoint, and asserts that there is one sentence and the status is 1. */
async function fail(t: TestContext, args: readonly string[], sentence: RegExp): Promise<Run> {
  const local = await startLocal(t);
  const place = ['--stream', 'bad', '--endpoint', local.endpoint];
  const run = await kvs(t, ['put', ...args, ...place, '--json']);
  const errors = run.lines.filter(({ type }) => type === 'error');
  assert.is(errors.length, 1, `${run.stdout.toString()}\n${run.stderr}`);
  assert.match(String(errors[0]?.message), sentence);
  const said = run.stderr.split('\n').filter((line) => line.startsWith('kvs: '));
  assert.equal(said, [`kvs: ${String(errors[0]?.message)}`]);
  assert.not.match(run.stderr, /^ +at /m);
  assert.is(run.status, 1);
  return run;
}

interface BadInput {
  readonly title: string;
  /** Makes the input in a folder and returns the arguments that name it. */
  readonly make: (folder: string, t: TestContext) => readonly string[];
  readonly sentence: RegExp;
}

const BAD_INPUTS: readonly BadInput[] = [
  {
    title: 'a file that does not exist',
    make: (folder) => [join(folder, 'none.mp4')],
    sentence: /none\.mp4': there is no such file/,
  },
  {
    title: 'a folder',
    make: (folder) => {
      mkdirSync(join(folder, 'clip.mp4'));
      return [join(folder, 'clip.mp4')];
    },
    sentence: /clip\.mp4': it is a folder/,
  },
  {
    title: 'an empty file',
    make: (folder) => {
      writeFileSync(join(folder, 'empty.mp4'), '');
      return [join(folder, 'empty.mp4')];
    },
    sentence: /empty\.mp4' is empty/,
  },
  {
    title: 'an empty pipe',
    make: () => ['-'],
    sentence: /nothing in the standard input/,
  },
  {
    title: 'a file that is no media',
    make: () => [fixture('make-media.sh')],
    sentence: /make-media\.sh' is not in a format that can be sent; give MP4/,
  },
  {
    title: 'a codec that cannot be sent',
    make: (folder, t) => {
      requireTool(t, 'ffmpeg');
      const path = join(folder, 'mpeg2.mp4');
      const source = ['-i', fixture('h264-baseline.mp4'), '-c:v', 'mpeg2video', '-t', '1', path];
      runTool('ffmpeg', ['-v', 'error', ...source]);
      return [path];
    },
    sentence: /mpeg2\.mp4/,
  },
  {
    title: 'a video track without codec private data',
    make: (folder) => {
      withoutCodecPrivate(join(folder, 'bare.mkv'));
      return [join(folder, 'bare.mkv')];
    },
    sentence: /codec private data/i,
  },
  {
    title: 'a format that the file does not have',
    make: () => [fixture('h264-baseline.mp4'), '--format', 'mkv'],
    sentence: /h264-baseline\.mp4/,
  },
  {
    title: 'a frame rate for media that have times',
    make: () => [fixture('h264-baseline.mp4'), '--frame-rate', '30'],
    sentence: /is mp4 and has times of its own: leave --frame-rate out/,
  },
  {
    title: 'a track that is not there',
    make: () => [fixture('h264-baseline.mp4'), '--tracks', 'audio'],
    sentence: /h264-baseline\.mp4' has no audio/,
  },
  {
    title: 'certificates that are none',
    make: () => [fixture('h264-baseline.mp4'), '--ca', fixture('h264-baseline.mp4')],
    sentence: /--ca .*holds no certificate/,
  },
];

for (const { title, make, sentence } of BAD_INPUTS) {
  test(`${title} gets one sentence, and nothing is sent`, async (t) => {
    const run = await fail(t, make(temporaryFolder(t), t), sentence);
    const { frames, persistedFragments } = summaryOf(run);
    assert.is(frames, 0);
    assert.is(persistedFragments, 0);
  });
}

test('of a file that is cut off, what can be read is stored before the error', async (t) => {
  const run = await fail(t, [fixture('truncated.mp4')], /truncated\.mp4/);
  const { frames, fragments, persistedFragments, undeliveredFrames } = summaryOf(run);
  assert.ok(Number(frames) > 20, `${String(frames)} frames`);
  assert.is(persistedFragments, fragments);
  assert.is(undeliveredFrames, 0);
});

test('timestamps that run backwards are reported with their place, after what came before', async (t) => {
  const path = join(temporaryFolder(t), 'backwards.mkv');
  withTimesRunningBackwards(path);
  const run = await fail(t, [path], /backwards\.mkv/);
  assert.is(summaryOf(run)['undeliveredFrames'], 0);
});

test('frames before the first key frame are dropped and reported', async (t) => {
  const path = join(temporaryFolder(t), 'headless.h264');
  withoutFirstKeyFrame(path);
  const run = await fail(t, [path], /headless\.h264' does not begin with a key frame/);
  const { frames, drops, fragments, persistedFragments } = summaryOf(run);
  assert.is(drops, 24);
  assert.is(frames, 74);
  assert.is(persistedFragments, fragments);
  const lines = run.lines.filter(({ type }) => type === 'drop');
  assert.equal(
    lines.map(({ reason, frames: dropped }) => [reason, dropped]),
    [
      ['awaiting-key-frame', 1],
      ['awaiting-key-frame', 23],
    ],
    'one line before the error that it leads to and one after it, not one a frame',
  );
});

test('a group of pictures longer than a fragment may be is refused with the remedy', async (t) => {
  const args = [fixture('h264-baseline.h264'), '--frame-rate', '1'];
  const run = await fail(t, args, /longer than 20 s: .*ffmpeg -i IN -g/);
  assert.ok(run.lines.some(({ type, errorId }) => type === 'ack' && errorId === 4002));
});

test('a group of pictures longer than Matroska can express gets the same remedy', async (t) => {
  const args = [fixture('h264-baseline.h264'), '--frame-rate', '0.5'];
  await fail(t, args, /20 s.*ffmpeg -i IN -g/);
});

test('a fragment larger than the store is reported with the option that helps', async (t) => {
  const path = join(temporaryFolder(t), 'large.h264');
  largeH264(path, 1, 500_000);
  const args = [path, '--storage-size', '10M', '--fragment-duration', '3000'];
  await fail(t, args, /does not fit into the store of 10\.5 MB .*: give a larger --storage-size/);
});

test('media whose sound ends before the picture arrive whole, in two connections', async (t) => {
  requireTool(t, 'ffmpeg');
  const path = join(temporaryFolder(t), 'half-silent.mp4');
  const both = fixture('h264-aac.mp4');
  const inputs = ['-i', both, '-t', '1', '-i', both, '-map', '0:v', '-map', '1:a', '-c', 'copy'];
  runTool('ffmpeg', ['-v', 'error', ...inputs, path]);
  const { endpoint } = await startLocal(t);
  const args = ['put', path, '--stream', 'quiet', '--endpoint', endpoint, '--json'];
  const run = await kvs(t, [...args, '--fragment-duration', '1000']);
  assert.is(run.status, 0, run.stderr);
  const { fragments, persistedFragments, drops, connections } = summaryOf(run);
  assert.is(persistedFragments, fragments);
  assert.is(drops, 0);
  assert.is(connections, 2);
});

test('a stream that does not exist is not created with --no-create', async (t) => {
  const args = [fixture('h264-baseline.mp4'), '--no-create'];
  await fail(t, args, /Stream "bad" does not exist .*`kvs create`/);
});

test('KVS_DEBUG=1 shows where an error comes from', async (t) => {
  const args = ['describe', '--stream', 'none', '--endpoint', (await startLocal(t)).endpoint];
  const run = await kvs(t, args, { env: { KVS_DEBUG: '1' } });
  assert.match(run.stderr, /^ +at /m);
});
