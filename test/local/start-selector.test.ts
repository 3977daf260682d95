import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateStreamCommand,
  DeleteStreamCommand,
  UpdateDataRetentionCommand,
  DescribeStreamCommand,
} from '@aws-sdk/client-kinesis-video';
import {
  GetMediaCommand,
  KinesisVideoMediaClient,
  type StartSelector,
} from '@aws-sdk/client-kinesis-video-media';
import * as assert from 'uvu/assert';
import type { LocalKinesisVideo } from '../../ts/local/index.js';
import { readFragments } from '../../ts/parser/index.js';
import { cluster, liveHeader, liveStream, simpleBlock } from '../parser/support/mkv.js';
import { suite, type TestContext } from '../support/suite.js';
import { CREDENTIALS, rejection, startWithStream } from './support/endpoint.js';
import { listFragments } from './support/fragments.js';
import { putMedia, TestPutMedia } from './support/put-media.js';

const test = suite('Start selectors', { timeout: 15_000 });

const HOUR = 3_600_000;
const QUICK = { getMediaTimeout: 150 };

/** Asks the SDK's client for media; returns the numbers of the fragments until the response ends. */
class Reader {
  readonly #client: KinesisVideoMediaClient;

  constructor(t: TestContext, local: LocalKinesisVideo, clockOffset = 0) {
    this.#client = new KinesisVideoMediaClient({
      endpoint: local.endpoint,
      region: local.region,
      credentials: CREDENTIALS,
      maxAttempts: 1,
      systemClockOffset: clockOffset,
    });
    t.after(() => {
      this.#client.destroy();
    });
  }

  async open(StartSelector: StartSelector, StreamName = 'cam'): Promise<Readable> {
    const { Payload } = await this.#client.send(new GetMediaCommand({ StreamName, StartSelector }));
    return Payload as Readable;
  }

  async numbers(selector: StartSelector, streamName = 'cam'): Promise<string[]> {
    const numbers: string[] = [];
    for await (const fragment of readFragments(await this.open(selector, streamName))) {
      const { continuationToken } = await fragment.finish();
      assert.is(continuationToken, fragment.fragmentNumber);
      numbers.push(fragment.fragmentNumber ?? '');
    }
    return numbers;
  }
}

async function put(
  t: TestContext,
  local: LocalKinesisVideo,
  media: Buffer,
  date = new Date(),
): Promise<string[]> {
  const { acks } = await putMedia(t, local, media, { signing: { date } });
  return acks.filter((ack) => ack.EventType === 'RECEIVED').map((ack) => ack.FragmentNumber ?? '');
}

test('behind a fragment that the retention has removed comes the oldest that is left', async (t) => {
  const started = Date.now();
  let time = started;
  const options = { ...QUICK, now: () => time };
  const { local } = await startWithStream(t, options, { DataRetentionInHours: 2 });
  const old = await put(t, local, liveStream([0, 80, 160]));
  time += 1.5 * HOUR;
  const kept = await put(t, local, liveStream([0, 80]), new Date(time));
  time += HOUR;
  const reader = new Reader(t, local, time - started);
  const [first = '', second = ''] = old;
  const all: StartSelector[] = [
    { StartSelectorType: 'EARLIEST' },
    { StartSelectorType: 'FRAGMENT_NUMBER', AfterFragmentNumber: first },
    { StartSelectorType: 'CONTINUATION_TOKEN', ContinuationToken: second },
    { StartSelectorType: 'SERVER_TIMESTAMP', StartTimestamp: new Date(started) },
    { StartSelectorType: 'PRODUCER_TIMESTAMP', StartTimestamp: new Date(0) },
  ];
  for (const selector of all) {
    assert.equal(await reader.numbers(selector), kept, JSON.stringify(selector));
  }
  assert.equal(await reader.numbers({ StartSelectorType: 'NOW' }), kept.slice(1));
});

test('nothing comes of a stream whose fragments are all removed, and what is new later', async (t) => {
  const { local, client } = await startWithStream(t, QUICK);
  const [number = ''] = await put(t, local, liveStream([0]));
  const { StreamInfo } = await client.send(new DescribeStreamCommand({ StreamName: 'cam' }));
  await client.send(
    new UpdateDataRetentionCommand({
      StreamName: 'cam',
      CurrentVersion: StreamInfo?.Version,
      Operation: 'DECREASE_DATA_RETENTION',
      DataRetentionChangeInHours: 24,
    }),
  );
  const reader = new Reader(t, local);
  const behind: StartSelector = {
    StartSelectorType: 'CONTINUATION_TOKEN',
    ContinuationToken: number,
  };
  assert.equal(await reader.numbers(behind), []);
  const later = await put(t, local, liveStream([0]));
  assert.equal(await reader.numbers(behind), later);
});

