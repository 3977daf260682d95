import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { json, startFakeData } from '../consumer/support/fake-service.js';
import { suite, type TestContext } from '../support/suite.js';
import { requireTool } from '../support/tools.js';
import {
  fixture,
  kvs,
  requireSignals,
  sentenceOf,
  startLocal,
  summaryOf,
  temporaryFolder,
  type Run,
  type RunOptions,
} from './kvs.js';
import { assertSound, probePackets } from './media.js';

const test = suite('kvs fragments, clip, images and URLs', { timeout: 60_000 });

/** When the first of the two uploads begins: a minute ago. */
const START = Date.now() - 60_000;

/** An endpoint whose stream has three fragments of a second each. */
async function startStream(t: TestContext) {
  const { endpoint } = await startLocal(t);
  const place = ['--stream', 'kept', '--endpoint', endpoint];
  const put = await kvs(t, [
    ...['put', fixture('h264-aac.mp4'), ...place, '--json'],
    ...['--start-time', String(START), '--fragment-duration', '1000'],
  ]);
  assert.is(put.status, 0, put.stderr);
  const numbers = put.lines
    .filter(({ ackType }) => ackType === 'PERSISTED')
    .map(({ fragmentNumber }) => String(fragmentNumber));
  const run = (name: string, args: readonly string[] = [], options?: RunOptions): Promise<Run> =>
    kvs(t, [name, ...place, ...args], options);
  return { run, numbers };
}

test('kvs fragments lists what a stream keeps, in order', async (t) => {
  const { run, numbers } = await startStream(t);
  const listed = await run('fragments');
  assert.is(listed.status, 0, listed.stderr);
  const rows = listed.stdout
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ +/));
  assert.equal(
    rows.map(([number]) => number),
    numbers,
  );
  assert.is(rows[0]?.[1], new Date(START).toISOString());
  const told = await run('fragments', ['--json', '--by', 'producer', '--start', String(START + 1)]);
  assert.equal(
    told.lines.map(({ fragmentNumber }) => fragmentNumber),
    numbers.slice(1),
  );
  const none = await run('fragments', ['--end', '-1d']);
  assert.is(none.stdout.length, 0);
  assert.match(none.stderr, /"kept" has no fragments then/);
});

test('kvs clip saves a span of time as MP4', async (t) => {
  requireTool(t, 'ffprobe', 'ffmpeg');
  const { run } = await startStream(t);
  const file = join(temporaryFolder(t), 'clip.mp4');
  const span = ['--by', 'producer', '--start', '-5m'];
  const saved = await run('clip', [...span, '-o', file, '--json']);
  assert.is(saved.status, 0, saved.stderr);
  assert.is(summaryOf(saved)['bytes'], readFileSync(file).length);
  assert.is(probePackets(file, 'video').length, 75);
  const piped = await run('clip', [...span, '-o', '-']);
  assert.ok(piped.stdout.equals(readFileSync(file)));
  const none = await run('clip', ['--start', '-2d', '--end', '-1d', '-o', `${file}.none`]);
  assert.is(none.status, 1);
  assert.match(sentenceOf(none), /^kvs: Stream "kept" .* has no fragments for GetClip/);
  assert.not.ok(existsSync(`${file}.none`));
  const wrong = await run('clip', ['--start', 'yesterday', '-o', '-']);
  assert.match(sentenceOf(wrong), /-10m.*"yesterday"/);
});

