import { Writable } from 'node:stream';
import { pino } from 'pino';
import * as assert from 'uvu/assert';
import { guardLogger, LOG_LEVELS, type Logger } from '../../ts/logging/index.js';
import { suite, type TestContext } from '../support/suite.js';

const test = suite('the logger of a user');

/** The warnings of this package that the process gets. */
function collectWarnings(t: TestContext): string[] {
  const seen: string[] = [];
  const listener = (warning: Error): void => {
    if (warning.name === 'KinesisVideoWarning') seen.push(warning.message);
  };
  process.on('warning', listener);
  t.after(() => process.off('warning', listener));
  return seen;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('each level gets the details and the message, redacted', () => {
  const seen: unknown[] = [];
  const methods = LOG_LEVELS.map((level) => [
    level,
    (details: object, message: string) => seen.push([level, details, message]),
  ]);
  const logger = guardLogger(Object.fromEntries(methods) as Logger);
  for (const level of LOG_LEVELS) {
    logger[level]?.({ streamName: 'cam', password: 'canary' }, 'to https://me:canary@host/');
  }
  assert.equal(
    seen,
    LOG_LEVELS.map((level) => [
      level,
      { streamName: 'cam', password: '[redacted]' },
      'to https://[redacted]@host/',
    ]),
  );
});

test('methods that are missing stay missing, and wrapping twice wraps once', () => {
  const logger = guardLogger({ warn: () => undefined });
  assert.equal(Object.keys(logger), ['warn']);
  assert.is(guardLogger(logger), logger);
});

test('methods are called on the logger, as they are at that time', () => {
  class Counter {
    count = 0;
    info(): void {
      this.count += 1;
    }
  }
  const counter = new Counter();
  const logger = guardLogger(counter);
  logger.info?.({}, 'once');
  counter.info = () => {
    counter.count += 10;
  };
  logger.info?.({}, 'then');
  assert.is(counter.count, 11);
});

test('a logger that throws or rejects is told of once and disturbs nothing', async (t) => {
  const warnings = collectWarnings(t);
  const throwing = guardLogger({
    error: () => {
      throw new Error('the disk is full, password=canary');
    },
  });
  throwing.error?.({}, 'one');
  throwing.error?.({}, 'two');
  const rejecting = guardLogger({ info: () => Promise.reject(new Error('gone')) as never });
  rejecting.info?.({}, 'three');
  await turn();
  await turn();
  assert.is(warnings.length, 2);
  assert.match(warnings[0] ?? '', /failed in error\(\).*the disk is full, password=\[redacted\]/);
  assert.match(warnings[1] ?? '', /failed in info\(\).*gone/);
});

test('a pino logger writes its lines, and what it leaves out costs nothing', () => {
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  const user = pino({ level: 'info' }, sink);
  const logger = guardLogger(user);
  let reads = 0;
  const details = {
    get streamName() {
      reads += 1;
      return 'cam';
    },
  };
  logger.debug?.(details, 'not written');
  assert.is(reads, 0);
  logger.info?.(details, 'written');
  user.level = 'trace';
  logger.trace?.({ ackType: 'PERSISTED' }, 'written too');
  const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.equal(
    entries.map(({ level, msg, streamName, ackType }) => [level, msg, streamName, ackType]),
    [
      [30, 'written', 'cam', undefined],
      [10, 'written too', undefined, 'PERSISTED'],
    ],
  );
});