test('refuses the token of another stream', async (t) => {
  const { local, client, streamArn } = await startWithStream(t, QUICK);
  await client.send(new CreateStreamCommand({ StreamName: 'other', DataRetentionInHours: 1 }));
  const own = await put(t, local, liveStream([0, 80, 160]));
  const { acks } = await putMedia(t, local, liveStream([0, 80]), {
    headers: { 'x-amzn-stream-name': 'other' },
  });
  const foreign = acks.filter((ack) => ack.EventType === 'RECEIVED')[1]?.FragmentNumber ?? '';
  const reader = new Reader(t, local);
  const refused = async (ContinuationToken: string): Promise<void> => {
    const selector: StartSelector = { StartSelectorType: 'CONTINUATION_TOKEN', ContinuationToken };
    const { name, message, status } = await rejection(reader.open(selector));
    assert.equal([name, status], ['InvalidArgumentException', 400]);
    assert.match(message, `Value '${ContinuationToken}' at '`);
  };
  await refused(foreign);
  for (const token of ['5', 'a.b-c_d', '9'.repeat(128)]) await refused(token);

  const last = own[2] ?? '';
  for (let i = 0; i < 3; i += 1) await put(t, local, liveStream([0]));
  await client.send(new DeleteStreamCommand({ StreamARN: streamArn }));
  await client.send(new CreateStreamCommand({ StreamName: 'cam', DataRetentionInHours: 1 }));
  await refused(last);
  // The numbers of the new stream have yet to come so far.
  await put(t, local, liveStream([0]));
  await refused(last);
  const behind: StartSelector = { StartSelectorType: 'FRAGMENT_NUMBER', AfterFragmentNumber: last };
  const { name, message } = await rejection(reader.open(behind));
  assert.is(name, 'InvalidArgumentException');
  assert.match(message, `Value '${last}' at 'AfterFragmentNumber' is not a fragment`);
});

test('a token is good after a restart', async (t) => {
  const { local } = await startWithStream(t, QUICK);
  const numbers = await put(t, local, liveStream([0, 80, 160]));
  const reader = new Reader(t, local);
  for (const [index, ContinuationToken] of numbers.entries()) {
    const found = await reader.numbers({
      StartSelectorType: 'CONTINUATION_TOKEN',
      ContinuationToken,
    });
    assert.equal(found, numbers.slice(index + 1));
  }
});

test('a time within a gap starts with what follows, and one in the future with what comes then', async (t) => {
  const { local } = await startWithStream(t, QUICK);
  const headers = (seconds: string) => ({
    headers: { 'x-amzn-producer-start-timestamp': seconds },
  });
  await putMedia(t, local, liveStream([0, 1000]), headers('1000'));
  await putMedia(t, local, liveStream([0, 1000]), headers('5000'));
  const numbers = (await listFragments(local)).map(({ FragmentNumber }) => FragmentNumber);
  const reader = new Reader(t, local);
  const at = (seconds: number): StartSelector => ({
    StartSelectorType: 'PRODUCER_TIMESTAMP',
    StartTimestamp: new Date(seconds * 1000),
  });
  assert.equal(await reader.numbers(at(3000)), numbers.slice(2));
  assert.equal(await reader.numbers(at(1)), numbers);
  assert.equal(await reader.numbers(at(5001)), numbers.slice(3));

  const producer = await TestPutMedia.open(t, local, headers('9000'));
  await producer.write(Buffer.concat([liveHeader(), cluster(0, simpleBlock(1, 0))]));
  const future = reader.numbers(at(9001));
  await sleep(300);
  await producer.write(cluster(1000, simpleBlock(1, 0), simpleBlock(1, 40)));
  await producer.write(cluster(2000, simpleBlock(1, 0)));
  await producer.finish();
  const persisted = producer.acks.filter((ack) => ack.EventType === 'PERSISTED');
  assert.equal(
    await future,
    persisted.slice(1).map((ack) => ack.FragmentNumber),
  );
});

test('NOW is the fragment that arrives, else the latest one, else what comes', async (t) => {
  const { local } = await startWithStream(t, QUICK, { DataRetentionInHours: 0 });
  const reader = new Reader(t, local);
  const now: StartSelector = { StartSelectorType: 'NOW' };
  assert.equal(await reader.numbers(now), []);
  const producer = await TestPutMedia.open(t, local);
  const early = reader.numbers(now);
  await sleep(300);
  await producer.write(liveStream([0, 80]));
  await producer.until('BUFFERING 80');
  const late = reader.numbers(now);
  await sleep(100);
  await producer.finish();
  const numbers = producer.acks
    .filter((ack) => ack.EventType === 'RECEIVED')
    .map((ack) => ack.FragmentNumber ?? '');
  assert.equal([await early, await late], [numbers, numbers.slice(1)]);
  assert.equal(await reader.numbers(now), numbers.slice(1));
});
