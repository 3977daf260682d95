import { spawn } from 'node:child_process';
import { getEventListeners, once } from 'node:events';
import * as net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { Dialer, type Lookup } from '../../ts/network/index.js';
import { suite, type TestContext } from '../support/suite.js';
import { requireTool } from '../support/tools.js';
import { closedPort, serveHttp, serveTcp } from '../service/servers.js';
import { dial, dialFailure, setEnvironment } from './support/dialing.js';

const test = suite('Dialer', { timeout: 15_000 });

const IPV4 = { address: '127.0.0.1', family: 4 };
const IPV6 = { address: '::1', family: 6 };

/** A look-up that knows one name with these addresses, and keeps to the family asked for. */
function names(...addresses: { address: string; family: number }[]): Lookup {
  return async (_host, family) => {
    const found = addresses.filter((known) => family === 0 || known.family === family);
    if (found.length > 0) return found;
    throw Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
  };
}

/** Listens on an address of the machine, for connections that may come. */
async function listen(t: TestContext, host: string, port = 0): Promise<number> {
  const server = net.createServer((socket) => socket.on('error', () => undefined).resume());
  server.listen(port, host);
  await once(server, 'listening');
  t.after(() => server.close());
  return (server.address() as net.AddressInfo).port;
}

/**
 * A port to which packets go and from which none come, since the queue of its listener is full;
 * `acceptAfter` milliseconds later it is emptied.
 */
