import * as assert from 'uvu/assert';
import { EndpointCache } from '../../ts/service/endpoint-cache.js';
import { suite } from '../support/suite.js';
import { until } from './connections.js';
import { controlPlane, fakeControlPlane, notFound } from './fake-control-plane.js';

const test = suite('data endpoints');

test('an endpoint is asked for once by callers at the same time, and kept', async (t) => {
  const fake = await fakeControlPlane(t, {
    getDataEndpoint: ({ body }) => ({ DataEndpoint: `https://${String(body['APIName'])}.example` }),
  });
  const client = controlPlane(t, fake.url);
  const answers = await Promise.all([
    client.getDataEndpoint('cam1', 'PUT_MEDIA'),
    client.getDataEndpoint('cam1', 'PUT_MEDIA'),
    client.getDataEndpoint('cam1', 'GET_MEDIA'),
  ]);
  const put = 'https://PUT_MEDIA.example';
  assert.equal(answers, [put, put, 'https://GET_MEDIA.example']);
  await client.getDataEndpoint('cam1', 'PUT_MEDIA');
  assert.is(fake.calls.length, 2);
  await client.getDataEndpoint('cam2', 'PUT_MEDIA');
  assert.is(fake.calls.length, 3);
});

test('an endpoint that was invalidated is asked for again', async (t) => {
  let answers = 0;
  const fake = await fakeControlPlane(t, {
    getDataEndpoint: () => ({ DataEndpoint: `https://host${(answers += 1)}.example` }),
  });
  const client = controlPlane(t, fake.url);
  await client.getDataEndpoint('cam1', 'PUT_MEDIA');
  client.invalidateDataEndpoint('cam1', 'PUT_MEDIA');
  assert.is(await client.getDataEndpoint('cam1', 'PUT_MEDIA'), 'https://host2.example');
});

test('a failure is not kept', async (t) => {
  const fake = await fakeControlPlane(t, { getDataEndpoint: notFound });
  const client = controlPlane(t, fake.url);
  const error = await client.getDataEndpoint('cam1', 'PUT_MEDIA').catch((e: unknown) => e);
  assert.match(String(error), /"cam1" does not exist/);
  fake.answers['getDataEndpoint'] = () => ({ DataEndpoint: 'https://host.example' });
  assert.is(await client.getDataEndpoint('cam1', 'PUT_MEDIA'), 'https://host.example');
});

test('the abort of one caller does not take the answer from another', async (t) => {
  let answer: () => void = () => undefined;
  const fake = await fakeControlPlane(t, {
    getDataEndpoint: (_call, response) => {
      answer = () => response.end('{"DataEndpoint":"https://host.example"}');
    },
  });
  const client = controlPlane(t, fake.url);
  const stop = new AbortController();
  const first = client.getDataEndpoint('cam1', 'PUT_MEDIA', { signal: stop.signal });
  const second = client.getDataEndpoint('cam1', 'PUT_MEDIA');
  await until(() => fake.calls.length === 1);
  const reason = new Error('stop');
  stop.abort(reason);
  assert.is(await first.catch((error: unknown) => error), reason);
  answer();
  assert.is(await second, 'https://host.example');
});

test('an endpoint is asked for again after 40 minutes', async () => {
  let now = 0;
  let fetches = 0;
  const cache = new EndpointCache(() => now);
  const fetch = (): Promise<string> => Promise.resolve(`https://host${(fetches += 1)}`);
  await cache.get('key', fetch);
  now = 40 * 60_000 - 1;
  assert.is(await cache.get('key', fetch), 'https://host1');
  now += 2;
  assert.is(await cache.get('key', fetch), 'https://host2');
});

test('an endpoint that was invalidated while it was asked for is not kept', async () => {
  const cache = new EndpointCache();
  let answer: (endpoint: string) => void = () => undefined;
  const first = cache.get('key', () => new Promise((resolve) => (answer = resolve)));
  cache.delete('key');
  const second = cache.get('key', () => Promise.resolve('https://new'));
  answer('https://old');
  assert.is(await first, 'https://old');
  assert.is(await second, 'https://new');
  assert.is(await cache.get('key', () => Promise.reject(new Error('asked again'))), 'https://new');
});
