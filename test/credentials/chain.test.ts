import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { credentialChain, resolveCredentials } from '../../ts/credentials/index.js';
import { KinesisVideoClient } from '../../ts/index.js';
import { suite } from '../support/suite.js';
import { emptyEnvironment, failure, setEnvironment } from './support.js';

const test = suite('credentialChain', { timeout: 15_000 });

const keys = { accessKeyId: 'AKGIVEN', secretAccessKey: 'canaryGiven' };
const iotCertificate = {
  endpoint: '127.0.0.1:1',
  roleAlias: 'alias',
  certPath: '/no/such/certificate.pem',
  keyPath: '/no/such/key.pem',
};

test('environment, given keys, credential file and default chain are looked for in this order', async (t) => {
  const folder = emptyEnvironment(t);
  const credentialFile = join(folder, 'kvs.txt');
  writeFileSync(credentialFile, 'CREDENTIALS AKFILE canaryFile');
  const text = '[default]\naws_access_key_id = AKPROFILE\naws_secret_access_key = canaryProfile\n';
  writeFileSync(join(folder, 'credentials'), text);
  const found = async (options: Parameters<typeof credentialChain>[0]): Promise<string> =>
    (await resolveCredentials(credentialChain(options))()).accessKeyId;

  assert.is(await found({}), 'AKPROFILE');
  assert.is(await found({ credentialFile }), 'AKFILE');
  assert.is(await found({ credentialFile, ...keys }), 'AKGIVEN');
  setEnvironment(t, { AWS_ACCESS_KEY_ID: 'AKENV', AWS_SECRET_ACCESS_KEY: 'canaryEnv' });
  assert.is(await found({ credentialFile, ...keys }), 'AKENV');
});

test('a certificate of AWS IoT comes first, and its failure is not covered up', async (t) => {
  emptyEnvironment(t);
  setEnvironment(t, { AWS_ACCESS_KEY_ID: 'AKENV', AWS_SECRET_ACCESS_KEY: 'canaryEnv' });
  const error = await failure(resolveCredentials(credentialChain({ iotCertificate, ...keys })));
  assert.match(error.message, /certificate for AWS IoT in '\/no\/such\/certificate.pem'/);
});

test('half of a key pair in the environment is an error and not passed over', async (t) => {
  emptyEnvironment(t);
  setEnvironment(t, { AWS_ACCESS_KEY_ID: 'AKENV' });
  const error = await failure(() => credentialChain(keys));
  assert.match(error.message, /has AWS_ACCESS_KEY_ID and no AWS_SECRET_ACCESS_KEY beside it/);
});

test('session token and expiration of the environment are taken over', async (t) => {
  emptyEnvironment(t);
  setEnvironment(t, {
    AWS_ACCESS_KEY_ID: 'AKENV',
    AWS_SECRET_ACCESS_KEY: 'canaryEnv',
    AWS_SESSION_TOKEN: 'canaryToken',
    AWS_CREDENTIAL_EXPIRATION: '2001-01-01T00:00:00Z',
  });
  const error = await failure(credentialChain());
  assert.is(error.code, 'STATUS_INVALID_TOKEN_EXPIRATION');
  assert.match(error.message, /of the environment .* expired at 2001/);
});

test('keys that are not whole, and unknown options, are refused', async (t) => {
  emptyEnvironment(t);
  const half = await failure(() => credentialChain({ accessKeyId: 'AK' }));
  assert.match(half.message, /have no secretAccessKey/);
  const options = { credentialsFile: 'x' } as object;
  const misspelt = await failure(() => credentialChain(options));
  assert.match(misspelt.message, /did you mean "credentialFile"/);
});

test('a client takes credentials of one kind, and says so', async () => {
  const both = await failure(() => new KinesisVideoClient({ credentials: keys, iotCertificate }));
  assert.match(both.message, /either credentials or iotCertificate .* received "both"/);
  const options = { credentials: keys, credentialFile: 'x', iotCertificate };
  const all = await failure(() => new KinesisVideoClient(options));
  assert.match(all.message, /either credentials or iotCertificate and credentialFile/);
});
