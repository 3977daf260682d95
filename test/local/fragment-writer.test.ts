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
  execFileSync('mkfifo', [path]);
  const writer = new FragmentWriter(path);
  writer.write(Buffer.alloc(1_000_000));
  assert.is(writer.pressure(), undefined);
  writer.write(Buffer.alloc(500_000));
  const pressure = writer.pressure();
  assert.ok(pressure);
  const early = await Promise.race([pressure, sleep(100).then(() => 'still waiting')]);
  assert.is(early, 'still waiting');

  const disk = createReadStream(path).resume();
  await pressure;
  assert.is(writer.pressure(), undefined);
  await writer.discard();
  disk.destroy();
});

test('hands out what it holds in memory, and nothing that is in the file', async (t) => {
  const path = join(temporaryFolder(t), '1.mkv');
  const writer = new FragmentWriter(path);
  const whole = Buffer.concat([Buffer.alloc(1000, 1), Buffer.alloc(5, 2), Buffer.alloc(1000, 3)]);
  for (const [from, to] of [
    [0, 1000],
    [1000, 1005],
    [1005, 2005],
  ] as const) {
    writer.write(whole.subarray(from, to));
  }
  for (const [from, to] of [
    [0, 2005],
    [999, 1006],
    [1000, 1005],
    [1002, 1004],
    [2004, 2005],
  ] as const) {
    assert.equal(Buffer.from(writer.peek(from, to) ?? []), whole.subarray(from, to));
  }
  await writer.commit(true);
  assert.is(writer.peek(0, 2005), undefined);
  assert.is(writer.size, 2005);
  assert.ok(readFileSync(path).equals(whole));
});

test('leaves nothing behind when it is discarded or fails', async (t) => {
  const folder = temporaryFolder(t);
  const discarded = new FragmentWriter(join(folder, '1.mkv'));
  discarded.write(Buffer.alloc(200_000));
  await discarded.discard();
  assert.not.ok(existsSync(join(folder, '1.mkv')));

  const failing = new FragmentWriter(join(folder, 'nowhere', '2.mkv'));
  failing.write(Buffer.alloc(2_000_000));
  await failing.pressure();
  failing.write(Buffer.alloc(2_000_000));
  assert.is(failing.pressure(), undefined, 'nothing is gathered for a file that cannot be written');
  const error = await failing.commit(false).catch((reason: unknown) => reason);
  assert.is((error as NodeJS.ErrnoException).code, 'ENOENT');
  rmSync(folder, { recursive: true, force: true });
});
