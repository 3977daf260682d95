import {
  DescribeStreamCommand,
  ListStreamsCommand,
  StartEdgeConfigurationUpdateCommand,
  type KinesisVideoClient,
} from '@aws-sdk/client-kinesis-video';
import { type ListFragmentsCommandInput } from '@aws-sdk/client-kinesis-video-archived-media';
import * as assert from 'uvu/assert';
import type { LocalKinesisVideo, LocalKinesisVideoOptions } from '../../ts/local/index.js';
import { Bucket } from '../../ts/local/quotas/bucket.js';
import { Quotas } from '../../ts/local/quotas/quotas.js';
import { cluster, liveHeader, liveStream, simpleBlock, videoTrack } from '../parser/support/mkv.js';
import { makeStream, putAll } from '../producer/support/client.js';
import { frames } from '../producer/support/media.js';
import { canaryCredentials } from '../support/canary.js';
import { suite, type TestContext } from '../support/suite.js';
import { CREDENTIALS, rejection, startWithStream } from './support/endpoint.js';
import { listFragments } from './support/fragments.js';
import { call } from './support/http.js';
import { archivedClient } from './support/playback.js';
import { putMedia, TestPutMedia } from './support/put-media.js';

const test = suite('Quotas', { timeout: 20_000 });

/** Of 320x180 pixels in the baseline profile. */
const AVCC = Buffer.from(
  '0142c015ffe100196742c015a61105067e7c0440000003004000000c83c58b846001000668c842044b20',
  'hex',
);
const LIMIT = 'ClientLimitExceededException';

/** An endpoint with quotas whose clock stands still unless the test sets it. */
async function start(t: TestContext, options: LocalKinesisVideoOptions = {}) {
  const clock = { now: Date.now() };
  const parts = await startWithStream(t, {
    quotas: true,
    now: () => clock.now,
    credentials: [CREDENTIALS, canaryCredentials],
    ...options,
  });
  return { ...parts, clock };
}

const describe = (client: KinesisVideoClient, StreamName = 'cam'): Promise<unknown> =>
  client.send(new DescribeStreamCommand({ StreamName }));

/** How many of many calls at the same time are let in, and how the others are refused. */
async function letIn(
  count: number,
  work: () => Promise<unknown>,
): Promise<{ succeeded: number; refusals: string[] }> {
  const refusals: string[] = [];
  const results = await Promise.all(
    Array.from({ length: count }, () =>
      work().then(
        () => true,
        (error: unknown) => {
          const { name, message } = error as Error;
          refusals.push(`${name}: ${message}`);
          return false;
        },
      ),
    ),
  );
  return { succeeded: results.filter(Boolean).length, refusals };
}

test('calls beyond the quota of a stream are refused, until time has passed', async (t) => {
  const { client, clock } = await start(t);
  const first = await letIn(8, () => describe(client));
  assert.is(first.succeeded, 5);
  assert.equal(
    new Set(first.refusals),
    new Set([
      `${LIMIT}: Limit exceeded on number of requests for DescribeStream API for resource 'cam'`,
    ]),
  );
  assert.is((await rejection(describe(client))).status, 400);
  // Another operation has a quota of its own.
  await client.send(new ListStreamsCommand({}));
  clock.now += 200;
  assert.is((await letIn(3, () => describe(client))).succeeded, 1);
  clock.now += 10_000;
  assert.is((await letIn(8, () => describe(client))).succeeded, 5);
});

test('calls beyond the quota of the account are refused', async (t) => {
  const { client } = await start(t);
  const lists = await letIn(55, () => client.send(new ListStreamsCommand({})));
  assert.is(lists.succeeded, 50);
  assert.match(lists.refusals[0] ?? '', "ListStreams API for account '000000000000'");
});

test('an operation may have a quota of its own', async (t) => {
  const { client } = await start(t);
  const update = new StartEdgeConfigurationUpdateCommand({
    StreamName: 'cam',
    EdgeConfig: {
      HubDeviceArn: 'arn:aws:iot:us-west-2:111122223333:thing/hub',
      RecorderConfig: {
        MediaSourceConfig: {
          MediaUriSecretArn: 'arn:aws:secretsmanager:us-west-2:111122223333:secret:door',
          MediaUriType: 'RTSP_URI',
        },
      },
    },
  });
  assert.is((await letIn(4, () => client.send(update))).succeeded, 1);
});

test('without the option nothing is refused', async (t) => {
  const { client } = await start(t, { quotas: false });
  assert.is((await letIn(60, () => describe(client))).succeeded, 60);
});

test('ListFragments spends what may be read of the metadata of fragments', async (t) => {
  const { local, clock } = await start(t);
  const client = archivedClient(t, local);
  const input: ListFragmentsCommandInput = {
    StreamName: 'cam',
    MaxResults: 1000,
    FragmentSelector: {
      FragmentSelectorType: 'SERVER_TIMESTAMP',
      TimestampRange: { StartTimestamp: new Date(0), EndTimestamp: new Date(4e12) },
    },
  };
  const full = await letIn(12, () => client.listFragments(input));
  assert.is(full.succeeded, 10);
  assert.match(
    full.refusals[0] ?? '',
    `${LIMIT}: Limit exceeded on fragment metadata for resource`,
  );
  clock.now += 50;
  assert.is(
    (await letIn(2, () => client.listFragments({ ...input, MaxResults: 500 }))).succeeded,
    1,
  );
});

