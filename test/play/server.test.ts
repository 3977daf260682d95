import { once } from 'node:events';
import { createServer, request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { brotliDecompressSync } from 'node:zlib';
import * as assert from 'uvu/assert';
import { KinesisVideoError } from '../../ts/internal/errors.js';
import { dialingAgents, Dialer } from '../../ts/network/index.js';
import { PlayServer, type PlaySource } from '../../ts/play/index.js';
import { suite, type TestContext } from '../support/suite.js';

const test = suite('the server of kvs play');

const NOTHING: PlaySource = {
  getMedia: async () => Readable.from([]),
  listFragments: async () => [],
  openSession: async () => 'http://127.0.0.1:9/hls/v1/getHLSMasterPlaylist.m3u8?SessionToken=a',
  close: () => undefined,
};

async function start(
  t: TestContext,
  source: Partial<PlaySource> = {},
  log?: (error: unknown) => void,
): Promise<PlayServer> {
  const agents = dialingAgents(new Dialer(), 1000);
  const server = await PlayServer.start({
    config: { streamName: 'door', region: 'us-west-2', endpoint: undefined, hasProducer: true },
    source: { ...NOTHING, ...source },
    port: 0,
    agents,
    log,
  });
  t.after(async () => {
    agents.httpAgent.destroy();
    await server.close();
  });
  return server;
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

/** A request with headers that `fetch` would not let through. */
async function ask(
  url: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Answer> {
  const sent = request(url, { headers, method });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return {
    status: response.statusCode,
    headers: response.headers,
    body: Buffer.concat(chunks),
  };
}

/** The next piece of an answer. */
async function readText(
  reader: ReadableStreamDefaultReader<Uint8Array> | undefined,
): Promise<string> {
  const result = await reader?.read();
  return Buffer.from(result?.value ?? []).toString();
}

test('the page is served with a policy that lets it reach nothing but its server', async (t) => {
  const { url } = await start(t);
  const { status, headers, body } = await ask(url);
  assert.is(status, 200);
  assert.match(body.toString(), '<title>kvs play</title>');
  const policy = String(headers['content-security-policy']);
  assert.match(policy, "default-src 'none'");
  assert.match(policy, "connect-src 'self'");
  assert.match(policy, "frame-ancestors 'none'");
  assert.is(headers['referrer-policy'], 'no-referrer');
  assert.is(headers['x-content-type-options'], 'nosniff');
  // All that the page names is there.
  for (const [, name = ''] of body.toString().matchAll(/(?:src|href)="([\w.]+)"/g)) {
    assert.is((await ask(url + name)).status, 200, name);
  }
});

test('programs are sent compressed to those who can read that', async (t) => {
  const { url } = await start(t);
  const plain = await ask(`${url}main.js`);
  assert.is(plain.headers['content-encoding'], undefined);
  assert.match(String(plain.headers['content-type']), /^text\/javascript/);
  const small = await ask(`${url}main.js`, { 'accept-encoding': 'gzip, br' });
  assert.is(small.headers['content-encoding'], 'br');
  assert.ok(brotliDecompressSync(small.body).equals(plain.body));
  assert.ok(small.body.length < plain.body.length / 2);
});

test('nothing is answered without the token, or with another', async (t) => {
  const { url } = await start(t);
  const { origin } = new URL(url);
  for (const path of ['/', '/config', '/index.html', `/${'0'.repeat(32)}/config`, '//config']) {
    const { status, body } = await ask(origin + path);
    assert.is(status, 403, path);
    assert.match(body.toString(), 'kvs play has printed');
  }
  assert.is((await ask(`${url}config`)).status, 200);
});

test('a name that leads to this machine is no way in', async (t) => {
  const { url } = await start(t);
  const { port } = new URL(url);
  const refused = ['evil.example', `evil.example:${port}`, '127.0.0.1', `127.0.0.1.evil:${port}`];
  for (const host of refused) assert.is((await ask(url, { host })).status, 403, host);
  for (const host of [`localhost:${port}`, `[::1]:${port}`, `127.0.0.1:${port}`]) {
    assert.is((await ask(url, { host })).status, 200, host);
  }
});

test('other sites get nothing, not even with the token', async (t) => {
  const { url } = await start(t);
  const others = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
    { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' },
  ];
  for (const headers of others) {
    const { status, headers: answered } = await ask(`${url}config`, headers);
    assert.is(status, 403, JSON.stringify(headers));
    assert.is(answered['access-control-allow-origin'], undefined);
  }
  const own = { origin: new URL(url).origin, 'sec-fetch-site': 'same-origin' };
  assert.is((await ask(`${url}config`, own)).status, 200);
  // Somebody has followed a link, with the token in it.
  const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
  assert.is((await ask(url, link)).status, 200);
});

test('only files of the page can be had, and only read', async (t) => {
  const { url } = await start(t);
  const paths = ['..%2findex.js', 'index.d.ts', 'players/', 'nothing.js', 'session/x/y.mp4'];
  for (const path of paths) assert.is((await ask(url + path)).status, 404, path);
  assert.is((await ask(`${url}config`, {}, 'POST')).status, 405);
});

test('media pass as they come, and the call ends with the page', async (t) => {
  const starts: unknown[] = [];
  const media = new Readable({ read: () => undefined });
  const { url } = await start(t, {
    getMedia: async (from) => {
      starts.push(from);
      return media;
    },
  });
  const stop = new AbortController();
  const answer = await fetch(`${url}media?start=time:1700000000000`, { signal: stop.signal });
  assert.is(answer.headers.get('content-type'), 'video/x-matroska');
  const reader = answer.body?.getReader();
  for (const piece of ['one', 'two']) {
    media.push(piece);
    assert.is(await readText(reader), piece);
  }
  const ended = once(media, 'close').catch(() => undefined);
  stop.abort();
  await ended;
  assert.ok(media.destroyed);
  assert.equal(starts, [{ producerTime: 1_700_000_000_000 }]);
});

test('what makes no sense is refused with what is expected', async (t) => {
  const { url } = await start(t);
  const asked = [
    ['media?start=yesterday', 'time:MILLISECONDS'],
    ['media?start=after:x', 'after:FRAGMENT'],
    ['fragments?start=1', 'epoch milliseconds for end'],
    ['fragments?start=2&end=1', 'a time behind start'],
    ['session?protocol=rtsp', 'hls or dash'],
    ['session?protocol=hls&mode=on-demand', 'epoch milliseconds for start'],
  ] as const;
  for (const [path, expected] of asked) {
    const { status, body } = await ask(url + path);
    const { code, message } = JSON.parse(body.toString()) as { code: string; message: string };
    assert.is(status, 400, path);
    assert.is(code, 'STATUS_INVALID_ARG');
    assert.ok(message.includes(expected), message);
  }
});

test('an error of the service reaches the page as a sentence, and the log', async (t) => {
  const error = new KinesisVideoError(
    'STATUS_SERVICE_CALL_RESOURCE_NOT_FOUND_ERROR',
    'There is no stream "door": create it.',
  );
  const logged: unknown[] = [];
  const source = { getMedia: () => Promise.reject(error) };
  const { url } = await start(t, source, (told) => logged.push(told));
  const { status, body } = await ask(`${url}media?start=now`);
  assert.is(status, 404);
  assert.equal(JSON.parse(body.toString()), {
    code: error.code,
    message: error.message,
    retryable: false,
  });
  assert.equal(logged, [error]);
});

test('a session is read through the server, whatever the page asks it for', async (t) => {
  const seen: string[] = [];
  const upstream = createServer((asked, answer) => {
    seen.push(asked.url ?? '');
    answer.writeHead(206, { 'content-type': 'video/mp4', 'set-cookie': 'a=b' });
    answer.end(asked.headers.range ?? 'all');
  });
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  t.after(() => upstream.close());
  const { port } = upstream.address() as AddressInfo;
  const session = `http://127.0.0.1:${port}/hls/v1/getHLSMasterPlaylist.m3u8?SessionToken=a`;
  const { url } = await start(t, { openSession: async () => session });
  const opened = await ask(`${url}session?protocol=hls&mode=live&container=ts`);
  const { url: path } = JSON.parse(opened.body.toString()) as { url: string };
  assert.match(path, /^session\/\w+\/getHLSMasterPlaylist\.m3u8\?SessionToken=a$/);
  const folder = new URL('.', url + path).href;
  const part = await ask(`${folder}getTSFragment.ts?SessionToken=a&n=1`, { range: 'bytes=0-1' });
  assert.is(part.status, 206);
  assert.is(part.headers['content-type'], 'video/mp4');
  assert.is(part.headers['set-cookie'], undefined);
  assert.is(part.body.toString(), 'bytes=0-1');
  assert.equal(seen, ['/hls/v1/getTSFragment.ts?SessionToken=a&n=1']);
  for (const escape of ['../../secret', '//evil.example/', 'http://evil.example/']) {
    assert.is((await ask(folder + encodeURIComponent(escape))).status, 404, escape);
  }
});

test('a session whose endpoint is gone says so', async (t) => {
  const { url } = await start(t);
  const { body } = await ask(`${url}session?protocol=hls`);
  const { url: path } = JSON.parse(body.toString()) as { url: string };
  const answer = await ask(url + path);
  assert.is(answer.status, 502);
  assert.match(answer.body.toString(), 'http://127.0.0.1:9');
});

test('acknowledgements are told to pages that come later too', async (t) => {
  const server = await start(t);
  const ack = { type: 'RECEIVED', fragmentNumber: '1', fragmentTime: 5, time: 6, error: undefined };
  server.publish(ack);
  const stop = new AbortController();
  const answer = await fetch(`${server.url}events`, { signal: stop.signal });
  assert.is(answer.headers.get('content-type'), 'text/event-stream');
  const reader = answer.body?.getReader();
  assert.is(await readText(reader), `data: ${JSON.stringify(ack)}\n\n`);
  server.publish({ ...ack, type: 'PERSISTED' });
  assert.match(await readText(reader), /^data: .*PERSISTED.*\n\n$/);
  stop.abort();
});

test('a port that is taken is told with a remedy', async (t) => {
  const { url } = await start(t);
  const port = Number(new URL(url).port);
  const agents = dialingAgents(new Dialer(), 1000);
  try {
    await PlayServer.start({
      config: { streamName: 'a', region: 'b', endpoint: undefined, hasProducer: false },
      source: NOTHING,
      port,
      agents,
    });
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, `port ${port}`);
    assert.match((error as Error).message, '--port');
  }
});
