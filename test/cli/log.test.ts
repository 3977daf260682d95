import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { suite, type TestContext } from '../support/suite.js';
import { fixture, kvs, startLocal } from './kvs.js';

const test = suite('the log of kvs', { timeout: 60_000 });

interface Entry {
  readonly level: number;
  readonly msg: string;
  readonly operation?: string;
}

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'kvs-cli-log-'));
  t.after(() => {
    rmSync(path, { recursive: true });
  });
  return path;
}

const entriesIn = (text: string): Entry[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Entry);

const clip = fixture('clip.mp4');

test('--log-level logs to the standard error, and --json stays clean', async (t) => {
  const { endpoint } = await startLocal(t);
  const args = ['put', clip, '--stream', 'a', '--endpoint', endpoint, '--json'];
  const { status, stderr, stdout, lines } = await kvs(t, [...args, '--log-level', 'trace']);
  assert.is(status, 0);
  assert.is(lines.length, stdout.toString().trimEnd().split('\n').length);
  assert.is(entriesIn(stdout.toString()).filter(({ level }) => level > 0).length, 0);
  const entries = entriesIn(stderr);
  for (const level of [10, 20, 30]) assert.ok(entries.some((entry) => entry.level === level));
  assert.ok(entries.some(({ operation }) => operation === 'GetDataEndpoint'));
  assert.ok(entries.some(({ msg }) => /got PERSISTED for fragment/.test(msg)));
});

test('without options nothing is logged, and AWS_KVS_LOG_LEVEL counts as elsewhere', async (t) => {
  const { endpoint } = await startLocal(t);
  const args = ['create', '--stream', 'b', '--endpoint', endpoint];
  assert.equal(entriesIn((await kvs(t, args)).stderr), []);
  const list = ['list', '--endpoint', endpoint];
  const { stderr } = await kvs(t, list, { env: { AWS_KVS_LOG_LEVEL: '2' } });
  assert.equal(
    entriesIn(stderr).map(({ level, operation }) => [level, operation]),
    [[20, 'ListStreams']],
  );
  assert.equal(entriesIn((await kvs(t, list, { env: { AWS_KVS_LOG_LEVEL: '7' } })).stderr), []);
  const wrong = await kvs(t, list, { env: { AWS_KVS_LOG_LEVEL: 'high' } });
  assert.is(wrong.status, 1);
  assert.match(wrong.stderr, /AWS_KVS_LOG_LEVEL is "high": set it to a number from 1/);
});

test('--log-dir and AWS_ENABLE_FILE_LOGGING log to files', async (t) => {
  const { endpoint } = await startLocal(t);
  const args = ['put', clip, '--stream', 'c', '--endpoint', endpoint];
  const given = folder(t);
  const named = await kvs(t, [...args, '--log-dir', given]);
  assert.equal(entriesIn(named.stderr), []);
  const current = folder(t);
  await kvs(t, [args[0] ?? '', clip, ...args.slice(2)], {
    cwd: current,
    env: { AWS_ENABLE_FILE_LOGGING: 'TRUE', AWS_KVS_LOG_LEVEL: '2' },
  });
  for (const path of [given, current]) {
    assert.equal(readdirSync(path), ['kvs.log']);
    const entries = entriesIn(readFileSync(join(path, 'kvs.log'), 'utf8'));
    assert.ok(
      entries.some(({ msg }) => msg.includes('is streaming')),
      path,
    );
    assert.is(
      entries.some(({ level }) => level === 20),
      path === current,
    );
  }
});
