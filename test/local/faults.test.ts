import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import {
  CreateStreamCommand,
  DescribeStreamCommand,
  GetDataEndpointCommand,
  KinesisVideoClient,
  ListStreamsCommand,
} from '@aws-sdk/client-kinesis-video';
import * as assert from 'uvu/assert';
import type { LocalFault, LocalKinesisVideo } from '../../ts/local/index.js';
import { cluster, liveHeader, liveStream, simpleBlock } from '../parser/support/mkv.js';
import { makeStream, putAll } from '../producer/support/client.js';
import { frames } from '../producer/support/media.js';
import { canaryCredentials } from '../support/canary.js';
import { suite, type TestContext } from '../support/suite.js';
import { controlClient, CREDENTIALS, rejection, startWithStream } from './support/endpoint.js';
import { listFragments } from './support/fragments.js';
import { call, request } from './support/http.js';
import { putMedia, TestPutMedia } from './support/put-media.js';
import { signedHeaders } from './support/signing.js';

const test = suite('Faults', { timeout: 20_000 });

type Faults = readonly (LocalFault | string)[];

async function start(t: TestContext, faults: Faults, faultSeed = 0) {
  const credentials = [CREDENTIALS, canaryCredentials];
  return await startWithStream(t, { faults, faultSeed, credentials });
}

/** What becomes of `count` calls one after the other: the name of the error, or ok. */
async function outcomes(client: KinesisVideoClient, count: number): Promise<string[]> {
  const names: string[] = [];
  for (let i = 0; i < count; i += 1) {
    const call = client.send(new DescribeStreamCommand({ StreamName: 'cam' }));
    names.push(
      await call.then(
        () => 'ok',
        (error: unknown) => (error as Error).name,
      ),
    );
  }
  return names;
}

test('a call is refused with an exception, the first times, every so many times, or for a stream', async (t) => {
  const { local, client } = await start(t, [
    {
      operation: 'DescribeStream',
      effect: 'error',
      error: 'ClientLimitExceededException',
      first: 2,
    },
  ]);
  const limit = 'ClientLimitExceededException';
  assert.equal(await outcomes(client, 4), [limit, limit, 'ok', 'ok']);
  local.setFaults(['describestream:error=ResourceNotFoundException,every=3']);
  const missing = 'ResourceNotFoundException';
  assert.equal(await outcomes(client, 6), ['ok', 'ok', missing, 'ok', 'ok', missing]);
  local.setFaults(['*:error=NotAuthorizedException,stream=y*']);
  await client.send(new CreateStreamCommand({ StreamName: 'cam2' }));
  const yard = await rejection(client.send(new CreateStreamCommand({ StreamName: 'yard' })));
  assert.equal([yard.name, yard.status], ['NotAuthorizedException', 401]);
  const { StreamInfoList } = await client.send(new ListStreamsCommand({}));
  assert.equal(
    StreamInfoList?.map(({ StreamName }) => StreamName),
    ['cam', 'cam2'],
  );
  local.setFaults([]);
  assert.equal(await outcomes(client, 2), ['ok', 'ok']);
});

test('chance is the same for the same seed, and near what was asked for', async (t) => {
  const faults = ['DescribeStream:error=500,probability=0.5'];
  const { local, client } = await start(t, faults, 7);
  const first = await outcomes(client, 40);
  const failed = first.filter((name) => name !== 'ok').length;
  assert.ok(failed > 8 && failed < 32, `${failed} of 40 calls failed`);
  local.setFaults(faults);
  assert.equal(await outcomes(client, 40), first);
  const other = await start(t, faults, 8);
  assert.not.equal(await outcomes(other.client, 40), first);
});

