import { createHash } from 'node:crypto';
import * as assert from 'uvu/assert';
import { DescribeStreamCommand } from '@aws-sdk/client-kinesis-video';
import { CANARY_SECRET_KEY } from '../support/canary.js';
import { suite, type TestContext } from '../support/suite.js';
import type { LocalKinesisVideo } from '../../ts/local/index.js';
import { controlClient, rejection, startEndpoint, startWithStream } from './support/endpoint.js';
import { call, send, type Answer } from './support/http.js';
import { signedHeaders, type SigningOptions } from './support/signing.js';
import { TestPutMedia } from './support/put-media.js';

const test = suite('Request signatures');

const BODY = '{"StreamName":"cam"}';

/** Signs a DescribeStream, lets `change` spoil it, and sends it. */
async function describeWith(
  local: LocalKinesisVideo,
  change: (headers: Record<string, string>) => void,
  options: SigningOptions = {},
): Promise<Answer> {
  const headers = await signedHeaders(local.endpoint, '/describeStream', {
    ...options,
    body: BODY,
  });
  change(headers);
  return await send(local.endpoint, '/describeStream', headers, BODY);
}

function assertRefused(answer: Answer, type: string, message: string | RegExp): void {
  assert.equal([answer.status, answer.headers['x-amzn-errortype']], [403, type]);
  assert.equal(Object.keys(answer.json), ['message']);
  assert.match(String(answer.json['message']), message);
}

async function startAt(t: TestContext, now: string): Promise<LocalKinesisVideo> {
  const { local } = await startWithStream(t);
  const other = await startEndpoint(t, { now: () => Date.parse(now) });
  return { ...local, endpoint: other.endpoint };
}

test('accepts the default pair and any other that it is given', async (t) => {
  const credentials = [
    { accessKeyId: 'AKIDONE', secretAccessKey: 'one' },
    { accessKeyId: 'AKIDTWO', secretAccessKey: 'two' },
  ];
  const local = await startEndpoint(t, { credentials });
  for (const pair of credentials) {
    assert.is((await call(local, '/listStreams', {}, { credentials: pair })).status, 200);
  }
  const answer = await call(local, '/listStreams');
  assertRefused(answer, 'UnrecognizedClientException', "access key 'local' is not known");
});

test('a wrong secret shows the SDK the error of the service', async (t) => {
  const { local } = await startWithStream(t);
  const client = controlClient(t, local, { accessKeyId: 'local', secretAccessKey: 'wrong' });
  const refused = await rejection(client.send(new DescribeStreamCommand({ StreamName: 'cam' })));
  assert.is(refused.name, 'InvalidSignatureException');
  assert.is(refused.status, 403);
});

