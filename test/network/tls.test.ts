import { mkdirSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import * as tls from 'node:tls';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import * as assert from 'uvu/assert';
import { Dialer, type CertificateAuthority } from '../../ts/network/index.js';
import { KinesisVideoError } from '../../ts/internal/errors.js';
import { suite, type TestContext } from '../support/suite.js';
import { CertificateMaker, type Certificate } from './support/certificates.js';
import { dial, dialFailure, setEnvironment } from './support/dialing.js';

const test = suite('TLS connections', { timeout: 20_000 });

/** Starts a server that shows a certificate, and returns its URL, with the host `localhost`. */
async function serve(
  t: TestContext,
  { cert, key }: Certificate,
  options: tls.TlsOptions = {},
): Promise<string> {
  const server = tls.createServer({ cert, key, ...options }, (socket) => {
    socket.on('error', () => undefined).resume();
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return `https://localhost:${(server.address() as AddressInfo).port}`;
}

async function dialSecurely(
  t: TestContext,
  url: string,
  ca: CertificateAuthority,
): Promise<tls.TLSSocket> {
  const socket = await dial(t, url, { ca });
  assert.instance(socket, tls.TLSSocket);
  return socket as unknown as tls.TLSSocket;
}

test('a certificate whose authority is in `ca` as PEM, file or folder is trusted', async (t) => {
  const maker = new CertificateMaker(t);
  const url = await serve(t, maker.issue());
  const folder = join(maker.folder, 'roots');
  mkdirSync(folder);
  writeFileSync(join(folder, 'authority.pem'), maker.authority.cert);
  writeFileSync(join(folder, 'readme.txt'), 'no certificate');
  const other = new CertificateMaker(t).authority.cert;
  for (const ca of [
    maker.authority.cert,
    maker.authority.cert.toString(),
    [other, maker.authority.cert],
    maker.authority.certFile,
    folder,
  ]) {
    const socket = await dialSecurely(t, url, ca);
    assert.is(socket.authorized, true);
  }
});

test('a server is told the name that it is asked by, and none when it is asked by an address', async (t) => {
  const maker = new CertificateMaker(t);
  const asked: string[] = [];
  const url = await serve(t, maker.issue(), {
    // Called for a request that names a server, as RFC 6066 has it.
    SNICallback: (name, done) => {
      asked.push(name);
      done(null);
    },
  });
  await dialSecurely(t, url, maker.authority.cert);
  assert.equal(asked, ['localhost']);
  await dialSecurely(t, url.replace('localhost', '127.0.0.1'), maker.authority.cert);
  assert.equal(asked, ['localhost']);
});

test('AWS_KVS_CACERT_PATH names a file or folder when there is no `ca`', async (t) => {
  const maker = new CertificateMaker(t);
  const url = await serve(t, maker.issue());
  setEnvironment(t, { AWS_KVS_CACERT_PATH: maker.authority.certFile });
  await dial(t, url);
  const error = await dialFailure(t, url, { ca: new CertificateMaker(t).authority.cert });
  assert.is(error.values['reason'], 'certificate-untrusted');
});

for (const [what, certificate, reason] of [
  ['has expired', { from: '20200101000000Z', until: '20200201000000Z' }, 'certificate-date'],
  ['is not valid yet', { from: '20990101000000Z', until: '20990201000000Z' }, 'certificate-date'],
  ['is for another host', { names: 'DNS:elsewhere.test' }, 'certificate-host'],
] as const) {
  test(`a certificate that ${what} is refused for that reason`, async (t) => {
    const maker = new CertificateMaker(t);
    const url = await serve(t, maker.issue(certificate));
    const error = await dialFailure(t, url, { ca: maker.authority.cert });
    assert.is(error.values['reason'], reason);
    assert.ok(error.message.includes(url));
  });
}

test('a certificate of an authority that is not trusted is refused for that reason', async (t) => {
  const url = await serve(t, new CertificateMaker(t).issue());
  const error = await dialFailure(t, url);
  assert.is(error.values['reason'], 'certificate-untrusted');
  assert.match(error.message, /NODE_EXTRA_CA_CERTS/);
});

test('a server that offers TLS 1.1 at most is refused for that reason', async (t) => {
  const maker = new CertificateMaker(t);
  const url = await serve(t, maker.issue(), {
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.1',
    ciphers: 'DEFAULT@SECLEVEL=0',
  });
  const error = await dialFailure(t, url, { ca: maker.authority.cert });
  assert.is(error.values['reason'], 'tls-version');
});

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`${version} is spoken`, async (t) => {
    const maker = new CertificateMaker(t);
    const url = await serve(t, maker.issue(), { minVersion: version, maxVersion: version });
    const socket = await dialSecurely(t, url, maker.authority.cert);
    assert.is(socket.getProtocol(), version);
  });
}

test('a certificate of this machine is shown to a server that asks for one', async (t) => {
  const maker = new CertificateMaker(t);
  const { cert, key } = maker.issue({ names: 'DNS:camera-1' });
  const url = await serve(t, maker.issue(), {
    requestCert: true,
    rejectUnauthorized: true,
    ca: maker.authority.cert,
    maxVersion: 'TLSv1.2',
  });
  const dialer = new Dialer({ ca: maker.authority.cert, proxy: false });
  const socket = await dialer.dial(new URL(url), {
    connectTimeout: 3000,
    identity: { cert, key },
  });
  t.after(() => socket.destroy());
  const error = await dialFailure(t, url, { ca: maker.authority.cert });
  assert.is(error.code, 'STATUS_SERVICE_CALL_UNKNOWN_ERROR');
});

test('the roots in a file are read again after a certificate was refused', async (t) => {
  const maker = new CertificateMaker(t);
  const url = new URL(await serve(t, maker.issue()));
  const file = join(maker.folder, 'roots.crt');
  writeFileSync(file, new CertificateMaker(t).authority.cert);
  const dialer = new Dialer({ ca: file, proxy: false });
  await dialer.dial(url, { connectTimeout: 3000 }).then(
    () => {
      assert.unreachable('it was trusted');
    },
    () => undefined,
  );
  writeFileSync(file, maker.authority.cert);
  (await dialer.dial(url, { connectTimeout: 3000 })).destroy();
});

for (const [what, path, code] of [
  ['is missing', '/no/such/folder/roots.pem', 'STATUS_INVALID_CA_CERT_PATH'],
  ['holds no certificate', fileURLToPath(import.meta.url), 'STATUS_INVALID_CA_CERT_PATH'],
] as const) {
  test(`a file of roots that ${what} is refused before anything is connected to`, async (t) => {
    const error = await prepareFailure(new Dialer({ ca: path }));
    assert.is(error.code, code);
    assert.match(error.message, /`ca`/);
    setEnvironment(t, { AWS_KVS_CACERT_PATH: path });
    const named = await prepareFailure(new Dialer());
    assert.match(named.message, /AWS_KVS_CACERT_PATH/);
    assert.ok(named.message.includes(`'${path}'`));
  });
}

test('a path of roots that is longer than a path can be is refused', async () => {
  const error = await prepareFailure(new Dialer({ ca: `/${'x'.repeat(5000)}` }));
  assert.is(error.code, 'STATUS_INVALID_CERT_PATH_LENGTH');
  assert.match(error.message, /at most 4096 characters for `ca` but received 5001/);
});

test('PEM that OpenSSL cannot read is refused without being shown', async () => {
  const pem = '-----BEGIN CERTIFICATE-----\nMIIBcanaryCertificate0815\n-----END CERTIFICATE-----';
  const error = await prepareFailure(new Dialer({ ca: pem }));
  assert.is(error.code, 'STATUS_INVALID_ARG');
  assert.not.match(inspect(error), /canaryCertificate/);
});

async function prepareFailure(dialer: Dialer): Promise<KinesisVideoError> {
  try {
    await dialer.prepare();
  } catch (error) {
    if (error instanceof KinesisVideoError) return error;
    throw error;
  }
  throw new Error('the files were read');
}