test('an HTTP status is answered as by a proxy, in HTML, and a name may go with any status', async (t) => {
  const { local } = await start(t, ['ListStreams:error=502']);
  const { status, headers, body } = await call(local, '/listStreams');
  assert.equal([status, headers['content-type']], [502, 'text/html']);
  assert.not.ok(headers['x-amzn-errortype']);
  assert.match(body.toString(), '<h1>502</h1>');
  local.setFaults(['ListStreams:error=ThrottlingException,status=429']);
  const throttled = await call(local, '/listStreams');
  assert.equal(
    [throttled.status, throttled.headers['x-amzn-errortype']],
    [429, 'ThrottlingException'],
  );
  local.setFaults(['ListStreams:error=ExpiredTokenException']);
  const expired = await call(local, '/listStreams');
  assert.is(expired.status, 403);
  assert.ok(expired.json['message']);
});

test("the SDK's own retries get over faults", async (t) => {
  const { local } = await start(t, []);
  local.setFaults(['*:reset,first=1', 'DescribeStream:error=503,first=2']);
  const client = new KinesisVideoClient({
    endpoint: local.endpoint,
    region: local.region,
    credentials: CREDENTIALS,
    maxAttempts: 4,
  });
  t.after(() => {
    client.destroy();
  });
  const answer = await client.send(new DescribeStreamCommand({ StreamName: 'cam' }));
  assert.is(answer.StreamInfo?.StreamName, 'cam');
  assert.is(answer.$metadata.attempts, 3);
});

test('a call is delayed, and the delays of several faults add up', async (t) => {
  const { client } = await start(t, ['*:delay=60', 'GetDataEndpoint:delay=80']);
  const began = performance.now();
  await client.send(new GetDataEndpointCommand({ StreamName: 'cam', APIName: 'GET_MEDIA' }));
  const took = performance.now() - began;
  assert.ok(took >= 135, `it took ${took} ms`);
});

test('a call hangs until its client gives up, and does not hold up the end of the endpoint', async (t) => {
  const { local, client } = await start(t, ['DescribeStream:hang']);
  const describe = new DescribeStreamCommand({ StreamName: 'cam' });
  const limited = client.send(describe, { abortSignal: AbortSignal.timeout(100) });
  assert.is((await rejection(limited)).name, 'AbortError');
  const hanging = rejection(client.send(describe));
  await local.close();
  assert.ok(await hanging);
});

test('a connection is reset at once, or in the middle of an answer', async (t) => {
  const { local } = await start(t, ['GetMedia:reset,bytes=1000', 'DescribeStream:reset']);
  const client = controlClient(t, local);
  const describe = new DescribeStreamCommand({ StreamName: 'cam' });
  assert.match((await rejection(client.send(describe))).message, /ECONNRESET|socket hang up/);

  await putMedia(t, local, liveStream([0, 100], 4000));
  const input = { StreamName: 'cam', StartSelector: { StartSelectorType: 'EARLIEST' } };
  const body = JSON.stringify(input);
  const headers = await signedHeaders(local.endpoint, '/getMedia', { body });
  const sent = request(local.endpoint, '/getMedia', headers).end(body);
  sent.on('error', () => undefined);
  const [response] = (await once(sent, 'response')) as [NodeJS.ReadableStream];
  let received = 0;
  const failed = once(response, 'error');
  response.on('data', (piece: Buffer) => (received += piece.length));
  assert.is(((await failed)[0] as NodeJS.ErrnoException).code, 'ECONNRESET');
  assert.ok(received <= 1000, `${received} bytes came`);
});

test('a PutMedia is refused, or ended by an ERROR about the fragment behind so many', async (t) => {
  const { local } = await start(t, ['PutMedia:error=ConnectionLimitExceededException,first=1']);
  const refused = await TestPutMedia.open(t, local);
  assert.is(refused.response.statusCode, 400);
  assert.is(refused.response.headers['x-amzn-errortype'], 'ConnectionLimitExceededException');
  await putMedia(t, local, liveStream([0]));

  local.setFaults([{ operation: 'PutMedia', effect: 'ack-error', id: 4500, after: 2 }]);
  const { acks, summary } = await putMedia(t, local, liveStream([1000, 2000, 3000, 4000]));
  assert.is(summary.at(-1), 'ERROR 3000 4500');
  assert.is(acks.at(-1)?.ErrorCode, 'KMS_KEY_ACCESS_DENIED');
  const persisted = summary.filter((ack) => ack.startsWith('PERSISTED'));
  assert.equal(persisted, ['PERSISTED 1000', 'PERSISTED 2000']);
  assert.is((await listFragments(local)).length, 3);
});

