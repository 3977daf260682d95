import * as assert from 'uvu/assert';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from '../support/suite.js';
import { BARE_ENV, temporaryFolder } from './kvs.js';

const test = suite('npm run demo', { timeout: 60_000 });

test('--help explains the demonstration and runs nothing, and an unknown option is refused', () => {
  const demo = fileURLToPath(new URL('../../dist/cli/demo.js', import.meta.url));
  const help = spawnSync(process.execPath, [demo, '--help'], { encoding: 'utf8', env: BARE_ENV });
  assert.is(help.status, 0);
  assert.match(help.stdout, /^Usage: npm run demo/);
  assert.not.match(help.stdout, /endpoint runs at/);
  const odd = spawnSync(process.execPath, [demo, '--fast'], { encoding: 'utf8', env: BARE_ENV });
  assert.is(odd.status, 2);
  assert.match(odd.stderr, /demo has no option --fast/);
});

test('the demonstration finishes within 30 s and finds nothing wrong', (t) => {
  const demo = fileURLToPath(new URL('../../dist/cli/demo.js', import.meta.url));
  const copy = join(temporaryFolder(t), 'demo.mkv');
  const started = performance.now();
  const run = spawnSync(process.execPath, [demo, copy], { encoding: 'utf8', env: BARE_ENV });
  const seconds = (performance.now() - started) / 1000;
  assert.is(run.status, 0, `${run.stdout}${run.stderr}`);
  assert.match(run.stdout, /ok +all 200 video packets came back byte for byte/);
  assert.match(run.stdout, /ok +all 376 audio packets came back byte for byte/);
  assert.match(run.stderr, /PERSISTED fragment at 0:06\.0/);
  assert.not.match(run.stdout, /FAILED/);
  assert.ok(seconds < 30, `${seconds} s`);
});
