import * as assert from 'uvu/assert';
import { resolveCredentials } from '../../ts/credentials/index.js';
import { KinesisVideoError } from '../../ts/internal/errors.js';
import { signStreamingRequest } from '../../ts/service/index.js';
import { suite } from '../support/suite.js';

const test = suite('isolation of credentials');

/** A source that writes the next credentials into the object that it gave out before. */
function reusingSource(): { source: () => Promise<Record<string, unknown>>; asked: () => number } {
  const shared: Record<string, unknown> = {};
  let asked = 0;
  const source = async (): Promise<Record<string, unknown>> => {
    asked += 1;
    return Object.assign(shared, {
      accessKeyId: `AKID${asked}`,
      secretAccessKey: `secret${asked}`,
      sessionToken: `token${asked}`,
      expiration: new Date(Date.now() + 1000),
    });
  };
  return { source, asked: () => asked };
}

test('a source that reuses its object cannot change credentials that are in use', async () => {
  const { source, asked } = reusingSource();
  const provider = resolveCredentials(source as never);
  const first = await provider();
  const second = await provider({ forceRefresh: true });
  assert.is(asked(), 2);
  assert.is(first.accessKeyId, 'AKID1');
  assert.is(first.sessionToken, 'token1');
  assert.is(second.secretAccessKey, 'secret2');
  assert.ok(Object.isFrozen(first));
});

test('a request that is signed while credentials rotate is signed with one set of them', async () => {
  const { source } = reusingSource();
  const provider = resolveCredentials(source as never);
  const credentials = await provider();
  const request = {
    url: new URL('https://example.com/putMedia'),
    region: 'us-west-2',
    credentials,
    headers: {},
    date: new Date(0),
  };
  const signing = signStreamingRequest(request);
  await provider({ forceRefresh: true });
  const [headers, again] = [await signing, await signStreamingRequest(request)];
  assert.is(headers['x-amz-security-token'], 'token1');
  assert.match(headers['authorization'] ?? '', /Credential=AKID1\//);
  assert.is(headers['authorization'], again['authorization']);
});

test('a session token may be far longer than 2048 characters', async () => {
  const sessionToken = 'T'.repeat(9000);
  const provider = resolveCredentials({
    accessKeyId: 'AKID',
    secretAccessKey: 'secret',
    sessionToken,
  });
  const headers = await signStreamingRequest({
    url: new URL('https://example.com/putMedia'),
    region: 'us-west-2',
    credentials: await provider(),
    headers: {},
    date: new Date(0),
  });
  assert.is(headers['x-amz-security-token'], sessionToken);
  assert.match(headers['authorization'] ?? '', /SignedHeaders=[^,]*x-amz-security-token/);
});

test('credentials that fit into no request are refused, without being shown', async () => {
  const sessionToken = 'T'.repeat(10_001);
  const source = async (): Promise<Record<string, string>> => ({
    accessKeyId: 'AKID',
    secretAccessKey: 'secret',
    sessionToken,
  });
  const error: unknown = await resolveCredentials(source as never)().catch((e: unknown) => e);
  assert.instance(error, KinesisVideoError);
  assert.is((error as KinesisVideoError).code, 'STATUS_INVALID_AUTH_LEN');
  assert.not.match((error as KinesisVideoError).message, /TTTT/);
});
