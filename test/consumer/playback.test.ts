import { once } from 'node:events';
import * as assert from 'uvu/assert';
import type {
  DashSessionOptions,
  HlsSessionOptions,
  KinesisVideoConsumer,
  PlaybackUrl,
} from '../../ts/consumer/index.js';
import { KinesisVideoError } from '../../ts/index.js';
import { collectGarbage } from '../addon/support/native.js';
import { suite, type TestContext } from '../support/suite.js';
import { makeConsumer } from './support/consumer.js';
import { json, refuse, startFakeData, type FakeAnswer } from './support/fake-service.js';

const test = suite('playback sessions', { timeout: 10_000 });

const MINUTE = 60_000;

const ANSWER: FakeAnswer = (response, { path }, count) => {
  const member = path.includes('HLS') ? 'HLSStreamingSessionURL' : 'DASHStreamingSessionURL';
  json(response, { [member]: `https://b-1.example/${count}` });
};

async function startWith(t: TestContext, answer: FakeAnswer = ANSWER) {
  const { endpoint, requests } = await startFakeData(t, answer);
  const consumer = makeConsumer(t, endpoint, { dataEndpoint: endpoint });
  return { consumer, requests };
}

async function failureOf(work: Promise<unknown>): Promise<KinesisVideoError> {
  const error = await work.catch((thrown: unknown) => thrown);
  assert.instance(error, KinesisVideoError);
  return error as KinesisVideoError;
}

test('a URL of each kind is asked for with what was chosen', async (t) => {
  const { consumer, requests } = await startWith(t);
  const before = Date.now();
  const hls = await consumer.getHlsUrl({
    streamName: 'cam',
    playbackMode: 'ON_DEMAND',
    fragmentSelectorType: 'PRODUCER_TIMESTAMP',
    startTimestamp: 1_700_000_000_500,
    endTimestamp: new Date(1_700_000_060_000),
    containerFormat: 'MPEG_TS',
    discontinuityMode: 'NEVER',
    displayFragmentTimestamp: true,
    expires: 10 * MINUTE,
    maxMediaPlaylistFragmentResults: 100,
  });
  assert.is(hls.url, 'https://b-1.example/0');
  assert.ok(Math.abs(hls.expiresAt - before - 10 * MINUTE) < 2000);
  const dash = await consumer.getDashUrl({ streamName: 'cam', displayFragmentNumber: false });
  assert.is(dash.url, 'https://b-1.example/0');
  assert.equal(requests, [
    {
      path: '/getHLSStreamingSessionURL',
      input: {
        StreamName: 'cam',
        PlaybackMode: 'ON_DEMAND',
        HLSFragmentSelector: {
          FragmentSelectorType: 'PRODUCER_TIMESTAMP',
          TimestampRange: { StartTimestamp: 1_700_000_000.5, EndTimestamp: 1_700_000_060 },
        },
        ContainerFormat: 'MPEG_TS',
        DiscontinuityMode: 'NEVER',
        DisplayFragmentTimestamp: 'ALWAYS',
        Expires: 600,
        MaxMediaPlaylistFragmentResults: 100,
      },
    },
    {
      path: '/getDASHStreamingSessionURL',
      input: {
        StreamName: 'cam',
        PlaybackMode: 'LIVE',
        DisplayFragmentNumber: 'NEVER',
        Expires: 300,
      },
    },
  ]);
});

const REFUSED: readonly [options: HlsSessionOptions & DashSessionOptions, message: RegExp][] = [
  [{ streamName: '' }, /^Expected a stream name/],
  [{ streamName: 'cam', playbackMode: 'ON_DEMAND' }, /a time with ON_DEMAND for startTimestamp/],
  [
    { streamName: 'cam', playbackMode: 'ON_DEMAND', startTimestamp: 5 },
    /a time with ON_DEMAND for endTimestamp/,
  ],
  [{ streamName: 'cam', startTimestamp: 5 }, /no time with LIVE for startTimestamp/],
  [{ streamName: 'cam', expires: 300 }, /milliseconds from 300000 to 43200000 for expires/],
  [
    { streamName: 'cam', playbackMode: 'ON_DEMAND', startTimestamp: 9, endTimestamp: 5 },
    /not before startTimestamp/,
  ],
  [
    { streamName: 'cam', playbackMode: 'LIVE_REPLAY', startTimestamp: new Date('no') },
    /a valid Date for startTimestamp/,
  ],
];

