import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AwsCredentialIdentity } from '@smithy/types';
import * as assert from 'uvu/assert';
import { resolveCredentials, type CredentialsInput } from '../../ts/credentials/index.js';
import { CANARY_SECRET_KEY } from '../support/canary.js';
import { suite } from '../support/suite.js';
import { emptyEnvironment, failure, setEnvironment } from './support.js';

const test = suite('resolveCredentials', { timeout: 15_000 });

const canary = { accessKeyId: 'AKID', secretAccessKey: CANARY_SECRET_KEY };

test('fixed keys are what the provider answers', async () => {
  const expiration = new Date(Date.now() + 60_000);
  const given = { ...canary, sessionToken: 'token', expiration };
  const provider = resolveCredentials(given);
  given.accessKeyId = 'changed later';
  assert.equal(await provider(), { ...canary, sessionToken: 'token', expiration });
});

test('a resolved provider is not wrapped again', () => {
  const provider = resolveCredentials(canary);
  assert.is(resolveCredentials(provider), provider);
});

test('fixed keys that have expired are refused with the time and the remedy', async () => {
  const provider = resolveCredentials({ ...canary, expiration: new Date(0) });
  const error = await failure(provider);
  assert.is(error.code, 'STATUS_INVALID_TOKEN_EXPIRATION');
  assert.match(error.message, /expired at 1970-01-01T00:00:00.000Z.*pass an async function/);
});

for (const [what, input, pattern] of [
  [
    'no secret',
    { accessKeyId: 'AKID' },
    /`credentials` have no secretAccessKey in them: give an object/,
  ],
  ['an empty key id', { ...canary, accessKeyId: '' }, /have, as accessKeyId, a text that is empty/],
  ['a secret with a newline', { ...canary, secretAccessKey: 'canary\n' }, /white space/],
  [
    'a date as text',
    { ...canary, expiration: '2030-01-01' },
    /expiration that is not a valid Date/,
  ],
  ['text', 'AKID:canary', /`credentials` are of type string/],
  ['null', null, /`credentials` are null/],
] as const) {
  test(`${what} in place of credentials is refused at once`, async () => {
    const error = await failure(() =>
      Promise.resolve().then(() => resolveCredentials(input as unknown as CredentialsInput)),
    );
    assert.is(error.code, 'STATUS_INVALID_ARG');
    assert.match(error.message, pattern);
  });
}

test('a function that answers rubbish is told what to answer', async () => {
  const provider = resolveCredentials(() =>
    Promise.resolve({ AccessKeyId: 'AKID' } as unknown as AwsCredentialIdentity),
  );
  assert.match(
    (await failure(provider)).message,
    /function have no accessKeyId in them: give an object/,
  );
});

test('a function that fails is named with its reason, and a secret in JSON is not quoted', async () => {
  const failing = resolveCredentials(() => Promise.reject(new Error('vault is sealed')));
  const error = await failure(failing);
  assert.is(error.code, 'STATUS_GET_STREAMING_TOKEN_CALL_FAILED');
  assert.is(error.retryable, false);
  assert.match(error.message, /`credentials` function failed \(vault is sealed\)/);

  const parsing = resolveCredentials(() => Promise.resolve(JSON.parse(CANARY_SECRET_KEY) as never));
  assert.match((await failure(parsing)).message, /not valid JSON/);
});

test('a function that fails for want of a network may be asked again', async () => {
  const reason = Object.assign(new Error('getaddrinfo'), { code: 'EAI_AGAIN' });
  const provider = resolveCredentials(() => Promise.reject(reason));
  assert.is((await failure(provider)).retryable, true);
});

test('without anything given, keys of the environment are found', async (t) => {
  emptyEnvironment(t);
  setEnvironment(t, { AWS_ACCESS_KEY_ID: 'AKENV', AWS_SECRET_ACCESS_KEY: 'canaryEnv' });
  assert.is((await resolveCredentials()()).accessKeyId, 'AKENV');
});

test('without anything given, the profile of the shared file is found and read again', async (t) => {
  const folder = emptyEnvironment(t);
  setEnvironment(t, { AWS_PROFILE: 'camera' });
  const save = (id: string): void => {
    const text = `[camera]\naws_access_key_id = ${id}\naws_secret_access_key = canaryFile\n`;
    writeFileSync(join(folder, 'credentials'), text);
  };
  save('AKONE');
  const provider = resolveCredentials();
  const first = await provider();
  assert.is(first.accessKeyId, 'AKONE');
  save('AKTWO');
  assert.is((await provider()).accessKeyId, 'AKONE');
  assert.is(provider.invalidate?.(first), true);
  assert.is((await provider()).accessKeyId, 'AKTWO');
});

test('without any credentials the error lists what was tried and how to fix it', async (t) => {
  emptyEnvironment(t);
  const error = await failure(resolveCredentials());
  assert.is(error.code, 'STATUS_GET_STREAMING_TOKEN_CALL_FAILED');
  assert.is(error.retryable, false);
  assert.match(
    error.message,
    /No AWS credentials were found .*AWS_ACCESS_KEY_ID.*profile "default".*SSO.*EC2.*aws configure/,
  );
});
