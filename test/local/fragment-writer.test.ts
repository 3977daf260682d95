import { execFileSync } from 'node:child_process';
import { createReadStream, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { FragmentWriter } from '../../ts/local/fragments/writer.js';
import { suite } from '../support/suite.js';
import { requireTool } from '../support/tools.js';
import { temporaryFolder } from './support/endpoint.js';

const test = suite('Fragment writer');

test('is under pressure while the disk is slower than what comes in', async (t) => {
  requireTool(t, 'mkfifo');
  const path = join(temporaryFolder(t), '1.mkv');
  // A pipe is a disk as slow as the one who reads it.
  execFileSync('mkfifo', [`${path}.part`]);
  const writer = new FragmentWriter(path);
  writer.write(Buffer.alloc(1_000_000));
  assert.is(writer.pressure(), undefined);
  writer.write(Buffer.alloc(500_000));
  const pressure = writer.pressure();
  assert.ok(pressure);
  const early = await Promise.race([pressure, sleep(100).then(() => 'still waiting')]);
  assert.is(early, 'still waiting');

  const disk = createReadStream(`${path}.part`).resume();
  await pressure;
  assert.is(writer.pressure(), undefined);
  await writer.discard();
  disk.destroy();
});

test('puts nothing at its path before it is committed', async (t) => {
  const path = join(temporaryFolder(t), '1.mkv');
  const writer = new FragmentWriter(path);
  writer.write(Buffer.alloc(100_000, 1));
  writer.write(Buffer.alloc(5, 2));
  await sleep(50);
  assert.not.ok(existsSync(path));
  await writer.commit(true);
  assert.is(writer.size, 100_005);
  assert.ok(
    readFileSync(path).equals(Buffer.concat([Buffer.alloc(100_000, 1), Buffer.alloc(5, 2)])),
  );
});

test('leaves nothing behind when it is discarded or fails', async (t) => {
  const folder = temporaryFolder(t);
  const discarded = new FragmentWriter(join(folder, '1.mkv'));
  discarded.write(Buffer.alloc(200_000));
  await discarded.discard();
  assert.not.ok(existsSync(join(folder, '1.mkv.part')));

  const failing = new FragmentWriter(join(folder, 'nowhere', '2.mkv'));
  failing.write(Buffer.alloc(2_000_000));
  await failing.pressure();
  failing.write(Buffer.alloc(2_000_000));
  assert.is(failing.pressure(), undefined, 'nothing is gathered for a file that cannot be written');
  const error = await failing.commit(false).catch((reason: unknown) => reason);
  assert.is((error as NodeJS.ErrnoException).code, 'ENOENT');
  rmSync(folder, { recursive: true, force: true });
});
