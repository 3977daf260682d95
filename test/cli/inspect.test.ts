import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { cluster, liveHeader, open, simpleBlock, tags } from '../parser/support/mkv.js';
import { suite } from '../support/suite.js';
import { requireTool } from '../support/tools.js';
import { fixture, kvs, sentenceOf, startLocal, summaryOf, temporaryFolder } from './kvs.js';
import { runTool } from './media.js';

const test = suite('kvs inspect', { timeout: 60_000 });

/** The names of elements in a listing, the first so many of them. */
function namesIn(listing: string): string[] {
  return [...listing.matchAll(/^[| ]*\+ (\w+)/gm)].map(([, name = '']) => name);
}

test('it lists the elements of a file as mkvinfo counts them', async (t) => {
  requireTool(t, 'mkvinfo');
  const run = await kvs(t, ['inspect', fixture('h264-aac.mkv')]);
  assert.is(run.status, 0, run.stderr);
  const listing = run.stdout.toString();
  const names = namesIn(listing);
  const theirs = runTool('mkvinfo', ['--all', fixture('h264-aac.mkv')]);
  for (const [ours, pattern] of [
    ['SimpleBlock', /\+ Simple block/g],
    ['Cluster', /\+ Cluster$/gm],
    ['TrackEntry', /\+ Track$/gm],
    ['CuePoint', /\+ Cue point/g],
    ['SimpleTag', /\+ Simple$/gm],
  ] as const) {
    const count = names.filter((name) => name === ours).length;
    assert.is(count, theirs.match(pattern)?.length, ours);
  }
  assert.ok(listing.includes('|  + CodecID: "V_MPEG4/ISO/AVC"'));
  assert.match(run.stderr, /^3 fragments, 217 frames, 38\.9 KB\n$/);
});

test('it lists the fragments of a stream with the tags of the service', async (t) => {
  const { endpoint } = await startLocal(t);
  const place = ['--stream', 'kept', '--endpoint', endpoint];
  const start = 1_700_000_000_000;
  const put = await kvs(t, [
    ...['put', fixture('h264-aac.mp4'), ...place, '--start-time', String(start), '--json'],
    ...['--fragment-duration', '1000', '--metadata', 'place=door'],
  ]);
  assert.is(put.status, 0, put.stderr);
  const raw = join(temporaryFolder(t), 'raw.mkv');
  assert.is((await kvs(t, ['get', ...place, '--raw', '-o', raw])).status, 0);

  const listed = await kvs(t, ['inspect', raw, '--fragments']);
  const lines = listed.stdout.toString().trimEnd().split('\n');
  assert.is(lines.length, 3);
  assert.match(
    lines[0] ?? '',
    /^Fragment \d{47}, producer 2023-11-14T22:13:20\.000Z, server \S+Z, \d+ ms, \d+ frames, [\d.]+ KB, \d+ ms behind, place=door$/,
  );
  const json = await kvs(t, ['inspect', '-', '--json'], { input: raw });
  const fragments = json.lines.filter(({ type }) => type === 'fragment');
  assert.ok(fragments[0]);
  assert.equal(fragments[0]['tags'], [{ name: 'place', value: 'door' }]);
  assert.is(fragments[0]['producerTimestamp'], start);
  const blocks = json.lines.filter(({ name }) => name === 'SimpleBlock');
  assert.is(summaryOf(json)['frames'], blocks.length);
  // Each fragment stands below the last of its elements.
  const order = json.lines.flatMap(({ type, name }) =>
    type === 'fragment' ? ['fragment'] : name === 'EBML' ? ['document'] : [],
  );
  assert.equal(order, Array.from({ length: 3 }, () => ['document', 'fragment']).flat());
});

test('what the service tells in a stream is listed', async (t) => {
  const file = join(temporaryFolder(t), 'error.mkv');
  const told = tags({ AWS_KINESISVIDEO_ERROR_ID: '4000', AWS_KINESISVIDEO_ERROR_CODE: 'NONE' });
  writeFileSync(file, Buffer.concat([liveHeader(), told]));
  const run = await kvs(t, ['inspect', file, '--fragments']);
  assert.is(run.stdout.toString(), 'Error: 4000 NONE\n');
});

test('what is cut off or damaged is listed up to there, and the status is 1', async (t) => {
  const folder = temporaryFolder(t);
  const whole = readFileSync(fixture('h264-aac.mkv'));
  const cut = join(folder, 'cut.mkv');
  writeFileSync(cut, whole.subarray(0, 20_000));
  const run = await kvs(t, ['inspect', cut, '--json']);
  assert.is(run.status, 1);
  assert.match(run.stderr, /^kvs: \S+cut\.mkv is cut off: The input ends inside SimpleBlock/m);
  assert.is(run.lines.at(-2)?.['code'], 'STATUS_FORMAT_ERROR');
  assert.ok(run.lines.length > 100);

  const bad = join(folder, 'bad.mkv');
  const stray = open('18538067', simpleBlock(1, 0));
  writeFileSync(bad, Buffer.concat([liveHeader(), cluster(0, simpleBlock(1, 0)), stray]));
  const damaged = await kvs(t, ['inspect', bad]);
  assert.is(damaged.status, 1);
  assert.match(damaged.stderr, /is not sound Matroska: SimpleBlock stands at the top level/);

  const missing = await kvs(t, ['inspect', join(folder, 'none.mkv'), '--fragments', '--json']);
  assert.is(missing.status, 1);
  assert.match(sentenceOf(missing), /none\.mkv cannot be read \(ENOENT/);
});

test('a reader that has seen enough is no failure', async (t) => {
  const run = await kvs(t, ['inspect', fixture('h264-aac.mkv')], {
    onOutput: (_stdout, child) => {
      child.stdout?.destroy();
    },
  });
  assert.is(run.status, 0, run.stderr);
});

test('a reader of the listing that has seen enough is no failure', async (t) => {
  const path = join(temporaryFolder(t), 'long.mkv');
  const blocks = Array.from({ length: 100 }, (_, index) => simpleBlock(1, index, 10));
  const clusters = Array.from({ length: 300 }, (_, index) => cluster(index * 1000, ...blocks));
  writeFileSync(path, Buffer.concat([liveHeader(), ...clusters]));
  const run = await kvs(t, ['inspect', path], {
    onOutput: (_output, child) => {
      child.stdout?.destroy();
    },
  });
  assert.is(run.stderr, '');
  assert.is(run.status, 0);
});
