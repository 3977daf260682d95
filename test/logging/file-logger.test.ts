import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import type { KinesisVideoError } from '../../ts/internal/errors.js';
import { createFileLogger } from '../../ts/logging/index.js';
import { suite, type TestContext } from '../support/suite.js';

const test = suite('createFileLogger', { timeout: 20_000 });

const KIB = 1024;

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'kvs-file-log-'));
  t.after(() => {
    rmSync(path, { recursive: true, force: true });
  });
  return path;
}

const sizeOf = (path: string): number =>
  readdirSync(path).reduce((sum, name) => sum + statSync(join(path, name)).size, 0);

const messages = (path: string): unknown[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { msg: unknown }).msg);

test('all is in the file when close is done, and a next run goes on in it', async (t) => {
  const directory = join(folder(t), 'made', 'for it');
  for (const message of ['first run', 'second run']) {
    await using logger = createFileLogger({ directory, level: 'debug', name: 'door' });
    logger.debug({}, message);
    logger.trace({}, 'not written');
    assert.equal(await logger.close(), { lost: 0 });
  }
  assert.equal(readdirSync(directory), ['door.log']);
  assert.equal(messages(join(directory, 'door.log')), ['first run', 'second run']);
});

test('the bytes on disk stay within maxSize × maxFiles, and the newest entries are kept', async (t) => {
  const directory = folder(t);
  const maxSize = 64 * KIB;
  const logger = createFileLogger({ directory, maxSize, maxFiles: 3 });
  let largest = 0;
  for (let count = 0; count < 3000; count += 1) {
    logger.info({ text: 'x'.repeat(count % 300) }, `entry ${count}`);
    if (count % 50 !== 0) continue;
    await setTimeout(2);
    largest = Math.max(largest, sizeOf(directory));
  }
  for (let count = 0; count < 20; count += 1) logger.info({ text: 'y'.repeat(15_000) }, 'long');
  logger.info({}, 'the last one');
  assert.equal(await logger.close(), { lost: 0 });
  largest = Math.max(largest, sizeOf(directory));
  assert.ok(largest > 2 * maxSize, `${largest} bytes: no file was changed`);
  assert.ok(largest <= 3 * maxSize, `${largest} bytes`);
  assert.equal(readdirSync(directory).sort(), ['kvs.1.log', 'kvs.2.log', 'kvs.log']);
  for (const name of readdirSync(directory)) {
    assert.ok(statSync(join(directory, name)).size <= maxSize, name);
  }
  assert.is(messages(join(directory, 'kvs.log')).at(-1), 'the last one');
});

for (const [what, breakIt, mendIt] of [
  [
    'a path that runs through a file',
    (directory: string): void => {
      writeFileSync(directory, '');
    },
    (directory: string): void => {
      unlinkSync(directory);
    },
  ],
  [
    'a place that cannot be written to',
    (directory: string): void => {
      mkdirSync(directory);
      symlinkSync('/dev/full', join(directory, 'kvs.log'));
    },
    (directory: string): void => {
      unlinkSync(join(directory, 'kvs.log'));
    },
  ],
] as const) {
  test(`${what} is reported once, and the log goes on when it is mended`, async (t) => {
    const directory = join(folder(t), 'logs');
    breakIt(directory);
    const errors: KinesisVideoError[] = [];
    const logger = createFileLogger({ directory, onError: (error) => errors.push(error) });
    for (let count = 0; count < 10; count += 1) {
      logger.info({}, 'lost');
      await setTimeout(5);
    }
    assert.is(errors.length, 1);
    assert.is(errors[0]?.code, 'STATUS_WRITE_TO_FILE_FAILED');
    assert.match(
      errors[0]?.message ?? '',
      /kvs\.log cannot be written \(.*\), and entries are lost/,
    );
    mendIt(directory);
    await setTimeout(5100);
    logger.info({}, 'written');
    const result = await logger.close();
    assert.is(result.lost, 10);
    assert.is(result.error, errors[0]);
    assert.equal(messages(join(directory, 'kvs.log')), ['written']);
  });
}

test('without onError a failure is one warning of the process', async (t) => {
  const directory = join(folder(t), 'logs');
  writeFileSync(directory, '');
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
  const logger = createFileLogger({ directory });
  logger.info({}, 'lost');
  assert.match((await warned).message, /cannot be written/);
  assert.is((await logger.close()).lost, 1);
});

test('a folder that is deleted meanwhile is made again with the next file', async (t) => {
  const directory = join(folder(t), 'logs');
  const logger = createFileLogger({ directory, maxSize: 64 * KIB });
  logger.info({}, 'before');
  while (!existsSync(join(directory, 'kvs.log'))) await setTimeout(10);
  rmSync(directory, { recursive: true });
  for (let count = 0; count < 60; count += 1) logger.info({ text: 'x'.repeat(1000) }, 'fills it');
  logger.info({}, 'after');
  await logger.close();
  assert.is(messages(join(directory, 'kvs.log')).at(-1), 'after');
});

test('entries after close are lost, and closing again tells the same', async (t) => {
  const logger = createFileLogger({ directory: folder(t) });
  logger.info({}, 'in time');
  const first = await logger.close();
  logger.info({}, 'late');
  assert.equal(await logger.close(), first);
});

test('two processes share a folder under different names', async (t) => {
  const directory = folder(t);
  const program = `
    import { createFileLogger } from '${new URL('../../ts/index.ts', import.meta.url).href}';
    const name = process.argv[1];
    const logger = createFileLogger({ directory: ${JSON.stringify(directory)}, maxSize: 65536, name });
    for (let count = 0; count < 500; count += 1) logger.info({ text: 'x'.repeat(200) }, name);
    const { lost } = await logger.close();
    process.exitCode = lost;`;
  const run = (name: string): Promise<number | null> =>
    new Promise((resolve) => {
      const args = ['--import', 'tsx', '--input-type=module', '--eval', program, name];
      spawn(process.execPath, args, { stdio: 'inherit' }).on('close', resolve);
    });
  assert.equal(await Promise.all([run('one'), run('two')]), [0, 0]);
  for (const name of ['one', 'two']) {
    const files = readdirSync(directory).filter((file) => file.startsWith(`${name}.`));
    assert.is(files.length, 3);
    const all = files.flatMap((file) => messages(join(directory, file)));
    assert.ok(all.every((message) => message === name));
  }
});