test('acknowledgements are dropped, all or some', async (t) => {
  const { local } = await start(t, ['PutMedia:drop-acks=PERSISTED+RECEIVED,first=1']);
  const some = await putMedia(t, local, liveStream([0, 100]));
  assert.equal(some.summary, ['BUFFERING 0', 'BUFFERING 100']);
  local.setFaults(['PutMedia:drop-acks']);
  const all = await putMedia(t, local, liveStream([200, 300]));
  assert.equal(all.summary, []);
  assert.is((await listFragments(local)).length, 4);
});

test('behind so many fragments a PutMedia is reset, or takes all and answers nothing', async (t) => {
  const { local } = await start(t, ['PutMedia:reset,after=1']);
  const media = liveStream([0, 100, 200, 300]);
  const reset = await TestPutMedia.open(t, local);
  await reset.write(media);
  assert.match((await rejection(reset.ended)).message, /ECONNRESET|aborted/);
  await untilFragments(local, 1);

  local.setFaults(['PutMedia:hang,after=2']);
  const hanging = await TestPutMedia.open(t, local);
  await hanging.write(Buffer.concat([liveHeader(), ...[1000, 2000, 3000].map(one)]));
  await hanging.until('PERSISTED 2000');
  await hanging.write(one(4000));
  const ended = hanging.finish().then(() => 'ended');
  const wait = new Promise((resolve) => setTimeout(resolve, 150, 'waiting'));
  assert.is(await Promise.race([ended, wait]), 'waiting');
  assert.not.ok(hanging.summary.includes('RECEIVED 3000'));
  hanging.destroy();
  await ended.catch(() => undefined);
  await untilFragments(local, 3);
});

const one = (time: number): Buffer => cluster(time, simpleBlock(1, 0), simpleBlock(1, 40));

