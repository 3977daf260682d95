import * as assert from 'uvu/assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { suite } from '../support/suite.js';
import { requireTool } from '../support/tools.js';
import { BARE_ENV, fixture, kvs, MAIN, startLocal, summaryOf, temporaryFolder } from './kvs.js';

const test = suite('what kvs put prints', { timeout: 60_000 });

const CLIP = fixture('h264-aac.mp4');

test('without --json the standard output stays empty, and one line sums up', async (t) => {
  const { endpoint } = await startLocal(t);
  const run = await kvs(t, ['put', CLIP, '--stream', 'door', '--endpoint', endpoint]);
  assert.is(run.status, 0);
  assert.is(run.stdout.length, 0);
  assert.match(
    run.stderr,
    /^door: 217 frames \(36\.7 KB\) in \d+\.\d s, 2 of 2 fragments persisted\n$/,
  );
});

test('--json begins with the media and ends with the summary, and tells each ACK', async (t) => {
  const { endpoint } = await startLocal(t);
  const args = ['put', CLIP, '--stream', 'door', '--endpoint', endpoint, '--json'];
  const run = await kvs(t, args);
  const [start, ...rest] = run.lines;
  assert.ok(start);
  assert.is(start.type, 'start');
  assert.is(start['streamName'], 'door');
  assert.is(start['source'], CLIP);
  assert.is(start['region'], 'us-west-2');
  assert.is(start['endpoint'], endpoint);
  assert.is(start['mode'], 'as-fast-as-possible');
  assert.is(start['contentType'], 'video/h264,audio/aac');
  assert.equal(
    (start['tracks'] as { trackId: number; codec: string }[]).map(({ trackId, codec }) => [
      trackId,
      codec,
    ]),
    [
      [1, 'h264'],
      [2, 'aac'],
    ],
  );

  const acks = rest.slice(0, -1);
  assert.ok(acks.every(({ type }) => type === 'ack'));
  for (const kind of ['BUFFERING', 'RECEIVED', 'PERSISTED']) {
    const some = acks.filter(({ ackType }) => ackType === kind);
    assert.is(some.length, 2, kind);
    for (const ack of some) {
      assert.match(String(ack['fragmentNumber']), /^\d{47}$/);
      assert.type(ack['fragmentTimecode'], 'number');
    }
  }

  const { durationMs, maxRss, ...summary } = summaryOf(run);
  assert.equal(summary, {
    type: 'summary',
    streamName: 'door',
    frames: 217,
    fragments: 2,
    bytes: 36_738,
    acks: { buffering: 2, received: 2, persisted: 2, error: 0, idle: 0 },
    persistedFragments: 2,
    drops: 0,
    errors: 0,
    undeliveredFrames: 0,
    connections: 1,
    exitStatus: 0,
  });
  assert.ok(Number(durationMs) > 0);
  assert.ok(Number(maxRss) > 1e6);
});

test('--verbose tells whose keys are used and what the service confirms', async (t) => {
  const { endpoint } = await startLocal(t);
  const args = ['put', CLIP, '--stream', 'door', '--endpoint', endpoint, '--verbose'];
  const { stderr } = await kvs(t, args);
  assert.match(stderr, /on this machine: using the key pair local \/ local/);
  assert.match(stderr, /^PERSISTED fragment at 0:02\.0 {2}\d{47}$/m);
});

test('--metadata goes with every fragment, and --spill-dir and --timestamps fix change nothing', async (t) => {
  const { endpoint } = await startLocal(t);
  const to = ['--stream', 'door', '--endpoint', endpoint];
  const more = ['--metadata', 'site=north', '--metadata', 'floor=2'];
  const spill = ['--spill-dir', temporaryFolder(t), '--spill-size', '20M', '--timestamps', 'fix'];
  const run = await kvs(t, ['put', CLIP, ...to, ...more, ...spill, '--json']);
  assert.is(run.status, 0, run.stderr);
  const got = await kvs(t, ['get', ...to, '-o', '-', '--raw']);
  const text = got.stdout.toString('latin1');
  for (const part of ['site', 'north', 'floor']) {
    assert.is(text.split(part).length - 1, Number(summaryOf(run)['fragments']), part);
  }
});

test('on a terminal a line shows how far the upload is', async (t) => {
  requireTool(t, 'script');
  const { endpoint } = await startLocal(t, { ackDelay: 700 });
  const put = `${process.execPath} ${MAIN} put ${CLIP} --stream door --endpoint ${endpoint}`;
  const child = spawn('script', ['-qec', `${put} --realtime`, '/dev/null'], {
    env: { ...BARE_ENV, COLUMNS: '120' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const [status] = (await once(child, 'close')) as [number | null];
  assert.is(status, 0, output);
  const lines = output.split('\r\u001b[2K');
  const shown = lines.filter((line) => line.startsWith('door  ['));
  assert.ok(shown.length > 5, output);
  for (const line of shown) {
    assert.match(line, /^door {2}\[#*\.*\] 0:0\d\.\d \/ 0:03\.0 {2}fragments \d\/\d/);
  }
  assert.match(output, /2 of 2 fragments persisted/);
});
