import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as assert from 'uvu/assert';
import { thisSystem } from '../../ts/internal/addon-trouble.js';
import { addonPath, binding, loadBinding } from '../../ts/internal/binding.js';
import { KinesisVideoError } from '../../ts/internal/errors.js';
import { suite, type TestContext } from '../support/suite.js';
import { forFutureGlibc, forMusl, forOtherProcessor } from './support/broken-addons.js';

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

function addFile(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** Where node-gyp-build looks for a prebuilt addon, the only place if it is told so. */
function prebuiltFile(root: string, name: string): string {
  return join(root, 'prebuilds', `${process.platform}-${process.arch}`, `${name}.node`);
}

/** What loading a package with this addon fails with. */
function failureOf(t: TestContext, addon: string | Uint8Array): KinesisVideoError {
  const root = packageFolder(t);
  addFile(prebuiltFile(root, 'kinesis-video-producer'), addon);
  return failure(root);
}

/** The addon that the tests run with. */
function ownAddon(t: TestContext): Buffer {
  if (thisSystem().libc !== 'glibc') t.skip('only an addon of Linux with glibc is taken apart');
  return readFileSync(addonPath());
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
  addFile(join(root, 'prebuilds', 'plan9-mips', 'kinesis-video-producer.armv7.musl.node'), '');
  const { message, values } = failure(root);
  assert.match(message, new RegExp(`missing for ${process.platform}-${process.arch}`));
  assert.match(message, /there are plan9-mips armv7 musl\).*--build-from-source/);
  assert.is(values['reason'], 'missing');
});

test('a build that is no program at all is damaged', (t) => {
  const error = failureOf(t, 'not a program');
  assert.match(error.message, /kinesis-video-producer\.node, is damaged.*install it again/);
  assert.is(error.values['reason'], 'damaged');
});

test('a build of which the end is missing is damaged', (t) => {
  for (const share of [0, 0.0001, 0.5, 0.99]) {
    const addon = ownAddon(t);
    const error = failureOf(t, addon.subarray(0, Math.floor(addon.length * share)));
    assert.is(error.values['reason'], 'damaged', `${share} of it: ${error.message}`);
  }
});

test('a build for another processor is told from a damaged one', (t) => {
  const { bytes, architecture } = forOtherProcessor(ownAddon(t));
  const error = failureOf(t, bytes);
  assert.match(
    error.message,
    `is for linux-${architecture}, and this is linux-${process.arch}: do not copy node_modules`,
  );
  assert.is(error.values['reason'], 'wrong-architecture');
});

test('a build for musl on a system with glibc says so, and what the system has', (t) => {
  const error = failureOf(t, forMusl(ownAddon(t)));
  assert.match(error.message, /is for systems with the C library musl, and this one has glibc: /);
  assert.match(error.message, /npm rebuild kinesis-video-producer --build-from-source/);
  assert.is(error.values['reason'], 'wrong-libc');
});

test('a build that needs a newer glibc says which one, and which there is', (t) => {
  const { bytes, version } = forFutureGlibc(ownAddon(t));
  const error = failureOf(t, bytes);
  assert.match(
    error.message,
    new RegExp(`needs glibc ${version}, and this system has glibc [0-9.]+: `),
  );
  assert.match(error.message, /update the system, or compile it here with `npm rebuild/);
  assert.is(error.values['reason'], 'old-system');
});

test('where the prebuilt addon for one C library does not load the other one is tried', (t) => {
  const root = packageFolder(t);
  addFile(prebuiltFile(root, 'kinesis-video-producer.glibc'), forMusl(ownAddon(t)));
  addFile(prebuiltFile(root, 'kinesis-video-producer.musl'), ownAddon(t));
  assert.ok('createClient' in loadBinding(root));
});