async function untilFragments(local: LocalKinesisVideo, count: number): Promise<void> {
  for (;;) {
    const { length } = await listFragments(local);
    if (length === count) return;
    assert.ok(length < count, `there are ${length} fragments`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test('media are taken slowly, and answers sent slowly', async (t) => {
  const { local } = await start(t, ['PutMedia:slow=200000', 'GetMedia:slow=200000']);
  const media = liveStream([0], 30_000);
  const took = async (work: () => Promise<unknown>): Promise<number> => {
    const began = performance.now();
    await work();
    return performance.now() - began;
  };
  // A tenth of a second goes at once, and the last piece of the answer is of half as much.
  const expected = (media.length / 200_000) * 1000 - 160;
  const upload = await took(() => putMedia(t, local, media));
  assert.ok(upload > expected, `the upload took ${upload} ms`);
  const body = { StreamName: 'cam', StartSelector: { StartSelectorType: 'EARLIEST' } };
  const signed = await signedHeaders(local.endpoint, '/getMedia', { body: JSON.stringify(body) });
  const download = await took(async () => {
    const sent = request(local.endpoint, '/getMedia', signed).end(JSON.stringify(body));
    const [response] = (await once(sent, 'response')) as [NodeJS.ReadableStream];
    let received = 0;
    for await (const piece of response) {
      received += piece.length;
      if (received >= media.length) break;
    }
    sent.destroy();
  });
  assert.ok(download > expected, `the download took ${download} ms`);
});

test('what players fetch can have faults, too', async (t) => {
  const { local } = await start(t, ['GetHLSMediaPlaylist:error=503', 'GetMP4InitFragment:reset']);
  await putMedia(t, local, readFileSync(new URL('../fixtures/h264-aac.mkv', import.meta.url)));
  const input = { StreamName: 'cam', PlaybackMode: 'LIVE' };
  const { json } = await call(local, '/getHLSStreamingSessionURL', input);
  const master = String(json['HLSStreamingSessionURL']);
  const answer = await fetch(master);
  assert.is(answer.status, 200, String(json['Message']));
  const [playlist = ''] = /^getHLSMediaPlaylist\S+$/m.exec(await answer.text()) ?? [];
  const failed = await fetch(new URL(playlist, master));
  assert.equal([failed.status, failed.headers.get('access-control-allow-origin')], [503, '*']);
  await failed.arrayBuffer();
  const init = playlist.replace('getHLSMediaPlaylist.m3u8', 'getMP4InitFragment.mp4');
  assert.is((await rejection(fetch(new URL(init, master)))).name, 'TypeError');
});

test('our producer loses nothing to faults that pass', async (t) => {
  const { local } = await start(t, [
    'DescribeStream:error=503,first=1',
    'GetDataEndpoint:error=ClientLimitExceededException,first=1',
    'PutMedia:error=500,first=1',
    'PutMedia:ack-error=5000,after=1,every=2,first=4',
    'PutMedia:reset,after=1,every=3,first=3',
  ]);
  const stream = await makeStream(t, local.endpoint);
  await putAll(stream, frames({ count: 80 }));
  const { complete, deliveredFrames } = await stream.stop();
  assert.equal([complete, deliveredFrames], [true, 80]);
  const starts = (await listFragments(local)).map(({ ProducerTimestamp }) => ProducerTimestamp);
  assert.is(new Set(starts).size, 8);
});

test('a fault that is not valid is refused, and changes nothing', async (t) => {
  const { local, client } = await start(t, ['DescribeStream:error=500']);
  const cases: [fault: LocalFault | string, message: string][] = [
    ['PutMedia', 'Expected a fault of the form OPERATION:EFFECT[=VALUE]'],
    ['PutMedia:hang=3', 'hang takes no value'],
    ['PutMedia:hang,after', '"after" is not one NAME=VALUE'],
    ['PutMedia:hang,after=1,after=2', '"after=2" is not one NAME=VALUE'],
    ['PutMedai:hang', 'There is no operation "PutMedai" to have a fault: did you mean PutMedia?'],
    ['PutMedia:hnag', "Expected 'error', 'delay', 'hang', 'reset', 'ack-error', 'drop-acks' or"],
    ['PutMedia:hang,frist=1', 'Unknown option "frist" for a fault: did you mean "first"?'],
    ['PutMedia:hang,first=0', 'Expected a whole number of calls from 1'],
    ['PutMedia:hang,probability=2', 'Expected a number from 0 to 1 for probability but received 2'],
    ['PutMedia:error', 'the name of an exception, or an HTTP status from 200 to 599, for error'],
    ['PutMedia:error=42', 'an HTTP status from 200 to 599'],
    ['PutMedia:delay=soon', 'Expected a number of milliseconds'],
    ['PutMedia:ack-error=4999', 'Expected the id of an ERROR acknowledgement (4000, 4001'],
    ['PutMedia:drop-acks=ALL', 'Expected a list of BUFFERING, RECEIVED, PERSISTED, ERROR, IDLE'],
    ['PutMedia:slow=0', 'Expected a number of bytes per second from 1'],
    ['PutMedia:reset,bytes=5', 'told by fragments: give after instead of bytes'],
    ['GetMedia:hang,after=1', 'A fault hang with after is about media: it goes with PutMedia only'],
    ['*:drop-acks', 'A fault drop-acks is about media'],
    [{ operation: 'PutMedia' } as LocalFault, 'for effect but received undefined'],
    [{ operation: 'PutMedia', effect: 'delay' } as LocalFault, 'for delay but received undefined'],
  ];
  for (const [fault, expected] of cases) {
    const attempt = async (): Promise<void> => {
      local.setFaults([fault]);
    };
    const { message } = await rejection(attempt());
    assert.ok(message.includes(expected), `${message} / ${expected}`);
  }
  assert.is((await rejection(outcome(client))).status, 500);
});

const outcome = (client: KinesisVideoClient): Promise<unknown> =>
  client.send(new DescribeStreamCommand({ StreamName: 'cam' }));
