import * as assert from 'uvu/assert';
import { parseRetryAfter } from '../../ts/service/retry-after.js';
import { suite } from '../support/suite.js';
import { openRecorded } from './connections.js';
import { controlPlane, describe, failure, fakeControlPlane } from './fake-control-plane.js';
import { refuse, serveHttp } from './servers.js';

const test = suite('Retry-After', { timeout: 15_000 });

test('seconds and dates are understood, and a minute is the longest wait', () => {
  const now = Date.parse('Wed, 21 Oct 2026 07:28:00 GMT');
  for (const [header, milliseconds] of [
    ['0', 0],
    [' 7 ', 7000],
    ['3600', 60_000],
    ['Wed, 21 Oct 2026 07:28:05 GMT', 5000],
    ['Wed, 21 Oct 2026 07:27:00 GMT', 0],
    ['soon', undefined],
    ['-1', undefined],
    ['', undefined],
    [undefined, undefined],
  ] as const) {
    assert.is(parseRetryAfter(header, now), milliseconds, String(header));
  }
});

test('a refused PutMedia tells how long the service asks to be left alone', async (t) => {
  const server = await serveHttp(t, (_request, response) => {
    refuse(response, 429, 'ThrottlingException', 'slow down', { 'retry-after': '7' });
  });
  const { closed } = await openRecorded(t, server.url);
  const error = await closed;
  assert.is(error?.code, 'STATUS_SERVICE_CALL_CLIENT_LIMIT_ERROR');
  assert.is(error?.retryable, true);
  assert.is(error?.values['retryAfter'], 7000);
});

test('a call of the control plane is made again no sooner than the service asks for', async (t) => {
  const times: number[] = [];
  const fake = await fakeControlPlane(t, {
    describeStream: (_call, response) => {
      times.push(performance.now());
      if (times.length > 1) return describe();
      refuse(response, 503, 'ServiceUnavailableException', 'later', { 'retry-after': '1' });
      return undefined;
    },
  });
  await controlPlane(t, fake.url).describeStream('cam1');
  const [first = 0, second = 0] = times;
  assert.ok(second - first > 990, `${second - first} ms`);
});

test('a call whose time does not allow for that wait fails at once', async (t) => {
  const fake = await fakeControlPlane(t, {
    describeStream: (_call, response) => {
      refuse(response, 503, 'ServiceUnavailableException', 'later', { 'retry-after': '30' });
    },
  });
  const error = await failure(
    controlPlane(t, fake.url, { requestTimeout: 5000 }).describeStream('cam1'),
  );
  assert.is(error.values['retryAfter'], 30_000);
  assert.is(fake.calls.length, 1);
});
