import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import * as assert from 'uvu/assert';
import { startLocalKinesisVideo } from './support/local.js';
import { CertificateMaker } from '../network/support/certificates.js';
import { startConnectProxy } from '../network/support/connect-proxy.js';
import { suite } from '../support/suite.js';
import { collect, failureOf, makeClient, makeStream, putAll } from './support/client.js';
import { definition, frames } from './support/media.js';

const test = suite('uploads through a proxy', { timeout: 30_000 });

const PASSWORD = 'canary:Proxy/0815';

for (const scheme of ['http', 'https'] as const) {
  test(`frames are persisted by a service of ${scheme} that only the proxy can find`, async (t) => {
    const maker = new CertificateMaker(t);
    const { key, cert } = maker.issue({ names: 'DNS:kinesisvideo.test,IP:127.0.0.1' });
    const local = await startLocalKinesisVideo(scheme === 'https' ? { tls: { key, cert } } : {});
    t.after(() => local.close());
    const proxy = await startConnectProxy(t, {
      credentials: `door:${PASSWORD}`,
      route: () => new URL(local.endpoint).host,
    });
    const options = { proxy: proxy.url, ca: maker.authority.cert };
    const stream = await makeStream(t, `${scheme}://kinesisvideo.test`, {}, options);
    const acks = collect(stream, 'fragmentAck');
    await putAll(stream, frames({ count: 50, size: 20_000 }));
    const result = await stream.stop();

    assert.is(result.deliveredFrames, 50);
    assert.ok(acks.some(([{ type }]) => type === 'PERSISTED'));
    // One for the control plane, which keeps it open, and one for PutMedia at its own endpoint.
    const control = `kinesisvideo.test:${scheme === 'https' ? 443 : 80}`;
    assert.equal(proxy.requested, [control, new URL(local.endpoint).host]);
    assert.is(proxy.opened(), 2);
    assert.equal(proxy.strays, []);
  });
}

test('a proxy that dies is reconnected to when it is back, and no frame is lost', async (t) => {
  const local = await startLocalKinesisVideo();
  t.after(() => local.close());
  const route = (): string => new URL(local.endpoint).host;
  const proxy = await startConnectProxy(t, { route });
  const stream = await makeStream(t, 'http://kinesisvideo.test', {}, { proxy: proxy.url });
  const media = frames({ count: 60, size: 5000 });
  await putAll(stream, media.slice(0, 30));
  while (proxy.opened() < 2) await sleep(5);
  await proxy.kill();
  await putAll(stream, media.slice(30));
  await sleep(200);
  await startConnectProxy(t, { route, port: proxy.port });
  const result = await stream.stop();
  assert.is(result.deliveredFrames, 60);
  assert.is(result.droppedFrames.total, 0);
});

test('a wrong password for the proxy ends the creation of a stream with its sentence', async (t) => {
  const proxy = await startConnectProxy(t, { credentials: 'door:other' });
  const client = makeClient(t, 'http://kinesisvideo.test', {
    proxy: `http://door:${encodeURIComponent(PASSWORD)}@127.0.0.1:${proxy.port}`,
  });
  const error = await failureOf(() => client.createStream(definition()));
  assert.is(error.values['reason'], 'proxy-authentication');
  assert.match(error.message, /^The proxy .* asks for a user and a password \(HTTP 407/);
  assert.not.match(inspect([error, client], { depth: 10, showHidden: true }), /canary/);
});

test('a call that is aborted while the proxy is silent leaves no connection', async (t) => {
  const { serveTcp } = await import('../service/servers.js');
  const proxy = await serveTcp(t, (socket) => socket.resume());
  const client = makeClient(t, 'http://kinesisvideo.test', { proxy: proxy.url });
  const stop = new AbortController();
  const creating = client.createStream(definition(), { signal: stop.signal });
  while (proxy.sockets.size === 0) await sleep(2);
  const reason = new Error('stop');
  stop.abort(reason);
  assert.is(await creating.catch((error: unknown) => error), reason);
  while (proxy.sockets.size > 0) await sleep(2);
});
