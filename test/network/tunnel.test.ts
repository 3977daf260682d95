import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import * as assert from 'uvu/assert';
import type { KinesisVideoError } from '../../ts/internal/errors.js';
import { Dialer, type DialerOptions } from '../../ts/network/index.js';
import { closedPort, serveHttp, serveTcp } from '../service/servers.js';
import { suite, type TestContext } from '../support/suite.js';
import { CertificateMaker } from './support/certificates.js';
import { startConnectProxy } from './support/connect-proxy.js';
import { dial, dialFailure, setEnvironment } from './support/dialing.js';

const test = suite('tunnels through proxies', { timeout: 20_000 });

const PASSWORD = 'canary:Proxy/0815';

/** Sends a request over a new connection and returns the answer's first bytes. */
async function get(t: TestContext, url: string, options: DialerOptions): Promise<string> {
  const socket = await dial(t, url, options);
  socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return chunk.toString();
}

for (const proxyTls of [false, true]) {
  for (const serverTls of [false, true]) {
    const proxyScheme = proxyTls ? 'an https' : 'an http';
    test(`${serverTls ? 'https' : 'http'} goes through ${proxyScheme} proxy with a password`, async (t) => {
      const maker = new CertificateMaker(t);
      const server = await serveHttp(t, (_request, response) => response.end('hello'), {
        ...(serverTls && { certificate: maker.issue({ names: 'DNS:service.test' }) }),
      });
      const proxy = await startConnectProxy(t, {
        credentials: `door:${PASSWORD}`,
        route: () => `127.0.0.1:${server.port}`,
        ...(proxyTls && { tls: maker.issue() }),
      });
      const url = `${serverTls ? 'https' : 'http'}://service.test`;
      const ca = maker.authority.cert;
      assert.match(await get(t, url, { ca, proxy: proxy.url }), /^HTTP\/1\.1 200/);
      assert.equal(proxy.requested, [`service.test:${serverTls ? 443 : 80}`]);
      assert.equal(proxy.strays, []);
    });
  }
}

test('HTTPS_PROXY is used, but for the hosts of NO_PROXY', async (t) => {
  const maker = new CertificateMaker(t);
  const server = await serveHttp(t, (_request, response) => response.end('hello'), {
    certificate: maker.issue({ names: 'DNS:service.test' }),
  });
  const proxy = await startConnectProxy(t, { route: () => `127.0.0.1:${server.port}` });
  const options = {
    ca: maker.authority.cert,
    proxy: undefined,
    lookup: async () => [{ address: '127.0.0.1', family: 4 }],
  };
  const url = `https://service.test:${server.port}`;
  setEnvironment(t, { https_proxy: undefined, HTTPS_PROXY: proxy.url, NO_PROXY: undefined });
  assert.match(await get(t, url, options), /200/);
  assert.is(proxy.opened(), 1);
  setEnvironment(t, { NO_PROXY: '.test' });
  assert.match(await get(t, url, options), /200/);
  assert.is(proxy.opened(), 1);
});

for (const [answer, reason, retryable, pattern] of [
  [
    'HTTP/1.1 407 Proxy Authentication Required',
    'proxy-authentication',
    false,
    /407 Proxy Authentication Required.*user, colon, password/,
  ],
  ['HTTP/1.1 403 Forbidden', 'proxy-refused', false, /403 Forbidden.*allow CONNECT/],
  ['HTTP/1.1 405 Method Not Allowed', 'proxy-refused', false, /405/],
  ['HTTP/1.1 502 Bad Gateway', 'proxy-failed', true, /502 Bad Gateway.*service\.test/],
  ['HTTP/1.1 503 Busy', 'proxy-failed', true, /503/],
  ['HTTP/1.1 504 Gateway Timeout', 'proxy-failed', true, /504/],
  ['HTTP/1.1 302 Found\r\nLocation: http://sign-in', 'proxy-refused', false, /302/],
  ['SSH-2.0-OpenSSH_9.2', 'proxy-answer', true, /other than HTTP/],
  [`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}`, 'proxy-answer', true, /HTTP/],
] as const) {
  test(`a proxy that answers "${answer.slice(0, 40)}" is named with what it said`, async (t) => {
    const error = await failureWith(t, (socket) => {
      socket.once('data', () => socket.write(`${answer}\r\n\r\n`));
    });
    assert.is(error.values['reason'], reason);
    assert.is(error.retryable, retryable);
    assert.match(error.message, pattern);
    assert.match(error.message, /^The proxy http:\/\/127\.0\.0\.1:\d+ /);
  });
}

