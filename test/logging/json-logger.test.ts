import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { inspect } from 'node:util';
import { pino } from 'pino';
import * as assert from 'uvu/assert';
import { KinesisVideoError } from '../../ts/internal/errors.js';
import { createLogger, LOG_LEVELS, LOG_THRESHOLDS } from '../../ts/logging/index.js';
import { CANARY } from '../support/canary.js';
import { suite, type TestContext } from '../support/suite.js';

const test = suite('createLogger');

type Entry = Record<string, unknown>;

/** A destination that keeps what it gets. */
function sink(): { stream: Writable; entries: () => Entry[]; text: () => string } {
  let text = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  const lines = (): string[] => text.split('\n').filter((line) => line !== '');
  return {
    stream,
    text: () => text,
    entries: () => lines().map((line) => JSON.parse(line) as Entry),
  };
}

function setLevel(t: TestContext, value: string): void {
  process.env['AWS_KVS_LOG_LEVEL'] = value;
  t.after(() => {
    delete process.env['AWS_KVS_LOG_LEVEL'];
  });
}

test('its lines are those of pino', () => {
  const ours = sink();
  const theirs = sink();
  const details = { streamName: 'cam', nested: { frames: 3 } };
  for (const level of LOG_LEVELS) {
    createLogger({ level: 'trace', destination: ours.stream })[level](details, 'a "word"');
    pino({ level: 'trace' }, theirs.stream)[level](details, 'a "word"');
  }
  const timeless = (entries: Entry[]): Entry[] => entries.map((entry) => ({ ...entry, time: 0 }));
  assert.equal(timeless(ours.entries()), timeless(theirs.entries()));
  assert.ok(Math.abs(Number(ours.entries()[0]?.['time']) - Date.now()) < 5000);
});

for (const [index, threshold] of LOG_THRESHOLDS.entries()) {
  test(`at ${threshold} the levels from it on are written`, () => {
    const { stream, entries } = sink();
    const logger = createLogger({ level: threshold, destination: stream });
    for (const level of LOG_LEVELS) {
      logger[level]({}, level);
      assert.is(logger.isLevelEnabled(level), LOG_LEVELS.indexOf(level) >= index);
    }
    assert.equal(
      entries().map(({ msg }) => msg),
      LOG_LEVELS.slice(index),
    );
  });
}

test('the level can be changed, and a child has one of its own', () => {
  const { stream, entries } = sink();
  const logger = createLogger({ level: 'silent', destination: stream, name: 'door' });
  logger.error({}, 'not written');
  logger.level = 'debug';
  const child = logger.child({ streamName: 'cam' });
  child.level = 'error';
  child.info({}, 'not written either');
  child.error({}, 'from the child');
  logger.debug({ level: 'mine', time: 'mine' }, 'from the parent');
  assert.equal(
    entries().map(({ level, name, streamName, msg }) => [level, name, streamName, msg]),
    [
      [50, 'door', 'cam', 'from the child'],
      [20, 'door', undefined, 'from the parent'],
    ],
  );
});

test('AWS_KVS_LOG_LEVEL gives the level where none is told', (t) => {
  for (const [index, threshold] of LOG_THRESHOLDS.entries()) {
    setLevel(t, String(index + 1));
    assert.is(createLogger().level, threshold);
    assert.is(createLogger({ level: 'info' }).level, 'info');
  }
  for (const value of ['0', '8', 'debug']) {
    setLevel(t, value);
    assert.throws(
      () => createLogger(),
      (error: unknown) =>
        error instanceof KinesisVideoError && error.message.includes(`is "${value}"`),
    );
  }
  setLevel(t, '');
  assert.is(createLogger().level, 'info');
});

test('secrets are masked, whoever calls it', () => {
  const { stream, text } = sink();
  const logger = createLogger({ destination: stream });
  logger.child({ password: CANARY }).warn({ headers: { authorization: CANARY } }, `token=x`);
  logger.info({ url: `https://me:${CANARY}@host/` }, `sessionToken=${CANARY}`);
  assert.not.ok((text() + inspect(logger, { showHidden: true, depth: 20 })).includes(CANARY));
});

test('an open file can be given by its number', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kvs-log-'));
  const path = join(folder, 'log');
  const fd = openSync(path, 'w');
  t.after(() => {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  });
  createLogger({ destination: fd }).info({}, 'into the file');
  while (readFileSync(path, 'utf8') === '') await new Promise((resolve) => setTimeout(resolve, 5));
  assert.match(readFileSync(path, 'utf8'), /"msg":"into the file"}\n$/);
});

test('a destination that takes nothing costs no memory, and what is missing is told', async () => {
  let release: (() => void) | undefined;
  const seen: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      seen.push(chunk.toString());
      if (release === undefined) release = done;
      else done();
    },
  });
  const logger = createLogger({ destination: stream });
  const message = 'x'.repeat(1000);
  for (let count = 0; count < 5000; count += 1) logger.info({}, message);
  assert.ok(stream.writableLength < 1.1 * 1024 * 1024);
  release?.();
  await new Promise((resolve) => setImmediate(resolve));
  logger.info({}, 'again');
  await new Promise((resolve) => setImmediate(resolve));
  const missing = seen
    .map((line) => /"msg":"(\d+) entries are missing/.exec(line)?.[1])
    .find(Boolean);
  assert.is(Number(missing) + seen.length - 2, 5000);
});

test('a destination that fails does not end the process', async () => {
  const stream = new Writable({
    write(_chunk, _encoding, done) {
      done(new Error('the disk is full'));
    },
  });
  const logger = createLogger({ destination: stream });
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
  for (let count = 0; count < 10; count += 1) logger.info({}, 'lost');
  assert.match((await warned).message, /log cannot be written.*the disk is full/);
  logger.info({}, 'lost too');
});

test('a line is never longer than it may be', () => {
  const { stream, text, entries } = sink();
  const logger = createLogger({ destination: stream });
  logger.info({ text: 'ä'.repeat(20_000) }, 'ö'.repeat(2000));
  assert.is(entries()[0]?.['truncated'], true);
  assert.ok(Buffer.byteLength(text()) <= 16 * 1024);
});
