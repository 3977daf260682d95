import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { openOutput, ReaderGoneError } from '../../ts/cli/get/output.js';
import { KinesisVideoError } from '../../ts/internal/errors.js';
import { suite, type TestContext } from '../support/suite.js';

const test = suite('output of the command');

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'kvs-output-'));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  return folder;
}

async function failureOf(work: Promise<unknown>): Promise<KinesisVideoError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.instance(error, KinesisVideoError);
  return error as KinesisVideoError;
}

test('a file is made with the first bytes and can be cut off', async (t) => {
  const path = join(temporaryFolder(t), 'out.mkv');
  const output = openOutput(path);
  await output.close();
  assert.not.ok(existsSync(path));
  await output.write(Buffer.from('first'));
  await output.write(Buffer.from(', second'));
  assert.is(await output.truncate(5), true);
  await output.close();
  assert.is(readFileSync(path, 'latin1'), 'first');
});

test('a file that cannot be made says why and what to check', async (t) => {
  const path = join(temporaryFolder(t), 'missing', 'out.mkv');
  const error = await failureOf(openOutput(path).write(Buffer.from('x')));
  assert.is(error.code, 'STATUS_WRITE_TO_FILE_FAILED');
  assert.is(error.values['reason'], 'ENOENT');
});

test('a full disk is told with the path', async (t) => {
  if (!existsSync('/dev/full')) t.skip('this system has no /dev/full');
  const output = openOutput('/dev/full');
  t.after(() => output.close());
  const error = await failureOf(output.write(Buffer.from('x')));
  assert.is(error.code, 'STATUS_WRITE_TO_FILE_FAILED');
  assert.match(error.message, /^'\/dev\/full' cannot be written .*ENOSPC.*space on its disk/);
  assert.is(await output.truncate(0), false, 'a device cannot be cut off');
});

test('a reader that leaves during a write is noticed with that write', async () => {
  const { stdout } = process;
  const original = stdout.write.bind(stdout);
  const gone = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
  stdout.write = (_bytes: unknown, done: unknown): boolean => {
    (done as (error: Error) => void)(gone);
    return false;
  };
  const writing = openOutput('-').write(Buffer.from('x'));
  stdout.write = original;
  assert.instance(await writing.catch((error: unknown) => error), ReaderGoneError);
});