for (const [options, message] of REFUSED) {
  test(`refused without a call: ${message.source}`, async (t) => {
    const { consumer, requests } = await startWith(t);
    for (const work of [consumer.getHlsUrl(options), consumer.getDashUrl(options)]) {
      assert.match((await failureOf(work)).message, message);
    }
    assert.is(requests.length, 0);
  });
}

test('what the service refuses names the stream and the remedy', async (t) => {
  const { consumer } = await startWith(t, (response) => {
    const message = 'No fragments found in the stream for the streaming request.';
    refuse(response, 'ResourceNotFoundException', message, 404);
  });
  const error = await failureOf(consumer.getHlsUrl({ streamName: 'cam' }));
  assert.is(error.code, 'STATUS_NOT_FOUND');
  assert.match(error.message, /^Stream "cam" in us-west-2 has no fragments for GetHLSStreaming/);
});

type Opener = (
  consumer: KinesisVideoConsumer,
  renewBefore: number,
) => ReturnType<KinesisVideoConsumer['openHlsSession']>;

const OPENERS: Readonly<Record<string, Opener>> = {
  HLS: (consumer, renewBefore) => consumer.openHlsSession({ streamName: 'cam', renewBefore }),
  DASH: (consumer, renewBefore) => consumer.openDashSession({ streamName: 'cam', renewBefore }),
};

for (const [kind, openSession] of Object.entries(OPENERS)) {
  test(`the URL of a session of ${kind} is renewed before it expires`, async (t) => {
    const { consumer, requests } = await startWith(t);
    const session = await openSession(consumer, 5 * MINUTE - 300);
    assert.is(session.url, 'https://b-1.example/0');
    for (const url of ['https://b-1.example/1', 'https://b-1.example/2']) {
      const [renewed] = (await once(session, 'renewed')) as [PlaybackUrl];
      assert.is(renewed.url, url);
      assert.is(session.url, url);
      assert.is(session.expiresAt, renewed.expiresAt);
    }
    session.close();
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.is(requests.length, 3);
  });
}

test('a renewal that fails for a while is tried again, one that is refused for good is told', async (t) => {
  const { consumer, requests } = await startWith(t, (response, request, count) => {
    if (count === 1) {
      refuse(response, 'ResourceNotFoundException', 'No fragments found in the stream', 404);
    } else if (count < 3) void ANSWER(response, request, count);
    else refuse(response, 'NotAuthorizedException', 'no', 401);
  });
  const session = await consumer.openHlsSession({
    streamName: 'cam',
    renewBefore: 5 * MINUTE - 1,
  });
  const [renewed] = (await once(session, 'renewed')) as [PlaybackUrl];
  assert.is(renewed.url, 'https://b-1.example/2');
  const [error] = (await once(session, 'failed')) as [KinesisVideoError];
  assert.is(error.code, 'STATUS_SERVICE_CALL_NOT_AUTHORIZED_ERROR');
  assert.is(requests.length, 4);
});

test('a session ends with its signal and with the consumer', async (t) => {
  const { consumer, requests } = await startWith(t);
  const stop = new AbortController();
  const renewBefore = 5 * MINUTE - 1;
  const options = { streamName: 'cam', renewBefore, signal: stop.signal };
  await consumer.openHlsSession(options);
  stop.abort();
  await consumer.openHlsSession({ streamName: 'cam', renewBefore });
  consumer.close();
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.is(requests.length, 2);
});

test('a URL is not asked for with a signal that is aborted', async (t) => {
  const { consumer, requests } = await startWith(t);
  const reason = new Error('enough');
  const signal = AbortSignal.abort(reason);
  const error = await consumer
    .getHlsUrl({ streamName: 'cam', signal })
    .catch((thrown: unknown) => thrown);
  assert.is(error, reason);
  assert.is(requests.length, 0);
});

test('a session that is closed is let go of, though the consumer stays open', async (t) => {
  const { consumer } = await startWith(t);
  const open = async (): Promise<WeakRef<object>> => {
    const session = await consumer.openHlsSession({ streamName: 'cam' });
    session.close();
    return new WeakRef(session);
  };
  const closed = await open();
  await collectGarbage();
  assert.is(closed.deref(), undefined);
});