test('kvs hls-url and dash-url print URLs that can be played', async (t) => {
  const { run } = await startStream(t);
  const span = ['--mode', 'on-demand', '--by', 'producer', '--start', '-5m'];
  for (const [name, args, content] of [
    ['hls-url', [], /^#EXTM3U/],
    ['hls-url', ['--container', 'ts', '--max', '2', '--timestamps'], /^#EXTM3U/],
    ['dash-url', ['--numbers'], /<MPD/],
  ] as const) {
    const printed = await run(name, [...span, ...args]);
    assert.is(printed.status, 0, printed.stderr);
    const [url, rest] = printed.stdout.toString().split('\n');
    assert.is(rest, '');
    const answer = await fetch(url ?? '');
    assert.is(answer.status, 200);
    assert.match(await answer.text(), content);
  }
  const told = await run('hls-url', [...span, '--json', '--expires', '600']);
  const [line] = told.lines;
  assert.ok(line);
  assert.is(line.type, 'url');
  const life = Date.parse(String(line['expiresAt'])) - Date.now();
  assert.ok(life > 500_000 && life <= 600_000, String(life));
});

test('kvs hls-url --follow goes on until it is interrupted', async (t) => {
  requireSignals(t);
  const { run } = await startStream(t);
  const span = ['--mode', 'on-demand', '--by', 'producer', '--start', '-5m'];
  const followed = await run('hls-url', [...span, '--follow'], {
    onOutput: (_stdout, child) => {
      child.kill('SIGINT');
    },
  });
  assert.is(followed.status, 0, followed.stderr);
  assert.match(followed.stdout.toString(), /^http[^\n]*\n$/);
});

test('kvs images saves files that are named by their times', async (t) => {
  const { endpoint, requests } = await startFakeData(t, (response, { path, input }) => {
    if (path === '/getDataEndpoint') {
      json(response, { DataEndpoint: endpoint });
      return;
    }
    const time = input['StartTimestamp'] as number;
    const image = Buffer.from('a picture').toString('base64');
    const missing = { TimeStamp: time + 1, Error: 'NO_MEDIA' };
    json(response, { Images: [{ TimeStamp: time, ImageContent: image }, missing] });
  });
  const folder = join(temporaryFolder(t), 'images');
  const place = ['--stream', 'kept', '--endpoint', endpoint, '--by', 'producer'];
  const span = ['--start', String(START), '--end', String(START + 2500)];
  const options = ['--interval', '1000', '--height', '90', '--format', 'png', '-o', folder];
  const saved = await kvs(t, ['images', ...place, ...span, ...options, '--json']);
  assert.is(saved.status, 0, saved.stderr);
  const file = join(folder, `${new Date(START).toISOString().replaceAll(':', '-')}.png`);
  assert.is(readFileSync(file, 'utf8'), 'a picture');
  assert.equal(saved.lines, [
    { type: 'image', timestamp: START, file, bytes: 9 },
    { type: 'image', timestamp: START + 1000, error: 'NO_MEDIA' },
    { type: 'summary', streamName: 'kept', images: 1, missing: 1, exitStatus: 0 },
  ]);
  assert.equal(requests.at(-1)?.input, {
    StreamName: 'kept',
    ImageSelectorType: 'PRODUCER_TIMESTAMP',
    StartTimestamp: START / 1000,
    EndTimestamp: (START + 2500) / 1000,
    SamplingInterval: 1000,
    Format: 'PNG',
    HeightPixels: 90,
  });
  const blocked = await kvs(t, ['images', ...place, ...span, '-o', join(file, 'below')]);
  assert.is(blocked.status, 1);
  assert.match(sentenceOf(blocked), /cannot be written \(ENOTDIR/);
});

test('kvs get --follow reads on over uploads, and an interrupt leaves a whole file', async (t) => {
  requireSignals(t);
  requireTool(t, 'ffprobe', 'ffmpeg', 'mkvinfo');
  const { endpoint } = await startLocal(t);
  const place = ['--stream', 'kept', '--endpoint', endpoint];
  const put = (start: number): Promise<Run> => {
    const times = ['--start-time', String(start), '--fragment-duration', '1000'];
    return kvs(t, ['put', fixture('h264-aac.mp4'), ...place, ...times]);
  };
  await put(START);
  const copy = join(temporaryFolder(t), 'copy.mkv');
  const size = readFileSync(fixture('h264-aac.mp4')).length;
  let second: Promise<Run> | undefined;
  const run = await kvs(t, ['get', ...place, '--follow', '-o', copy, '--json'], {
    onStart: (child) => {
      const poll = setInterval(() => {
        const length = existsSync(copy) ? readFileSync(copy).length : 0;
        // The reader has gone through an idle end of the service by then.
        if (length > size * 0.9)
          second ??= new Promise((go) => setTimeout(go, 800)).then(() => put(START + 10_000));
        if (length < size * 1.9) return;
        clearInterval(poll);
        child.kill('SIGINT');
      }, 100);
      child.once('exit', () => {
        clearInterval(poll);
      });
    },
  });
  await second;
  assert.is(run.status, 0, run.stderr);
  const gap = run.lines.find(({ type }) => type === 'gap');
  assert.is(gap?.['reason'], 'time');
  assert.match(
    run.stderr,
    /^gap of \d+ ms from fragment \d+ to \d+: nothing was sent in between$/m,
  );
  assert.is(summaryOf(run)['fragments'], 6);
  assert.is(probePackets(copy, 'video').length, 150);
  assertSound(copy);
});
