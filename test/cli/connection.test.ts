import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { CONNECTION_OPTIONS, resolveConnection } from '../../ts/cli/connection.js';
import { defaultsOf } from '../../ts/cli/options.js';
import { KinesisVideoError } from '../../ts/internal/errors.js';
import { setEnvironment } from '../network/support/dialing.js';
import { suite } from '../support/suite.js';

const test = suite('connection options');

const options = { ...defaultsOf(CONNECTION_OPTIONS), region: 'us-west-2' };
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

test('the endpoint is that of the region unless another one is named', async (t) => {
  setEnvironment(t, { AWS_ENDPOINT_URL: undefined, AWS_CONFIG_FILE: '/dev/null' });
  const plain = await resolveConnection(options);
  assert.is(plain.endpoint, 'https://kinesisvideo.us-west-2.amazonaws.com');
  const variant = await resolveConnection({ ...options, dualStack: true, fips: true });
  assert.is(variant.endpoint, 'https://kinesisvideo-fips.us-west-2.api.aws');
  setEnvironment(t, { AWS_ENDPOINT_URL: 'http://gateway.test' });
  assert.is((await resolveConnection(options)).endpoint, 'http://gateway.test');
});

test('options that exclude each other are told apart from what they mean', async (t) => {
  setEnvironment(t, { AWS_ENDPOINT_URL: undefined });
  for (const [wrong, pattern] of [
    [{ ipv4: true, ipv6: true }, /--ipv4 and --ipv6/],
    [{ endpoint: 'http://gateway.test', fips: true }, /--fips has no effect .*gateway\.test/],
  ] as const) {
    const error: unknown = await resolveConnection({ ...options, ...wrong }).catch(
      (reason: unknown) => reason,
    );
    assert.match((error as Error).message, pattern);
  }
});

test('--proxy, --ca and --ipv4 say how to connect', async () => {
  const given = { proxy: 'http://proxy:3128', ipv4: true };
  const { network } = await resolveConnection({ ...options, ...given });
  assert.equal(network, { addressFamily: 'ipv4', proxy: 'http://proxy:3128' });
});

test('a value of --proxy that is no URL of one is not shown', () => {
  const secret = 'socks5://door:canary0815@proxy';
  assert.throws(
    () => CONNECTION_OPTIONS.proxy.read([secret], '--proxy'),
    (error: Error) => /--proxy/.test(error.message) && !error.message.includes('canary'),
  );
});
