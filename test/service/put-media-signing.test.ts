import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import * as assert from 'uvu/assert';
import { KinesisVideoError } from '../../ts/internal/errors.js';
import { PutMediaConnection, type PutMediaOptions } from '../../ts/service/index.js';
import { suite, type TestContext } from '../support/suite.js';
import { openRecorded, putMediaOptions } from './connections.js';
import { canary, serveHttp } from './servers.js';

const test = suite('PutMedia request');

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest();

/** Opens a connection, ends it and returns the request as the server saw it. */
async function received(
  t: TestContext,
  overrides: Partial<PutMediaOptions> = {},
  tls = false,
): Promise<IncomingMessage & { port: number }> {
  let seen: IncomingMessage | undefined;
  const server = await serveHttp(
    t,
    (request, response) => {
      seen = request;
      request.resume().on('end', () => response.end());
    },
    { tls },
  );
  const { connection, closed } = await openRecorded(t, server.url, overrides);
  connection.end();
  assert.is(await closed, undefined);
  assert.ok(seen);
  return Object.assign(seen, { port: server.port });
}

/** Signature Version 4 as the AWS documentation describes it, from nothing but what was received. */
function expectedSignature(request: IncomingMessage, secretAccessKey: string): string {
  const authorization = request.headers.authorization ?? '';
  const [, scope = '', signedHeaders = ''] =
    /^AWS4-HMAC-SHA256 Credential=[^/]+\/(\S+), SignedHeaders=(\S+), Signature=/.exec(
      authorization,
    ) ?? [];
  const raw = new Map<string, string>();
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    raw.set(request.rawHeaders[i]?.toLowerCase() ?? '', request.rawHeaders[i + 1]?.trim() ?? '');
  }
  const names = signedHeaders.split(';');
  const canonical = [
    'POST',
    '/putMedia',
    '',
    ...names.map((name) => `${name}:${raw.get(name) ?? ''}`),
    '',
    signedHeaders,
    raw.get('x-amz-content-sha256') ?? sha256(''),
  ].join('\n');
  const date = raw.get('x-amz-date') ?? '';
  const toSign = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n');
  const keys = scope.split('/');
  const signingKey = keys.reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
  return hmac(signingKey, toSign).toString('hex');
}

const signatureOf = (request: IncomingMessage): string | undefined =>
  /Signature=([0-9a-f]{64})$/.exec(request.headers.authorization ?? '')?.[1];

for (const [title, identity] of [
  ['with a session token', canary],
  ['without a session token', { accessKeyId: 'AKID', secretAccessKey: 'plain/Secret+Key' }],
] as const) {
  test(`a request ${title} bears the signature that its receiver computes`, async (t) => {
    const request = await received(t, { credentials: () => Promise.resolve(identity) });
    assert.is(signatureOf(request), expectedSignature(request, identity.secretAccessKey));
    assert.match(
      request.headers.authorization ?? '',
      new RegExp(`Credential=${identity.accessKeyId}/\\d{8}/us-west-2/kinesisvideo/aws4_request, `),
    );
  });
}

test('another secret key leads to another signature', async (t) => {
  const request = await received(t);
  assert.is.not(signatureOf(request), expectedSignature(request, 'another key'));
});

test('host with its port and all x-amz headers are signed, the session token too', async (t) => {
  const request = await received(t);
  assert.is(request.headers.host, `127.0.0.1:${request.port}`);
  assert.is(request.headers['x-amz-security-token'], canary.sessionToken);
  const signed = /SignedHeaders=(\S+),/.exec(request.headers.authorization ?? '')?.[1]?.split(';');
  const expected = Object.keys(request.headers).filter((name) => /^(host|x-amzn?-.*)$/.test(name));
  assert.equal(signed, expected.sort());
});

test('the head of the request is that of PutMedia', async (t) => {
  const request = await received(t, { timecodeType: 'ABSOLUTE', fragmentAcks: false }, true);
  assert.is(request.method, 'POST');
  assert.is(request.url, '/putMedia');
  assert.is(request.httpVersion, '1.1');
  const { headers } = request;
  assert.is(headers['transfer-encoding'], 'chunked');
  assert.is(headers.connection, 'keep-alive');
  assert.is(headers.expect, undefined);
  assert.is(headers['x-amzn-stream-name'], 'cam1');
  assert.is(headers['x-amzn-fragment-timecode-type'], 'ABSOLUTE');
  assert.is(headers['x-amzn-fragment-acknowledgment-required'], '0');
  assert.match(headers['x-amz-date'] as string, /^\d{8}T\d{6}Z$/);
  assert.match(headers['user-agent'] ?? '', /^kinesis-video-producer /);
});

test('the user agent can be chosen', async (t) => {
  const request = await received(t, { userAgent: 'kiosk/7' });
  assert.is(request.headers['user-agent'], 'kiosk/7');
});

for (const [milliseconds, text] of [
  [1_735_787_045_250, '1735787045.250'],
  [1_735_787_045_007, '1735787045.007'],
  [1_735_787_045_000, '1735787045.000'],
  [1_735_787_045_999.6, '1735787046.000'],
  [0, '0.000'],
] as const) {
  test(`a start at ${milliseconds} ms is sent as ${text}`, async (t) => {
    const request = await received(t, { startTimestamp: milliseconds });
    assert.is(request.headers['x-amzn-producer-start-timestamp'], text);
  });
}

for (const [what, overrides, pattern] of [
  ['a start time that is not a number', { startTimestamp: NaN }, /startTimestamp but received NaN/],
  ['a start time before 1970', { startTimestamp: -1 }, /startTimestamp but received -1/],
  [
    'a stream name with a line break',
    { streamName: 'a\r\nb: c' },
    /stream name but received "a\\r/,
  ],
  ['an endpoint without a scheme', { endpoint: 'example.com' }, /URL .* received "example.com"/],
  ['an endpoint of another scheme', { endpoint: 'ftp://example.com' }, /http or https URL/],
] as const) {
  test(`${what} is refused before anything is sent`, async () => {
    const options = putMediaOptions('http://127.0.0.1:9', {
      credentials: () => Promise.reject(new Error('credentials were asked for')),
      ...overrides,
    });
    try {
      await PutMediaConnection.open(options);
      assert.unreachable();
    } catch (error) {
      assert.instance(error, KinesisVideoError);
      assert.is((error as KinesisVideoError).code, 'STATUS_INVALID_ARG');
      assert.match((error as KinesisVideoError).message, pattern);
    }
  });
}
