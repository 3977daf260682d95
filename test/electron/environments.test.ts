/**
 * Electron's processes as far as Node.js can be them: with ELECTRON_RUN_AS_NODE the addon is looked for
 * by the rules of Electron, and each kind of reload loads or begins something again.
 */
import { execFile } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { startLocalKinesisVideo } from '../../ts/local/index.js';
import { suite, type TestContext } from '../support/suite.js';
import { builtAddon } from './support/built-addon.js';

const test = suite('Electron environments', { timeout: 120_000 });

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PROGRAM = fileURLToPath(new URL('support/environments.mjs', import.meta.url));
const COPIES = 4;
const THREADS = 12;
const run = promisify(execFile);

/** Copies of the package, which find one addon, prebuilt, by the rules of node-gyp-build. */
function copies(t: TestContext): { addon: string; prebuild: string; folders: string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'kvs-electron-'));
  t.after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const prebuilds = join(folder, 'prebuilds', `${process.platform}-${process.arch}`);
  mkdirSync(prebuilds, { recursive: true });
  const addon = join(prebuilds, 'kinesis-video-producer.node');
  copyFileSync(builtAddon(), addon);
  const folders = Array.from({ length: COPIES }, (_, index) => {
    const copy = join(folder, `copy-${index}`);
    cpSync(join(ROOT, 'dist'), join(copy, 'dist'), { recursive: true });
    copyFileSync(join(ROOT, 'package.json'), join(copy, 'package.json'));
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'), 'junction');
    return copy;
  });
  return { addon, prebuild: folder, folders };
}

test('the addon is found by the rules of Electron and survives reloads of all kinds', async (t) => {
  const local = await startLocalKinesisVideo();
  t.after(() => local.close());
  const { addon, prebuild, folders } = copies(t);
  const args = ['--no-warnings', PROGRAM, local.endpoint, String(THREADS), ...folders];
  const { stdout } = await run(process.execPath, args, {
    env: {
      ...process.env,
      KINESIS_VIDEO_PRODUCER_PREBUILD: prebuild,
      ELECTRON_RUN_AS_NODE: '1',
      PREBUILDS_ONLY: '1',
    },
  });
  assert.equal(JSON.parse(stdout), {
    addon,
    again: Array(COPIES - 1).fill({ delivered: 5, isNew: true }),
    ended: Array(THREADS).fill('streaming'),
    // What became of the stream that was there all the time.
    complete: true,
    deliveredFrames: 5 * (1 + COPIES - 1 + THREADS),
    left: 0,
  });
});
