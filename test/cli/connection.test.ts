import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { resolveConnection } from '../../ts/cli/connection.js';
import { KinesisVideoError } from '../../ts/internal/errors.js';
import { suite } from '../support/suite.js';

const test = suite('connection options');

const options = {
  region: 'us-west-2',
  endpoint: undefined,
  proxy: undefined,
  ipv4: false,
  ipv6: false,
  iotCertificate: undefined,
  credentialFile: undefined,
};
const fixture = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

async function failureWith(ca: string): Promise<KinesisVideoError> {
  const error: unknown = await resolveConnection({ ...options, ca }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.instance(error, KinesisVideoError);
  return error as KinesisVideoError;
}

test('certificates are read from the file of --ca', async () => {
  const { network } = await resolveConnection({
    ...options,
    ca: fixture('tls/localhost-cert.pem'),
  });
  assert.match(String(network.ca), /BEGIN CERTIFICATE/);
});

test('a file of --ca that is missing or holds no certificate is refused by name', async () => {
  for (const name of ['no-such-file.pem', 'h264-baseline.mp4', 'tls/localhost-key.pem']) {
    const error = await failureWith(fixture(name));
    assert.is(error.code, 'STATUS_INVALID_CA_CERT_PATH');
    assert.match(error.message, /--ca/);
  }
});