test('explains a signature that does not match without giving the secret away', async (t) => {
  const credentials = [{ accessKeyId: 'AKID', secretAccessKey: CANARY_SECRET_KEY }];
  const local = await startEndpoint(t, { credentials });
  const wrong = { accessKeyId: 'AKID', secretAccessKey: 'guess' };
  const answer = await call(local, '/listStreams', {}, { credentials: wrong });
  assertRefused(answer, 'InvalidSignatureException', 'does not match the signature you provided');
  const message = String(answer.json['message']);
  assert.match(message, `'POST\n/listStreams\n\n`);
  assert.match(message, /The String-to-Sign should have been\n'AWS4-HMAC-SHA256\n\d{8}T\d{6}Z\n/);
  assert.not.match(message, CANARY_SECRET_KEY);
});

test('accepts nothing that was changed after signing', async (t) => {
  const { local } = await startWithStream(t);
  const hash = createHash('sha256').update('other').digest('hex');
  const changes: ((headers: Record<string, string>) => void)[] = [
    (headers) => (headers['host'] = 'example.org'),
    (headers) => (headers['x-amz-date'] = headers['x-amz-date']?.replace(/.Z$/, 'xZ') ?? ''),
    (headers) => (headers['x-amz-content-sha256'] = hash),
    (headers) => (headers['authorization'] = headers['authorization']?.replace(/.$/, 'g') ?? ''),
    (headers) => (headers['authorization'] = headers['authorization']?.slice(0, -2) ?? ''),
  ];
  assert.is((await describeWith(local, () => undefined)).status, 200);
  for (const change of changes) {
    assert.is((await describeWith(local, change)).status, 403, String(change));
  }
  const headers = await signedHeaders(local.endpoint, '/describeStream', { body: BODY });
  const otherBody = await send(local.endpoint, '/describeStream', headers, '{"StreamName":"cax"}');
  assertRefused(
    otherBody,
    'InvalidSignatureException',
    "'x-amz-content-sha256' header does not match",
  );
  const otherPath = await send(local.endpoint, '/deleteStream', headers, BODY);
  assertRefused(otherPath, 'InvalidSignatureException', 'does not match the signature');
});

test('asks for a signature, and a complete one', async (t) => {
  const { local } = await startWithStream(t);
  const missing = await send(local.endpoint, '/describeStream', {}, BODY);
  assertRefused(missing, 'MissingAuthenticationTokenException', 'Missing Authentication Token');
  const spoil = (from: RegExp, to: string) => (headers: Record<string, string>) => {
    headers['authorization'] = headers['authorization']?.replace(from, to) ?? '';
  };
  const cases: [change: (headers: Record<string, string>) => void, message: string][] = [
    [spoil(/.*/s, 'Bearer token'), "must begin with 'AWS4-HMAC-SHA256'"],
    [spoil(/Credential=[^,]+, /, ''), "requires 'Credential' parameter"],
    [spoil(/SignedHeaders=[^,]+, /, ''), "requires 'SignedHeaders' parameter"],
    [spoil(/, Signature=.*/, ''), "requires 'Signature' parameter"],
    [spoil(/Credential=[^,]+/, 'Credential=local'), 'Credential must have 5 parts'],
    [(headers) => delete headers['x-amz-date'], "existence of an 'X-Amz-Date' header"],
  ];
  for (const [change, message] of cases) {
    assertRefused(await describeWith(local, change), 'IncompleteSignatureException', message);
  }
  for (const name of ['host', 'x-amz-date']) {
    const unsigned = await describeWith(local, spoil(new RegExp(`${name};?`), ''));
    assertRefused(unsigned, 'InvalidSignatureException', `'${name}' must be a 'SignedHeader'`);
  }
});

test('asks for its own region and service', async (t) => {
  const { local } = await startWithStream(t);
  const region = await describeWith(local, () => undefined, { region: 'eu-central-1' });
  assertRefused(
    region,
    'InvalidSignatureException',
    "Credential should be scoped to a valid region. This endpoint is in 'us-west-2', the request is signed for 'eu-central-1'.",
  );
  const service = await describeWith(local, () => undefined, { service: 'kinesis' });
  assertRefused(service, 'InvalidSignatureException', "correct service: 'kinesisvideo'");
});

test('accepts a signature for five minutes and tells the times afterwards', async (t) => {
  const local = await startAt(t, '2023-11-07T04:58:05.800Z');
  const at = (date: string): Promise<Answer> =>
    call(local, '/listStreams', {}, { date: new Date(date) });
  assert.is((await at('2023-11-07T04:53:05Z')).status, 200);
  assert.is((await at('2023-11-07T05:03:05Z')).status, 200);
  assertRefused(
    await at('2023-11-07T04:47:34Z'),
    'InvalidSignatureException',
    'Signature expired: 20231107T044734Z is now earlier than 20231107T045305Z (20231107T045805Z - 5 min.)',
  );
  assertRefused(
    await at('2023-11-07T05:03:06Z'),
    'InvalidSignatureException',
    'Signature not yet current: 20231107T050306Z is still later than 20231107T050305Z (20231107T045805Z + 5 min.)',
  );
});

test('refuses a scope of another day than the date', async (t) => {
  const { local } = await startWithStream(t);
  const answer = await describeWith(local, (headers) => {
    headers['authorization'] =
      headers['authorization']?.replace(/local\/\d{8}/, 'local/20200101') ?? '';
  });
  assertRefused(answer, 'InvalidSignatureException', "'20200101' != ");
});

test('accepts a session token, signed or not', async (t) => {
  const { local } = await startWithStream(t);
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local', sessionToken: 'token' };
  assert.is((await describeWith(local, () => undefined, { credentials })).status, 200);
  const unsigned = await describeWith(local, (headers) => {
    headers['x-amz-security-token'] = 'token';
  });
  assert.is(unsigned.status, 200);
});

test('normalises the white space of signed headers', async (t) => {
  const { local } = await startWithStream(t);
  const options = { headers: { 'x-amzn-note': 'a b' } };
  const answer = await describeWith(
    local,
    (headers) => {
      headers['x-amzn-note'] = '  a    b ';
    },
    options,
  );
  assert.is(answer.status, 200);
});

test('accepts the three ways in which clients sign a PutMedia', async (t) => {
  const { local } = await startWithStream(t);
  const ways: Record<string, string>[] = [
    {},
    { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
    { 'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' },
    {
      connection: 'keep-alive',
      'user-agent': 'AWS-SDK-KVS/1.6.4',
      'content-type': 'application/json',
    },
  ];
  for (const headers of ways) {
    const connection = await TestPutMedia.open(t, local, { headers });
    assert.is(connection.response.statusCode, 200, JSON.stringify(headers));
    await connection.finish();
  }
  const refused = await TestPutMedia.open(t, local, {
    signing: { credentials: { accessKeyId: 'local', secretAccessKey: 'wrong' } },
  });
  assert.is(refused.response.statusCode, 403);
  assert.is(refused.response.headers['x-amzn-errortype'], 'InvalidSignatureException');
});
