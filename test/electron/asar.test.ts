import { createPackageWithOptions, listPackage, statFile } from '@electron/asar';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { unpackedPath } from '../../ts/internal/asar.js';
import { suite, type TestContext } from '../support/suite.js';
import { builtAddon } from './support/built-addon.js';
import { EXAMPLE } from './support/example.js';

const test = suite('Electron archives', { timeout: 60_000 });

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SUPPORT = fileURLToPath(new URL('support', import.meta.url));
const PACKAGE = 'node_modules/kinesis-video-producer';
const run = promisify(execFile);
const require = createRequire(import.meta.url);

function scratch(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'kvs-asar-'));
  t.after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** An app with the package in it, as the tools of Electron collect it, and its archive. */
async function pack(t: TestContext, unpack?: string): Promise<string> {
  const folder = scratch(t);
  const app = join(folder, 'app');
  const prebuild = join(PACKAGE, 'prebuilds', `${process.platform}-${process.arch}`, 'kvs.node');
  mkdirSync(dirname(join(app, prebuild)), { recursive: true });
  cpSync(builtAddon(), join(app, prebuild));
  cpSync(join(ROOT, 'package.json'), join(app, PACKAGE, 'package.json'));
  cpSync(join(ROOT, 'dist'), join(app, PACKAGE, 'dist'), { recursive: true });
  for (const name of ['main', 'preload', 'renderer', 'package.json']) {
    cpSync(join(EXAMPLE, name), join(app, name), { recursive: true });
  }
  const archive = join(folder, 'resources', 'app.asar');
  await createPackageWithOptions(app, archive, unpack === undefined ? {} : { unpack });
  rmSync(app, { recursive: true });
  return archive;
}

/** Loads the addon of the package in an archive, in a process that sees it as Electron does. */
async function load(archive: string): Promise<{ loaded: string; allocated: number }> {
  const preload = join(SUPPORT, 'asar-fs.cjs');
  const program = join(SUPPORT, 'load-from-asar.mjs');
  const { stdout } = await run(
    process.execPath,
    ['--require', preload, '--import', 'tsx', program, join(archive, PACKAGE)],
    {
      cwd: ROOT,
      env: {
        ...process.env,
        KINESIS_VIDEO_PRODUCER_PREBUILD: '',
        ASAR: archive,
        ELECTRON_RUN_AS_NODE: '1',
      },
    },
  );
  return JSON.parse(stdout) as { loaded: string; allocated: number };
}

test('the addon is packed beside the archive and loaded from there', async (t) => {
  const { build } = require(join(EXAMPLE, 'package.json')) as { build: { asarUnpack: string[] } };
  const forge = require(join(EXAMPLE, 'forge.config.cjs')) as {
    packagerConfig: { asar: { unpack: string } };
  };
  const { unpack } = forge.packagerConfig.asar;
  assert.equal(build.asarUnpack, [unpack], 'one pattern for both tools');
  const archive = await pack(t, unpack);
  const [addon = '', ...others] = listPackage(archive, { isPack: false }).filter((name) =>
    name.endsWith('.node'),
  );
  assert.equal(others, []);
  assert.is((statFile(archive, addon.slice(1)) as { unpacked?: boolean }).unpacked, true);
  const { loaded, allocated } = await load(archive);
  assert.is(loaded, join(`${archive}.unpacked`, addon));
  assert.is(allocated, 0);
});

test('an addon that was left in the archive is one that the system cannot load', async (t) => {
  const archive = await pack(t);
  try {
    await load(archive);
  } catch (error) {
    const { stderr } = error as { stderr: string };
    assert.match(stderr, /app\.asar.*kvs\.node/s);
    return;
  }
  throw new Error('it was loaded, although nothing unpacks it outside of Electron');
});

test('only paths in archives with something unpacked are changed', (t) => {
  const folder = scratch(t);
  const inside = join(folder, 'app.asar', 'a', 'b.node');
  assert.is(unpackedPath(inside), inside, 'there is nothing beside');
  const beside = join(folder, 'app.asar.unpacked', 'a', 'b.node');
  mkdirSync(dirname(beside), { recursive: true });
  writeFileSync(beside, '');
  assert.is(unpackedPath(inside), beside);
  assert.is(unpackedPath(beside), beside);
  for (const other of ['/opt/app.asar', '/opt/app.asarium/b.node', 'C:\\kiosk\\b.node']) {
    assert.is(unpackedPath(other), other);
  }
});
