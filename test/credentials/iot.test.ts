import { once } from 'node:events';
import { copyFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import {
  fromIotCertificate,
  resolveCredentials,
  type IotCertificateOptions,
} from '../../ts/credentials/index.js';
import { openssl } from '../support/certificates.js';
import { suite, type TestContext } from '../support/suite.js';
import { answerWith, credentials, startIotServer, type IotServer } from './iot-server.js';
import { failure } from './support.js';

const test = suite('fromIotCertificate', { timeout: 15_000 });

function provider(iot: IotServer, changes: Partial<IotCertificateOptions> = {}) {
  return fromIotCertificate({ ...iot.options, ...changes });
}

/** The error of one request with these options. */
function failureWith(iot: IotServer, changes: Partial<IotCertificateOptions> = {}) {
  return failure(provider(iot, changes));
}

test('credentials are fetched for a role alias, over mutual TLS with a server name', async (t) => {
  const iot = await startIotServer(t);
  const { accessKeyId, sessionToken, expiration } = await provider(iot, { thingName: 'door' })();
  assert.is(accessKeyId, 'ASIAIOT');
  assert.is(sessionToken, 'canaryToken');
  assert.instance(expiration, Date);
  assert.equal(iot.seen, [
    {
      url: '/role-aliases/CameraRole/credentials',
      thingName: 'door',
      serverName: 'localhost',
      protocol: 'TLSv1.3',
      subject: 'device',
    },
  ]);
});

test('the thing is named by the stream, by the certificate, or not at all', async (t) => {
  const iot = await startIotServer(t);
  const byStream = provider(iot);
  await byStream.forStream?.('front-door')();
  await byStream();
  const byCertificate = provider(iot, { thingName: { from: 'certificate-id' } });
  await byCertificate();
  assert.not.ok('forStream' in byCertificate);
  assert.equal(
    iot.seen.map(({ thingName }) => thingName),
    ['front-door', undefined, iot.device.id],
  );
});

test('a resolved provider keeps the credentials of each stream apart, and asks once for each', async (t) => {
  const iot = await startIotServer(t);
  const resolved = resolveCredentials(provider(iot));
  const [one, two] = [resolved.forStream?.('one'), resolved.forStream?.('two')];
  await Promise.all([one?.(), one?.(), two?.(), two?.()]);
  await one?.();
  assert.equal(iot.seen.map(({ thingName }) => thingName).sort(), ['one', 'two']);
});

test('certificate and key may be given as PEM, and files are read again at each request', async (t) => {
  const iot = await startIotServer(t);
  const { certPath, keyPath, ...others } = iot.options;
  const { cert, key } = iot.device;
  await fromIotCertificate({ ...others, certificate: cert, key: Buffer.from(key) })();
  const fromFiles = provider(iot);
  await fromFiles();
  const next = iot.authority.issue('next device');
  copyFileSync(next.certPath, certPath ?? '');
  const torn = await failure(fromFiles);
  assert.match(torn.message, /does not belong to the certificate in '.*device-cert.pem'/);
  copyFileSync(next.keyPath, keyPath ?? '');
  await fromFiles();
  assert.equal(
    iot.seen.map(({ subject }) => subject),
    ['device', 'device', 'next device'],
  );
});

test('files that cannot be read or used are named, with what is wrong', async (t) => {
  const iot = await startIotServer(t);
  const { folder } = iot.authority;
  const at = (name: string): string => join(folder, name);
  writeFileSync(
    at('rubbish.pem'),
    '-----BEGIN CERTIFICATE-----\ncanary\n-----END CERTIFICATE-----\n',
  );
  writeFileSync(
    at('rubbish.key'),
    '-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----\n',
  );
  const { keyPath } = iot.device;
  openssl('pkey', '-in', keyPath, '-aes256', '-passout', 'pass:canary', '-out', at('locked.key'));
  const other = iot.authority.issue('other');
  const cases: [Partial<IotCertificateOptions>, RegExp][] = [
    [{ certPath: at('none.pem') }, /The certificate for AWS IoT in '.*none.pem' .*ENOENT/],
    [{ certPath: folder }, /The certificate .*EISDIR/],
    [{ certPath: at('rubbish.pem') }, /The certificate .*rubbish.pem.*it is damaged/],
    [{ certPath: keyPath }, /it holds no certificate in PEM form/],
    [{ keyPath: at('none.key') }, /The private key for AWS IoT in '.*none.key' .*ENOENT/],
    [{ keyPath: at('rubbish.key') }, /The private key .*rubbish.key.*it is damaged/],
    [{ keyPath: at('locked.key') }, /it is encrypted.*openssl pkey/],
    [{ keyPath: other.keyPath }, /does not belong to the certificate in '.*device-cert.pem'/],
    [{ ca: undefined, caPath: at('none.ca') }, /The CA certificate for AWS IoT in .*ENOENT/],
    [{ ca: undefined, caPath: at('rubbish.pem') }, /The CA certificate .*it is damaged/],
  ];
  for (const [changes, pattern] of cases) {
    const error = await failureWith(iot, changes);
    assert.is(error.code, 'STATUS_INVALID_CA_CERT_PATH');
    assert.is(error.retryable, false);
    assert.match(error.message, pattern);
  }
  assert.is(iot.seen.length, 0);
});

test('a certificate that is not valid yet, or no longer, is named with its dates', async (t) => {
  const iot = await startIotServer(t);
  for (const [time, pattern] of [
    ['2040-01-01T00:00:00Z', /device-cert.pem' expired on .*, and it is 2040-01-01/],
    ['2001-01-01T00:00:00Z', /is not valid before .*check the clock of this machine\.$/],
  ] as const) {
    const clock = { now: () => new Date(time), learn: () => false };
    const error = await failure(() => provider(iot)({ clock }));
    assert.is(error.code, 'STATUS_IOT_FAILED');
    assert.is(error.retryable, true);
    assert.match(error.message, pattern);
  }
});

test('refusals of the provider say what to do about each', async (t) => {
  const iot = await startIotServer(t);
  for (const [status, body, retryable, pattern] of [
    [403, { message: 'Invalid thing name passed' }, false, /"door" as thing name .*thingName/],
    [
      403,
      { message: 'Access Denied' },
      false,
      /certificate to use role alias "CameraRole" .*"Access Denied".*AssumeRoleWithCertificate/,
    ],
    [403, { message: 'Certificate has expired' }, true, /Certificate has expired/],
    [
      404,
      { message: 'Role alias does not exist' },
      false,
      /knows no role alias "CameraRole".*roleAlias/,
    ],
    [429, '', true, /HTTP 429/],
    [500, '<html>', true, /HTTP 500, localhost:\d+\): try again/],
    [503, { message: 'busy' }, true, /HTTP 503, "busy"/],
  ] as const) {
    iot.answer = answerWith(body, status);
    const error = await failureWith(iot, { thingName: 'door' });
    assert.is(error.code, 'STATUS_IOT_FAILED');
    assert.is(error.retryable, retryable, `HTTP ${status}`);
    assert.is(error.values['httpStatus'], status);
    assert.is(error.requestId, 'r-1');
    assert.match(error.message, pattern);
  }
});

test('answers that are of no use have a status each, and may pass', async (t) => {
  const iot = await startIotServer(t);
  const past = '2020-01-01T00:00:00Z';
  for (const [body, code, pattern] of [
    ['', 'STATUS_IOT_INVALID_RESPONSE_LENGTH', /is empty/],
    ['<html>canary', 'STATUS_IOT_NULL_AWS_CREDS', /holds no credentials/],
    [{ credentials: null }, 'STATUS_IOT_NULL_AWS_CREDS', /holds no credentials/],
    [
      { credentials: credentials({ sessionToken: '' }) },
      'STATUS_IOT_NULL_AWS_CREDS',
      /has no sessionToken/,
    ],
    [
      { credentials: credentials({ expiration: past }) },
      'STATUS_IOT_EXPIRATION_OCCURS_IN_PAST',
      /expired at 2020/,
    ],
    [
      { credentials: credentials({ expiration: '2030-13-01T00:00:00Z' }) },
      'STATUS_IOT_EXPIRATION_PARSING_FAILED',
      /which is no time/,
    ],
    [
      { credentials: credentials({ expiration: '1.1.2030' }) },
      'STATUS_TIMESTAMP_STRING_UNRECOGNIZED_FORMAT',
      /YYYY-MM-DDTHH:MM:SSZ/,
    ],
  ] as const) {
    iot.answer = answerWith(body);
    const error = await failureWith(iot);
    assert.is(error.code, code);
    assert.is(error.retryable, true);
    assert.match(error.message, pattern);
  }
});

test('the clock of the provider counts, where this machine has another', async (t) => {
  const iot = await startIotServer(t);
  let offset = 7200_000;
  const clock = {
    now: () => new Date(Date.now() + offset),
    learn: (date: string | undefined) => {
      offset = Date.parse(date ?? '') - Date.now();
      return true;
    },
  };
  assert.is((await resolveCredentials(provider(iot), { clock })()).accessKeyId, 'ASIAIOT');
  assert.ok(Math.abs(offset) < 2000);
});

test('a device without a certificate that the provider knows is told so', async (t) => {
  const iot = await startIotServer(t);
  const stranger = (await startIotServer(t)).device;
  const { certPath, keyPath } = stranger;
  const closed = await failureWith(iot, { certPath, keyPath });
  assert.is(closed.retryable, true);
  assert.match(
    closed.message,
    /closed the connection without an answer .*certificate is registered/,
  );
});

test('a TLS alert about the certificate is a refusal', async (t) => {
  const iot = await startIotServer(t);
  const endpoint = await alertingServer(t);
  const error = await failureWith(iot, { endpoint });
  assert.is(error.code, 'STATUS_IOT_FAILED');
  assert.is(error.retryable, false);
  assert.match(error.message, /does not accept the certificate of this device/);
});

test('a provider with a certificate that is not trusted, or without TLS, is named', async (t) => {
  const iot = await startIotServer(t);
  const other = (await startIotServer(t)).authority.self.cert;
  const untrusted = await failureWith(iot, { ca: other });
  assert.is(untrusted.code, 'STATUS_SERVICE_CALL_UNKNOWN_ERROR');
  assert.match(
    untrusted.message,
    /AWS IoT at localhost:\d+ shows a certificate that is not trusted/,
  );

  const plain = await tcpServer(t, (socket) => {
    socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
  });
  assert.match((await failureWith(iot, { endpoint: plain })).message, /does not speak TLS/);
});

test('what befalls the network can be retried', async (t) => {
  const iot = await startIotServer(t);
  const gone = await tcpServer(t, (socket) => socket.destroy());
  const cut = (await failureWith(iot, { endpoint: gone })).message;
  assert.match(cut, /closed the connection/);
  iot.answer = (request) => request.socket.destroy();
  const cases: Partial<IotCertificateOptions>[] = [
    { endpoint: '127.0.0.1:1' },
    { endpoint: 'no-such-host.invalid' },
    {},
  ];
  for (const changes of cases) assert.is((await failureWith(iot, changes)).retryable, true);
});

test('connecting and answering have a time limit each, and a signal ends both', async (t) => {
  const iot = await startIotServer(t);
  const silent = await tcpServer(t, () => undefined);
  const connect = await failureWith(iot, { endpoint: silent, connectTimeout: 50 });
  assert.is(connect.code, 'STATUS_SERVICE_CALL_TIMEOUT_ERROR');
  assert.match(connect.message, /did not finish the TLS handshake within 50 ms/);
  assert.is(connect.retryable, true);

  iot.answer = () => undefined;
  const answer = await failureWith(iot, { connectTimeout: 300, requestTimeout: 300 });
  assert.match(answer.message, /did not answer within 300 ms/);

  const stop = new AbortController();
  const work = provider(iot)({ abortSignal: stop.signal });
  stop.abort(new Error('enough'));
  const reason: unknown = await work.then(undefined, (error: unknown) => error);
  assert.is((reason as Error).message, 'enough');
});

/** A server that takes connections and does with them what it is told. */
async function tcpServer(t: TestContext, onSocket: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onSocket(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A server that answers the hello of a client with the fatal alert `bad_certificate`. */
function alertingServer(t: TestContext): Promise<string> {
  return tcpServer(t, (socket) => {
    socket.once('data', () => {
      socket.end(Buffer.from([21, 3, 3, 0, 2, 2, 42]));
    });
  });
}
