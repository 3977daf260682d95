import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { renameSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { fromCredentialFile, resolveCredentials } from '../../ts/credentials/index.js';
import { CHANNELS, type ChannelMessages } from '../../ts/logging/index.js';
import { suite, type TestContext } from '../support/suite.js';
import { failure, scratchFolder } from './support.js';

const test = suite('fromCredentialFile');

const inAnHour = (): string => new Date(Date.now() + 3600_000).toISOString();

/** A credential file, and the ways in which it gets new content. */
function credentialFile(t: TestContext, content: string | undefined) {
  const folder = scratchFolder(t);
  const path = join(folder, 'credentials.txt');
  if (content !== undefined) writeFileSync(path, content);
  return {
    path,
    provider: fromCredentialFile(path),
    write: (text: string) => {
      writeFileSync(path, text);
    },
    replace: (text: string) => {
      const temporary = join(folder, 'new');
      writeFileSync(temporary, text);
      renameSync(temporary, path);
    },
  };
}

test('a line with two words after its tag holds key and secret', async (t) => {
  const { provider } = credentialFile(t, 'CREDENTIALS AKID canarySecret\n');
  assert.equal(await provider(), { accessKeyId: 'AKID', secretAccessKey: 'canarySecret' });
});

test('a line with four words after its tag holds key, expiration, secret and token', async (t) => {
  const time = inAnHour();
  const { provider } = credentialFile(t, `CREDENTIALS AKID ${time} canarySecret canaryToken`);
  assert.equal(await provider(), {
    accessKeyId: 'AKID',
    secretAccessKey: 'canarySecret',
    sessionToken: 'canaryToken',
    expiration: new Date(time),
  });
});

test('expirations a day ahead are taken as they are, and tokens may be long', async (t) => {
  const time = new Date(Date.now() + 86_400_000).toISOString();
  const token = 'T'.repeat(9900);
  const { provider } = credentialFile(t, `CREDENTIALS AKID ${time} secret ${token}`);
  const { expiration, sessionToken } = await provider();
  assert.is(expiration?.toISOString(), time);
  assert.is(sessionToken, token);
});

test('new content is used at once, whether it is written or moved into place', async (t) => {
  const file = credentialFile(t, 'CREDENTIALS ONE secret');
  const provider = resolveCredentials(file.provider);
  assert.is((await provider()).accessKeyId, 'ONE');
  assert.is(await provider(), await provider(), 'a file that is the same was read again');
  file.write('CREDENTIALS THREE secret');
  assert.is((await provider()).accessKeyId, 'THREE');
  const { atime, mtime } = statSync(file.path);
  // Same size and same time: only the number of the file tells.
  file.replace('CREDENTIALS SEVEN secret');
  utimesSync(file.path, atime, mtime);
  assert.is((await provider()).accessKeyId, 'SEVEN');
});

test('the last good credentials stay in use while the file is unusable, until they expire', async (t) => {
  let now = Date.now();
  const file = credentialFile(t, `CREDENTIALS AKID ${inAnHour()} secret token`);
  const clock = { now: () => new Date(now), learn: () => false };
  const provider = resolveCredentials(file.provider, { clock });
  await provider();
  file.write('CREDENTIALS canary');
  assert.is((await provider()).accessKeyId, 'AKID');
  unlinkSync(file.path);
  assert.is((await provider()).accessKeyId, 'AKID');
  now += 3600_001;
  const error = await failure(provider);
  assert.is(error.code, 'STATUS_FILE_CREDENTIAL_PROVIDER_OPEN_FILE_FAILED');
  assert.is(error.retryable, true);
});

test('credentials that the service refused are read again', async (t) => {
  const file = credentialFile(t, 'CREDENTIALS AKID secret');
  const first = await file.provider();
  assert.is(file.provider.invalidate?.(first), true);
  file.write('CREDENTIALS canary');
  assert.is(
    (await failure(file.provider)).code,
    'STATUS_FILE_CREDENTIAL_PROVIDER_INVALID_FILE_FORMAT',
  );
});

test('expired credentials are refused by name, and may be replaced', async (t) => {
  const { provider, path } = credentialFile(
    t,
    'CREDENTIALS AKID 2020-01-01T00:00:00Z canary canary',
  );
  const error = await failure(provider);
  assert.is(error.code, 'STATUS_INVALID_TOKEN_EXPIRATION');
  assert.is(error.retryable, true);
  assert.ok(error.message.includes(path));
  assert.match(error.message, /expired at 2020-01-01T00:00:00.000Z/);
});

for (const [what, content, code, pattern] of [
  ['a missing file', undefined, 'OPEN_FILE_FAILED', /ENOENT.*check that the file exists/],
  ['an empty file', '', 'INVALID_FILE_LENGTH', /has 0 bytes, and 1 to 16384 are allowed/],
  ['a huge file', 'canary '.repeat(9000), 'INVALID_FILE_LENGTH', /has 63000 bytes/],
  ['another tag', 'KEYS canary canary', 'INVALID_FILE_FORMAT', /has 3 words and no CREDENTIALS/],
  [
    'a word too few',
    'CREDENTIALS canary',
    'INVALID_FILE_FORMAT',
    /2 words.*`CREDENTIALS key secret`/,
  ],
  [
    'no time',
    'CREDENTIALS canary now canary canary',
    'INVALID_FILE_FORMAT',
    /third word is not a time/,
  ],
  [
    'a bad time',
    'CREDENTIALS canary 2030-13-01T00:00:00Z canary canary',
    'INVALID_FILE_FORMAT',
    /not a time/,
  ],
] as const) {
  test(`${what} is refused with the path and what is expected`, async (t) => {
    const { provider, path } = credentialFile(t, content);
    const error = await failure(provider);
    assert.is(error.code, `STATUS_FILE_CREDENTIAL_PROVIDER_${code}`);
    assert.is(error.retryable, false);
    assert.ok(error.message.includes(path), error.message);
    assert.match(error.message, pattern);
  });
}

test('statuses of a credential file', async (t) => {
  const codes = [];
  for (const content of [undefined, '', 'CREDENTIALS']) {
    codes.push((await failure(credentialFile(t, content).provider)).code);
  }
  assert.equal(codes, [
    'STATUS_FILE_CREDENTIAL_PROVIDER_OPEN_FILE_FAILED',
    'STATUS_FILE_CREDENTIAL_PROVIDER_INVALID_FILE_LENGTH',
    'STATUS_FILE_CREDENTIAL_PROVIDER_INVALID_FILE_FORMAT',
  ]);
});

test('new content is published once, and so is each look-up that finds none', async (t) => {
  const { provider, replace } = credentialFile(t, 'CREDENTIALS AKID canarySecret\n');
  const told: ChannelMessages['credentials'][] = [];
  const onMessage = (message: unknown): void => {
    told.push(message as ChannelMessages['credentials']);
  };
  subscribe(CHANNELS.credentials, onMessage);
  t.after(() => unsubscribe(CHANNELS.credentials, onMessage));
  await provider();
  await provider();
  assert.is(told.length, 1);
  const time = inAnHour();
  replace(`CREDENTIALS AKID ${time} canarySecret canaryToken`);
  await provider();
  assert.is(told[1]?.expiration, Date.parse(time));
  replace('nonsense');
  await provider();
  assert.is(told[2]?.error?.code, 'STATUS_FILE_CREDENTIAL_PROVIDER_INVALID_FILE_FORMAT');
  assert.is(told.length, 3);
});