test('a proxy that closes, hangs or sends its answer byte by byte for ever is given up', async (t) => {
  const closed = await failureWith(t, (socket) => socket.once('data', () => socket.end()));
  assert.is(closed.values['reason'], 'proxy-closed');
  const reset = await failureWith(t, (socket) =>
    socket.once('data', () => socket.resetAndDestroy()),
  );
  assert.is(reset.values['reason'], 'proxy-closed');
  const hung = await failureWith(t, (socket) => socket.resume(), 150);
  assert.is(hung.values['reason'], 'timeout');
  assert.match(hung.message, /did not open a tunnel within 150 ms/);
  const slow = await failureWith(
    t,
    (socket) => {
      socket.resume().write('HTTP/1.1 200 OK\r\nX: ');
      const timer = setInterval(() => socket.write('x'), 5);
      socket.once('close', () => {
        clearInterval(timer);
      });
    },
    150,
  );
  assert.is(slow.values['reason'], 'timeout');
});

test('a proxy that nobody runs is told from a service that cannot be reached', async (t) => {
  const proxy = `http://door:${encodeURIComponent(PASSWORD)}@127.0.0.1:${await closedPort()}`;
  const error = await dialFailure(t, 'https://service.test', { proxy });
  assert.match(error.message, /^The proxy http:\/\/127\S+ cannot be reached \(ECONNREFUSED/);
  assert.match(error.message, /HTTPS_PROXY and NO_PROXY/);
  assert.not.match(inspect(error), /canary/);
});

test('a certificate that is wrong behind the proxy is the fault of the service', async (t) => {
  const maker = new CertificateMaker(t);
  const certificate = maker.issue({ names: 'DNS:elsewhere.test' });
  const server = await serveHttp(t, (_request, response) => response.end(), { certificate });
  const proxy = await startConnectProxy(t, { route: () => `127.0.0.1:${server.port}` });
  const ca = maker.authority.cert;
  const error = await dialFailure(t, 'https://service.test', { ca, proxy: proxy.url });
  assert.is(error.values['reason'], 'certificate-host');
  assert.match(error.message, /^The service at https:\/\/service\.test/);
});

test('what a server sends right behind the opening of the tunnel is not lost', async (t) => {
  const proxy = await serveTcp(t, (socket) => {
    socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\n\r\nhello'));
  });
  const socket = await dial(t, 'http://service.test', { proxy: proxy.url });
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  assert.is(chunk.toString(), 'hello');
});

test('an abort while the proxy is awaited leaves no connection', async (t) => {
  const proxy = await serveTcp(t, (socket) => socket.resume());
  const stop = new AbortController();
  const dialer = new Dialer({ proxy: proxy.url });
  const dialing = dialer.dial(new URL('https://service.test'), {
    connectTimeout: 5000,
    signal: stop.signal,
  });
  while (proxy.sockets.size === 0) await sleep(2);
  const reason = new Error('stop');
  stop.abort(reason);
  assert.is(await dialing.catch((error: unknown) => error), reason);
  while (proxy.sockets.size > 0) await sleep(2);
});

/** What dialing fails with through a proxy that behaves in some way; the password is never in it. */
async function failureWith(
  t: TestContext,
  handler: Parameters<typeof serveTcp>[1],
  connectTimeout = 3000,
): Promise<KinesisVideoError> {
  const server = await serveTcp(t, handler);
  const proxy = `http://door:${encodeURIComponent(PASSWORD)}@127.0.0.1:${server.port}`;
  const error = await dialFailure(t, 'https://service.test', { proxy }, { connectTimeout });
  const basic = Buffer.from(`door:${PASSWORD}`).toString('base64');
  for (const secret of [PASSWORD, encodeURIComponent(PASSWORD), basic]) {
    assert.not.ok(inspect(error, { depth: 10, showHidden: true }).includes(secret));
  }
  while (server.sockets.size > 0) await sleep(2);
  return error;
}
