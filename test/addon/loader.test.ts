import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { binding, loadBinding } from '../../ts/internal/binding.js';
import { KinesisVideoError } from '../../ts/internal/errors.js';
import { suite, type TestContext } from '../support/suite.js';

const test = suite('addon loader');

/** Tells node-gyp-build where to look instead, when the tests are run with an addon of their own. */
const CHOSEN = 'KINESIS_VIDEO_PRODUCER_PREBUILD';

function packageFolder(t: TestContext): string {
  const { [CHOSEN]: chosen, ...others } = process.env;
  process.env = others;
  t.after(() => {
    if (chosen !== undefined) process.env[CHOSEN] = chosen;
  });
  const folder = mkdtempSync(join(tmpdir(), 'kvs-loader-'));
  writeFileSync(join(folder, 'package.json'), '{"name":"kinesis-video-producer"}');
  t.after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

function failure(root: string): KinesisVideoError {
  try {
    loadBinding(root);
  } catch (error) {
    if (error instanceof KinesisVideoError) return error;
    throw error;
  }
  throw new Error('something was loaded');
}

test('the addon is loaded once', () => {
  assert.is(binding(), binding());
});

test('without any build the error says how to make one', (t) => {
  const error = failure(packageFolder(t));
  assert.is(error.code, 'STATUS_OPEN_FILE_FAILED');
  assert.match(error.message, /missing for .*none is built yet.*npm run build:native/);
});

test('with builds for other platforms only the error lists them', (t) => {
  const root = packageFolder(t);
  mkdirSync(join(root, 'prebuilds', 'plan9-mips'), { recursive: true });
  const { message } = failure(root);
  assert.match(message, new RegExp(`missing for ${process.platform}-${process.arch}`));
  assert.match(message, /there are plan9-mips\).*--build-from-source/);
});

test('a build that is no program of this platform is told from a missing one', (t) => {
  const root = packageFolder(t);
  mkdirSync(join(root, 'build', 'Release'), { recursive: true });
  writeFileSync(join(root, 'build', 'Release', 'kinesis_video_producer.node'), 'not a program');
  const { message } = failure(root);
  assert.match(
    message,
    /kinesis_video_producer\.node, was made for another platform or is damaged/,
  );
  assert.match(message, /do not copy node_modules between machines/);
});
