import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import * as assert from 'uvu/assert';
import { resolveCredentials } from '../../ts/credentials/index.js';
import {
  CHANNELS,
  LOG_LEVELS,
  publish,
  type ChannelMessages,
  type ChannelName,
  type LogDetails,
  type Logger,
} from '../../ts/logging/index.js';
import { CANARY, CANARY_SECRET_KEY, canaryCredentials } from '../support/canary.js';
import { suite, type TestContext } from '../support/suite.js';
import { failureOf, makeClient, makeStream, putAll, until } from './support/client.js';
import { startFake } from './support/fake-service.js';
import { definition, frames } from './support/media.js';

const test = suite('what is logged and published', { timeout: 20_000 });

/** A logger that keeps what it gets as `[level, message, details]`. */
function recorder(): { logger: Logger; entries: [string, string, LogDetails][] } {
  const entries: [string, string, LogDetails][] = [];
  const methods = LOG_LEVELS.map((level) => [
    level,
    (details: LogDetails, message: string) => entries.push([level, message, details]),
  ]);
  return { logger: Object.fromEntries(methods) as Logger, entries };
}

/** Collects what is published on a channel until the test ends. */
function listen<K extends ChannelName>(t: TestContext, name: K): ChannelMessages[K][] {
  const seen: ChannelMessages[K][] = [];
  const listener = (message: unknown): void => {
    seen.push(message as ChannelMessages[K]);
  };
  subscribe(CHANNELS[name], listener);
  t.after(() => unsubscribe(CHANNELS[name], listener));
  return seen;
}

test('calls, connections, states and acknowledgements have a level and a channel each', async (t) => {
  const fake = await startFake(t, (upload) => {
    upload.readAndAck();
  });
  const { logger, entries } = recorder();
  const [calls, connections, states, acks] = [
    listen(t, 'call'),
    listen(t, 'connection'),
    listen(t, 'state'),
    listen(t, 'ack'),
  ];
  const stream = await makeStream(t, fake.endpoint, {}, { logger });
  await putAll(stream, frames({ count: 20 }));
  await stream.stop();

  const of = (level: string) => entries.filter((entry) => entry[0] === level);
  assert.equal(
    states.map(({ state }) => state),
    ['connecting', 'streaming', 'idle', 'closed'],
  );
  const told = of('info').filter(([, , details]) => 'state' in details);
  assert.equal(
    told.map(([, , details]) => details),
    states,
  );
  assert.ok(calls.some(({ operation }) => operation === 'DescribeStream'));
  assert.ok(calls.every(({ streamName, duration }) => streamName === 'cam' && duration >= 0));
  assert.equal(
    connections.map(({ phase, sessionId }) => [phase, sessionId]),
    [
      ['opened', 1],
      ['closed', 1],
    ],
  );
  assert.is(of('debug').length, calls.length + connections.length);
  const metrics = stream.metrics;
  const count = metrics.acks.buffering + metrics.acks.received + metrics.acks.persisted;
  assert.ok(count > 0);
  assert.is(acks.length, count);
  assert.is(of('trace').length, count);
  assert.equal([...of('warn'), ...of('error')], []);
  assert.ok([calls, connections, states, acks].flat().every((message) => Object.isFrozen(message)));
});

test('a retry, a drop and a failure are told at their levels', async (t) => {
  const fake = await startFake(
    t,
    (upload) => {
      upload.reset();
    },
    (upload) => {
      upload.refuse(403, 'AccessDeniedException', 'not for you');
    },
  );
  const { logger, entries } = recorder();
  const [retries, drops, errors, connections] = [
    listen(t, 'retry'),
    listen(t, 'drop'),
    listen(t, 'error'),
    listen(t, 'connection'),
  ];
  const stream = await makeStream(t, fake.endpoint, {}, { logger });
  stream.putFrame({ data: new Uint8Array(10), presentationTs: 1_700_000_000_000 });
  await putAll(stream, frames({ count: 20 }));
  const error = await failureOf(() => stream.stop());

  assert.is(drops[0]?.reason, 'awaiting-key-frame');
  assert.is(retries[0]?.failures, 1);
  assert.is(retries[0]?.error.code, 'STATUS_SERVICE_CALL_UNKNOWN_ERROR');
  assert.equal(errors, [
    { streamName: 'cam', error: { code: error.code, message: error.message } },
  ]);
  assert.equal(
    connections.map((message) => [message.phase, message.error?.code]),
    [
      ['opened', undefined],
      ['closed', 'STATUS_SERVICE_CALL_UNKNOWN_ERROR'],
      ['opened', undefined],
      ['closed', error.code],
    ],
  );
  const levels = (pattern: RegExp) =>
    entries.filter(([, message]) => pattern.test(message)).map(([level]) => level);
  assert.equal(levels(/has dropped/), ['warn']);
  assert.equal(levels(/connects again/), ['warn']);
  assert.equal(levels(/has failed:/), ['error']);
});

test('a call that is refused is told with its error', async (t) => {
  const calls = listen(t, 'call');
  const { logger, entries } = recorder();
  const client = makeClient(t, 'http://127.0.0.1:9', { logger });
  const stop = new AbortController();
  const creation = client.createStream(definition(), { signal: stop.signal });
  await until(t, () => calls.length > 1);
  stop.abort();
  await creation.catch(() => undefined);
  assert.equal(
    calls.slice(0, 2).map(({ isRetry }) => isRetry),
    [false, true],
  );
  assert.ok(calls.slice(0, 2).every(({ error }) => error?.code.startsWith('STATUS_SERVICE_CALL')));
  assert.is(entries.filter(([level]) => level === 'debug').length, calls.length);
});

test('credentials that are got are told without what they are', async (t) => {
  const told = listen(t, 'credentials');
  const expiration = new Date(Date.now() + 3_600_000);
  const given = { ...canaryCredentials, expiration };
  const good = resolveCredentials(() => Promise.resolve(given));
  await good();
  const bad = resolveCredentials(() =>
    Promise.reject(new Error(`secretAccessKey=${CANARY_SECRET_KEY}`)),
  );
  await bad().catch(() => undefined);
  assert.is(told[0]?.expiration, expiration.getTime());
  assert.match(told[1]?.error?.code ?? '', /^STATUS_/);
  assert.equal(Object.keys(told[0] ?? {}), ['duration', 'expiration']);
  assert.not.ok(JSON.stringify(told).includes(CANARY));
});

test('without subscribers no message is made', () => {
  publish('state', () => {
    throw new Error('made for nobody');
  });
});