test('reading fragments, clips and images spends what may be read of their media', async (t) => {
  const { local, clock } = await start(t);
  await putMedia(t, local, liveStream([0]));
  const FragmentNumber = (await listFragments(local))[0]?.FragmentNumber ?? '';
  const outcome = async (path: string, input: object): Promise<string> => {
    const { status, headers } = await call(local, path, { StreamName: 'cam', ...input });
    return String(headers['x-amzn-errortype'] ?? status);
  };
  const read = (count: number): Promise<string> =>
    outcome('/getMediaForFragmentList', { Fragments: Array<string>(count).fill(FragmentNumber) });
  assert.is(await read(499), '200');
  assert.is(await read(2), LIMIT);
  const images = {
    ImageSelectorType: 'SERVER_TIMESTAMP',
    StartTimestamp: 1,
    EndTimestamp: 2,
    Format: 'PNG',
    MaxResults: 2,
  };
  assert.is(await outcome('/getImages', images), LIMIT);
  assert.is(await read(1), '200');
  const TimestampRange = { StartTimestamp: clock.now / 1000 - 60, EndTimestamp: clock.now / 1000 };
  const ClipFragmentSelector = { FragmentSelectorType: 'SERVER_TIMESTAMP', TimestampRange };
  assert.is(await outcome('/getClip', { ClipFragmentSelector }), LIMIT);
  clock.now += 1000;
  // These media have no codec private data, which is found out when the clip is made.
  assert.is(
    await outcome('/getClip', { ClipFragmentSelector }),
    'MissingCodecPrivateDataException',
  );
});

test('a playback session has its own quota for each of its resources', async (t) => {
  const { local } = await start(t);
  const header = liveHeader(videoTrack(1, AVCC));
  await putMedia(t, local, Buffer.concat([header, oneSecond(0), oneSecond(1000)]));
  const input = { StreamName: 'cam', PlaybackMode: 'LIVE' };
  const { json } = await call(local, '/getHLSStreamingSessionURL', input);
  const url = String(json['HLSStreamingSessionURL']);
  assert.match(url, /^http/, String(json['Message']));
  const { pathname, search } = new URL(url);
  const answers = await Promise.all(Array.from({ length: 7 }, () => get(local, pathname + search)));
  assert.equal(answers.sort(), [200, 200, 200, 200, 200, 400, 400]);
  const other = await call(local, '/getHLSStreamingSessionURL', input);
  const { pathname: path, search: query } = new URL(String(other.json['HLSStreamingSessionURL']));
  assert.is(await get(local, path + query), 200);
});

async function get(local: LocalKinesisVideo, path: string): Promise<number> {
  const response = await fetch(new URL(path, local.endpoint));
  await response.arrayBuffer();
  return response.status;
}

/** A fragment of 25 frames in a second. */
function oneSecond(time: number): Buffer {
  return cluster(time, ...Array.from({ length: 25 }, (_, i) => simpleBlock(1, i * 40, 100)));
}

test('a fragment of less than a second draws an ERROR when another one follows', async (t) => {
  const { local } = await start(t);
  const short = Buffer.concat([
    liveHeader(),
    oneSecond(0),
    cluster(1000, simpleBlock(1, 0), simpleBlock(1, 400)),
    oneSecond(2000),
  ]);
  const { acks } = await putMedia(t, local, short);
  const { EventType, ErrorCode, FragmentTimecode } = acks.at(-1) ?? {};
  assert.equal(
    [EventType, ErrorCode, FragmentTimecode],
    ['ERROR', 'MIN_FRAGMENT_DURATION_REACHED', 1000],
  );
  assert.is((await listFragments(local)).length, 1);
  const last = await putMedia(t, local, liveStream([5000]));
  assert.is(last.summary.at(-1), 'PERSISTED 5000');
});

test('no more than five fragments a second are taken', async (t) => {
  const { local } = await start(t);
  const media = Buffer.concat([
    liveHeader(),
    ...Array.from({ length: 9 }, (_, i) => oneSecond(i * 1000)),
  ]);
  const began = performance.now();
  const connection = await TestPutMedia.open(t, local);
  for (let at = 0; at < media.length; at += 3000) {
    await connection.write(media.subarray(at, at + 3000));
  }
  await connection.finish();
  const took = performance.now() - began;
  assert.is(connection.summary.at(-1), 'PERSISTED 8000');
  // Half a fragment's time is free at the beginning.
  assert.ok(took > 1300, `it took ${took} ms`);
});

test('our producer keeps within the quotas', async (t) => {
  const { local } = await start(t, { now: Date.now });
  const stream = await makeStream(t, local.endpoint);
  await putAll(stream, frames({ count: 40 }));
  const { complete, deliveredFrames } = await stream.stop();
  assert.equal([complete, deliveredFrames], [true, 40]);
});

test('more streams than an account may have are refused', () => {
  const quotas = new Quotas({ quotas: true, now: () => 0 });
  quotas.requireRoom(9999);
  assert.throws(() => {
    quotas.requireRoom(10_000);
  }, /at most 10000 are allowed/);
  new Quotas({ quotas: false, now: () => 0 }).requireRoom(10_000);
});

test('a bucket holds a second, fills evenly, and bears a clock that is set back', () => {
  const bucket = new Bucket(10, 1000);
  for (let i = 0; i < 10; i += 1) {
    assert.ok(bucket.has(1, 1000));
    bucket.spend(1);
  }
  assert.not(bucket.has(1, 1099));
  assert.ok(bucket.has(1, 1100));
  assert.not(bucket.has(2, 0));
  assert.ok(bucket.has(10, 60_000));
});