async function blackHole(
  t: TestContext,
  host: string,
  port: number,
  acceptAfter = 60_000,
): Promise<void> {
  requireTool(t, 'python3');
  const program = `
import socket, time
family = socket.AF_INET6 if ':' in '${host}' else socket.AF_INET
s = socket.socket(family); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(('${host}', ${port})); s.listen(0)
filler = []
for _ in range(4):
    c = socket.socket(family); c.setblocking(False)
    try: c.connect(('${host}', ${port}))
    except BlockingIOError: pass
    filler.append(c)
time.sleep(0.1); print('ready', flush=True); time.sleep(${acceptAfter / 1000})
while True: filler.append(s.accept())`;
  const child = spawn('python3', ['-c', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
}

/** What `t` needs of IPv6; not every machine has it. */
async function needIpv6(t: TestContext): Promise<void> {
  await listen(t, '::1').catch(() => t.skip('this machine has no IPv6'));
}

test('when packets to the IPv6 address vanish, the IPv4 address is connected to within 1 s', async (t) => {
  await needIpv6(t);
  const port = await listen(t, '127.0.0.1');
  await blackHole(t, '::1', port);
  const start = performance.now();
  const lookup = names(IPV6, IPV4);
  const socket = await dial(t, `http://camera.test:${port}`, { lookup });
  assert.is(socket.remoteAddress, '127.0.0.1');
  assert.ok(performance.now() - start < 1000);
});

test('an address that takes a second to answer is not given up for one that never does', async (t) => {
  await needIpv6(t);
  const port = await closedPort();
  await blackHole(t, '::1', port, 300);
  await blackHole(t, '127.0.0.1', port);
  const socket = await dial(t, `http://camera.test:${port}`, { lookup: names(IPV6, IPV4) });
  assert.is(socket.remoteAddress, '::1');
});

test('an address that refuses gives way to the next at once', async (t) => {
  await needIpv6(t);
  const port = await listen(t, '127.0.0.1');
  const start = performance.now();
  const lookup = names(IPV6, IPV4);
  const socket = await dial(t, `http://camera.test:${port}`, { lookup });
  assert.is(socket.remoteAddress, '127.0.0.1');
  assert.ok(performance.now() - start < 200);
});

test('a name is looked up anew for each connection, so that a new address is found', async (t) => {
  const old = await listen(t, '127.0.0.1');
  await listen(t, '127.0.0.2', old);
  let address = '127.0.0.1';
  const lookup: Lookup = async () => [{ address, family: 4 }];
  assert.is((await dial(t, `http://camera.test:${old}`, { lookup })).remoteAddress, '127.0.0.1');
  address = '127.0.0.2';
  assert.is((await dial(t, `http://camera.test:${old}`, { lookup })).remoteAddress, '127.0.0.2');
});

for (const [family, variable, expected] of [
  ['ipv4', 'AWS_KVS_USE_IPV4', '127.0.0.1'],
  ['ipv6', 'AWS_KVS_USE_IPV6', '::1'],
] as const) {
  test(`only ${family} addresses are used with \`addressFamily\` or ${variable}`, async (t) => {
    await needIpv6(t);
    const port = await listen(t, '127.0.0.1');
    await listen(t, '::1', port);
    for (const addresses of [
      [IPV4, IPV6],
      [IPV6, IPV4],
    ]) {
      const lookup = names(...addresses);
      const url = `http://camera.test:${port}`;
      const byOption = await dial(t, url, { lookup, addressFamily: family });
      assert.is(byOption.remoteAddress, expected);
      setEnvironment(t, { [variable]: 'yes' });
      assert.is((await dial(t, url, { lookup })).remoteAddress, expected);
      setEnvironment(t, { [variable]: undefined });
    }
  });
}

test('a name without an address of the family asked for is told from an unknown name', async (t) => {
  const lookup = names(IPV4);
  const error = await dialFailure(t, 'http://camera.test:9', { lookup, addressFamily: 'ipv6' });
  assert.is(error.values['reason'], 'address-family');
  assert.match(error.message, /addressFamily.*dual-stack/);
});

test('a name that does not exist is an error by that name', async (t) => {
  const error = await dialFailure(t, 'http://no-such-host.invalid');
  assert.is(error.values['reason'], 'name-unknown');
  assert.match(error.message, /no-such-host\.invalid/);
});

test('a name look-up that hangs is given up after connectTimeout, or when it is aborted', async (t) => {
  const lookup: Lookup = () => new Promise(() => undefined);
  const start = performance.now();
  const error = await dialFailure(t, 'http://camera.test', { lookup }, { connectTimeout: 150 });
  assert.is(error.code, 'STATUS_SERVICE_CALL_TIMEOUT_ERROR');
  assert.match(error.message, /within 150 ms/);
  assert.ok(performance.now() - start < 1000);

  const stop = new AbortController();
  const dialing = new Dialer({ lookup, proxy: false }).dial(new URL('http://camera.test'), {
    connectTimeout: 5000,
    signal: stop.signal,
  });
  const reason = new Error('stop');
  stop.abort(reason);
  assert.is(await dialing.catch((error: unknown) => error), reason);
  assert.is(getEventListeners(stop.signal, 'abort').length, 0);
});

test('a connection that is reset while TLS is negotiated is lost, and worth a retry', async (t) => {
  const server = await serveTcp(t, (socket) => socket.resetAndDestroy(), 'https');
  const error = await dialFailure(t, server.url);
  assert.is(error.values['reason'], 'lost');
  assert.is(error.retryable, true);
});

test('an abort while TLS is negotiated leaves no listener and no connection', async (t) => {
  const server = await serveTcp(t, (socket) => socket.resume(), 'https');
  const stop = new AbortController();
  const dialing = dial(t, server.url, {}, { signal: stop.signal });
  while (server.sockets.size === 0) await sleep(2);
  stop.abort(new Error('stop'));
  await assertRejects(dialing, undefined);
  assert.is(getEventListeners(stop.signal, 'abort').length, 0);
  while (server.sockets.size > 0) await sleep(2);
});

test('a plain connection is ready for a request', async (t) => {
  const server = await serveHttp(t, (_request, response) => response.end('hello'));
  const socket = await dial(t, server.url);
  socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  assert.match(chunk.toString(), /^HTTP\/1\.1 200/);
});

async function assertRejects(work: Promise<unknown>, code: string | undefined): Promise<void> {
  const error: unknown = await work.then(
    () => new Error('it did not reject'),
    (reason: unknown) => reason,
  );
  assert.is((error as NodeJS.ErrnoException).code, code);
}
