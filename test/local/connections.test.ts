import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as tlsConnect } from 'node:tls';
import * as assert from 'uvu/assert';
import { KinesisVideoError } from '../../ts/internal/errors.js';
import { startLocalKinesisVideo, type LocalKinesisVideoOptions } from '../../ts/local/index.js';
import { liveHeader, liveStream } from '../parser/support/mkv.js';
import { suite } from '../support/suite.js';
import { startEndpoint, startWithStream } from './support/endpoint.js';
import { listFragments } from './support/fragments.js';
import { call, request } from './support/http.js';
import { putMedia, TestPutMedia } from './support/put-media.js';
import { signedHeaders } from './support/signing.js';

const test = suite('Connections of the local endpoint', { timeout: 15_000 });

const tlsFile = (name: string): Buffer =>
  readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url));
const cert = tlsFile('localhost-cert.pem');
const tls = { key: tlsFile('localhost-key.pem'), cert };

async function refusal(options: LocalKinesisVideoOptions): Promise<KinesisVideoError> {
  try {
    await (await startLocalKinesisVideo(options)).close();
  } catch (error) {
    if (error instanceof KinesisVideoError) return error;
    throw error;
  }
  throw new Error('The endpoint started');
}

async function openSocket(endpoint: string): Promise<Socket> {
  const { hostname, port } = new URL(endpoint);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

test('refuses the newer of two PutMedia to a stream, and leaves the older alone', async (t) => {
  const { local } = await startWithStream(t);
  const older = await TestPutMedia.open(t, local);
  await older.write(liveHeader());
  const newer = await TestPutMedia.open(t, local);
  assert.is(newer.response.statusCode, 400);
  assert.is(newer.response.headers['x-amzn-errortype'], 'ConnectionLimitExceededException');
  await newer.ended;
  assert.match(newer.text, "The stream 'cam' already has a PutMedia");
  await older.finish(liveStream([0]).subarray(liveHeader().length));
  assert.ok(older.summary.includes('PERSISTED 0'));
});

test('lets the next PutMedia begin while the last acknowledgements of the one before are due', async (t) => {
  const { local } = await startWithStream(t, { ackDelay: 500 });
  const older = await TestPutMedia.open(t, local);
  const ended = older.finish(liveStream([0]));
  const newer = await TestPutMedia.open(t, local);
  assert.is(newer.response.statusCode, 200);
  assert.equal(older.summary, []);
  await newer.finish(liveStream([0]));
  await ended;
  const last = older.acks.at(-1)?.FragmentNumber ?? '';
  assert.ok((newer.acks.at(-1)?.FragmentNumber ?? '') > last);
  assert.is((await listFragments(local)).length, 2);
});

test('a stream is free again when its producer is gone without a word', async (t) => {
  const { local } = await startWithStream(t);
  const lost = await TestPutMedia.open(t, local);
  await lost.write(liveHeader());
  lost.destroy();
  await sleep(50);
  assert.is((await TestPutMedia.open(t, local)).response.statusCode, 200);
});

test('names what is wrong with the headers of a PutMedia', async (t) => {
  const { local, streamArn } = await startWithStream(t);
  const cases: [headers: Record<string, string>, type: string, message: string][] = [
    [{ 'x-amzn-stream-name': '' }, 'InvalidArgumentException', 'Exactly one of StreamName'],
    [{ 'x-amzn-stream-arn': streamArn }, 'InvalidArgumentException', 'Exactly one of StreamName'],
    [{ 'x-amzn-stream-name': 'a b' }, 'InvalidArgumentException', "at 'x-amzn-stream-name'"],
    [{ 'x-amzn-stream-name': 'nobody' }, 'ResourceNotFoundException', 'not found or not active'],
    [
      { 'x-amzn-fragment-timecode-type': 'EPOCH' },
      'InvalidArgumentException',
      "Value 'EPOCH' at 'x-amzn-fragment-timecode-type' must be one of [ABSOLUTE, RELATIVE]",
    ],
    [
      { 'x-amzn-producer-start-timestamp': '' },
      'InvalidArgumentException',
      "Value '' at 'x-amzn-producer-start-timestamp' must be epoch seconds such as",
    ],
    [
      { 'x-amzn-producer-start-timestamp': '9'.repeat(400) },
      'InvalidArgumentException',
      "9' at 'x-amzn-producer-start-timestamp' must be at most 8639999913600",
    ],
  ];
  for (const [headers, type, message] of cases) {
    const refused = await TestPutMedia.open(t, local, { headers });
    await refused.ended;
    assert.is(refused.response.headers['x-amzn-errortype'], type);
    assert.match(refused.text, message);
  }
});

test('takes a stream by its ARN, and absolute times without a start', async (t) => {
  const { local, streamArn } = await startWithStream(t);
  const headers = {
    'x-amzn-stream-name': '',
    'x-amzn-stream-arn': streamArn,
    'x-amzn-fragment-timecode-type': 'ABSOLUTE',
    'x-amzn-producer-start-timestamp': '',
  };
  const { summary } = await putMedia(t, local, liveStream([0]), { headers });
  assert.ok(summary.includes('PERSISTED 0'));
});

test('a PutMedia to a stream that is not yet ACTIVE is refused', async (t) => {
  const { local } = await startWithStream(t, { lifecycleDelay: 60_000 });
  const { response } = await TestPutMedia.open(t, local);
  assert.is(response.headers['x-amzn-errortype'], 'ResourceNotFoundException');
});

test('speaks HTTPS with the certificate it is given', async (t) => {
  const { endpoint, region } = await startEndpoint(t, { tls });
  assert.match(endpoint, /^https:/);
  const body = '{"StreamName":"cam","DataRetentionInHours":1}';
  const headers = await signedHeaders(endpoint, '/createStream', { body });
  const sent = request(endpoint, '/createStream', headers, cert);
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  assert.match(Buffer.concat(await response.toArray()).toString(), `kinesisvideo:${region}:`);

  const local = { endpoint, region } as Parameters<typeof putMedia>[1];
  const { summary } = await putMedia(t, local, liveStream([0]), { ca: cert });
  assert.ok(summary.includes('PERSISTED 0'));

  const query = JSON.stringify({ StreamName: 'cam', APIName: 'GET_MEDIA' });
  const asked = await signedHeaders(endpoint, '/getDataEndpoint', { body: query });
  const second = request(endpoint, '/getDataEndpoint', asked, cert);
  second.end(query);
  const [data] = (await once(second, 'response')) as [IncomingMessage];
  const text = Buffer.concat(await data.toArray()).toString();
  assert.equal(JSON.parse(text), { DataEndpoint: endpoint });
});

test('a client that talks plain HTTP to HTTPS, or nonsense, does no harm', async (t) => {
  const { local } = await startWithStream(t);
  const secure = await startEndpoint(t, { tls });
  for (const endpoint of [local.endpoint, secure.endpoint]) {
    const socket = await openSocket(endpoint);
    socket.resume();
    socket.end('\x00\x01nonsense\r\n\r\n');
    await once(socket, 'close');
  }
  assert.is((await call(local, '/listStreams')).status, 200);
  const { hostname, port } = new URL(secure.endpoint);
  const socket = tlsConnect({ host: hostname, port: Number(port), ca: cert });
  await once(socket, 'secureConnect');
  socket.destroy();
});

test('refuses a JSON body larger than 1 MiB', async (t) => {
  const { local } = await startWithStream(t);
  const answer = await call(local, '/tagStream', `{"x":"${'y'.repeat(1_100_000)}"}`);
  assert.equal(
    [answer.status, answer.headers['x-amzn-errortype']],
    [413, 'RequestEntityTooLargeException'],
  );
});

test('closes quickly while producers, viewers and idle clients are connected', async (t) => {
  const { local } = await startWithStream(t, { getMediaTimeout: 60_000 });
  const producer = await TestPutMedia.open(t, local);
  await producer.write(liveStream([0, 80]));
  await producer.until('PERSISTED 0');
  const input = '{"StreamName":"cam","StartSelector":{"StartSelectorType":"EARLIEST"}}';
  const viewer = request(
    local.endpoint,
    '/getMedia',
    await signedHeaders(local.endpoint, '/getMedia', { body: input }),
  );
  viewer.on('error', () => undefined);
  viewer.end(input);
  await once(viewer, 'response');
  const idle = await openSocket(local.endpoint);
  const started = performance.now();
  await Promise.all([local.close(), local.close(), once(idle, 'close')]);
  assert.ok(performance.now() - started < 1000);
  await producer.ended.then(
    () => {
      assert.unreachable('the connection is cut');
    },
    () => undefined,
  );
  viewer.destroy();
});

test('says that a port is in use, and what to do', async (t) => {
  const { endpoint } = await startEndpoint(t);
  const port = Number(new URL(endpoint).port);
  const { code, message } = await refusal({ port });
  assert.is(code, 'STATUS_INVALID_ARG');
  assert.is(
    message,
    `Port ${port} on 127.0.0.1 is in use. Choose another port, or 0 for any that is free.`,
  );
});

test('names the option that is wrong', async () => {
  const cases: [options: object, message: string][] = [
    [{ port: 70000 }, 'Expected a port from 0 to 65535 for port but received 70000'],
    [{ prot: 1 }, 'Unknown option "prot" for startLocalKinesisVideo: did you mean "port"?'],
    [{ region: 'US West' }, 'Expected a region name such as us-west-2 for region'],
    [{ credentials: [] }, 'for credentials'],
    [{ credentials: [{ accessKeyId: 'a' }] }, 'for credentials but received something else'],
    [
      { credentials: [{ accessKeyId: 'a', secretAccessKey: 'b', allow: [{ actions: [] }] }] },
      'with allow a list of { actions, streams? }',
    ],
    [{ notificationTarget: 'ftp://a/' }, 'Expected an http or https URL, or such URLs by ARNs'],
    [{ notificationTarget: { door: 'http://a/' } }, 'for notificationTarget'],
    [{ tls: { key: 'a' } }, 'Expected { key, cert } in PEM for tls'],
    [{ tls: { key: 'a', cert: 'b' } }, 'The key and the certificate for tls cannot be used'],
    [{ idleTimeout: 0 }, 'Expected a number of milliseconds from 1 to 2147483647 for idleTimeout'],
    [{ ingestRate: -1 }, 'for ingestRate but received -1'],
    [{ host: '203.0.113.1' }, 'cannot listen on port 0 of 203.0.113.1'],
  ];
  for (const [options, expected] of cases) {
    const { code, message } = await refusal(options);
    assert.is(code, 'STATUS_INVALID_ARG');
    assert.match(message, expected);
  }
});

test('does not start for a signal that is aborted', async () => {
  const reason = new Error('not now');
  for (const signal of [AbortSignal.abort(reason), abortSoon(reason)]) {
    const outcome = await startLocalKinesisVideo({ signal }).catch((error: unknown) => error);
    assert.is(outcome, reason);
  }
});

function abortSoon(reason: Error): AbortSignal {
  const controller = new AbortController();
  setImmediate(() => {
    controller.abort(reason);
  });
  return controller.signal;
}

test('listens where it is told and says a usable address', async (t) => {
  const everywhere = await startEndpoint(t, { host: '0.0.0.0' });
  assert.match(everywhere.endpoint, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.is((await call(everywhere, '/listStreams')).status, 200);
  const named = await startEndpoint(t, { host: 'localhost' });
  assert.match(named.endpoint, /^http:\/\/localhost:\d+$/);
});
