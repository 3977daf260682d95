import * as assert from 'uvu/assert';
import { join } from 'node:path';
import { suite } from '../support/suite.js';
import { largeH264 } from './inputs.js';
import { kvs, startLocal, summaryOf, temporaryFolder } from './kvs.js';

const test = suite('kvs put of a large file', { timeout: 60_000 });

const FILE_BYTES = 200e6;
const RATE = 40e6;
const MAX_RSS = 150e6;

test('a slow service slows the reading down, and memory does not grow with the file', async (t) => {
  const path = join(temporaryFolder(t), 'large.h264');
  largeH264(path, FILE_BYTES, 100_000);
  const { endpoint } = await startLocal(t, { ingestRate: RATE });
  const args = ['put', path, '--stream', 'large', '--endpoint', endpoint, '--json'];
  const run = await kvs(t, args);
  assert.is(run.status, 0, run.stderr);
  const { maxRss, durationMs, bytes, drops, fragments, persistedFragments } = summaryOf(run);
  assert.ok(Number(bytes) >= FILE_BYTES);
  assert.is(drops, 0);
  assert.is(persistedFragments, fragments);
  assert.ok(Number(durationMs) > (0.9 * FILE_BYTES * 1000) / RATE, `${String(durationMs)} ms`);
  assert.ok(Number(maxRss) < MAX_RSS, `${String(maxRss)} bytes`);
});

test('--realtime drops the oldest when the service is slower than the media, and says so', async (t) => {
  const path = join(temporaryFolder(t), 'fast.h264');
  largeH264(path, 20e6, 40_000);
  const { endpoint } = await startLocal(t, { ingestRate: 300e3 });
  const args = ['put', path, '--stream', 'fast', '--endpoint', endpoint, '--storage-size', '10M'];
  const rate = ['--frame-rate', '100', '--fragment-duration', '1000', '--stop-timeout', '0.5'];
  const run = await kvs(t, [...args, ...rate, '--realtime', '--json']);
  assert.is(run.status, 1);
  assert.match(run.stderr, /frames for which the store has no room are dropped/);
  assert.ok(Number(summaryOf(run)['drops']) > 0);
  assert.ok(run.milliseconds < 8000, `${run.milliseconds} ms`);
});
