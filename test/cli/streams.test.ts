import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { kvs, startLocal } from './kvs.js';

const test = suite('kvs create, describe, list and delete', { timeout: 60_000 });

test('a stream can be created, described, listed and deleted', async (t) => {
  const place = ['--endpoint', (await startLocal(t)).endpoint];
  const create = ['create', '--stream', 'door', '--retention', '72', '--media-type', 'video/h264'];
  const created = await kvs(t, [...create, '--tag', 'site=north', ...place, '--json']);
  assert.is(created.status, 0, created.stderr);
  const info = JSON.parse(created.stdout.toString()) as Record<string, unknown>;
  assert.is(info['status'], 'ACTIVE');
  assert.is(info['retentionPeriod'], 72);
  assert.is(info['mediaType'], 'video/h264');

  const described = await kvs(t, ['describe', '--stream', 'door', ...place]);
  assert.match(described.stdout.toString(), /^ {2}name +door\n {2}ARN +arn:aws:kinesisvideo:/);
  assert.match(described.stdout.toString(), /retention +72 h/);

  await kvs(t, ['create', '--stream', 'window', ...place]);
  const listed = await kvs(t, ['list', ...place]);
  assert.is(listed.stdout.toString(), 'ACTIVE    door\nACTIVE    window\n');
  const some = await kvs(t, ['list', '--prefix', 'win', '--json', ...place]);
  assert.is((JSON.parse(some.stdout.toString()) as { streamName: string }).streamName, 'window');

  const deleted = await kvs(t, ['delete', '--stream', 'door', ...place]);
  assert.is(deleted.status, 0, deleted.stderr);
  const left = await kvs(t, ['list', ...place]);
  assert.is(left.stdout.toString(), 'ACTIVE    window\n');
});

test('a stream that exists already is not created again', async (t) => {
  const place = ['--stream', 'door', '--endpoint', (await startLocal(t)).endpoint];
  assert.is((await kvs(t, ['create', ...place])).status, 0);
  const again = await kvs(t, ['create', ...place]);
  assert.is(again.status, 1);
  assert.match(again.stderr, /^kvs: Stream "door" .* exists already[^\n]*\n$/);
});

test('a stream that does not exist is one sentence to describe and delete', async (t) => {
  const place = ['--stream', 'none', '--endpoint', (await startLocal(t)).endpoint];
  for (const command of ['describe', 'delete']) {
    const run = await kvs(t, [command, ...place]);
    assert.is(run.status, 1);
    assert.match(run.stderr, /^kvs: Stream "none" does not exist [^\n]*`kvs create`\.\n$/);
  }
});
