/** What our consumer reads of the local endpoint is what the clients of the AWS SDK read of it. */
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import {
  GetClipCommand,
  GetDASHStreamingSessionURLCommand,
  GetHLSStreamingSessionURLCommand,
  GetImagesCommand,
  GetMediaForFragmentListCommand,
  KinesisVideoArchivedMediaClient,
  ListFragmentsCommand,
} from '@aws-sdk/client-kinesis-video-archived-media';
import { GetMediaCommand, KinesisVideoMediaClient } from '@aws-sdk/client-kinesis-video-media';
import * as assert from 'uvu/assert';
import { openMedia } from '../../ts/ingest/index.js';
import { KinesisVideoClient } from '../../ts/index.js';
import { readFragments, SegmentMerger } from '../../ts/parser/index.js';
import { CREDENTIALS, startWithStream } from '../local/support/endpoint.js';
import { suite, type TestContext } from '../support/suite.js';
import { requireTool } from '../support/tools.js';
import { makeConsumer } from './support/consumer.js';

const test = suite('The consumer and the AWS SDK', { timeout: 30_000 });

const START = Date.now() - 60_000;
const FILE = fileURLToPath(new URL('../fixtures/h264-aac.mp4', import.meta.url));

/** An endpoint that holds a file, our consumer, and the clients of the SDK. */
async function start(t: TestContext) {
  const { local } = await startWithStream(t, { getMediaTimeout: 150 });
  await upload(local.endpoint);
  const options = {
    endpoint: local.endpoint,
    region: local.region,
    credentials: CREDENTIALS,
    maxAttempts: 1,
  };
  const media = new KinesisVideoMediaClient(options);
  const archived = new KinesisVideoArchivedMediaClient(options);
  t.after(() => {
    media.destroy();
    archived.destroy();
  });
  return { media, archived, consumer: makeConsumer(t, local.endpoint) };
}

/** Sends the file with our producer. */
async function upload(endpoint: string): Promise<void> {
  const client = new KinesisVideoClient({
    endpoint,
    region: 'us-west-2',
    credentials: CREDENTIALS,
    storageSize: 10 * 1024 * 1024,
  });
  await using input = await openMedia(FILE);
  const stream = await client.createStream({
    streamName: 'cam',
    tracks: [...input.tracks],
    retentionPeriod: 24,
  });
  for await (const packet of input.packets()) {
    await stream.put({
      ...packet,
      presentationTs: START + packet.presentationTs,
      decodingTs: START + packet.decodingTs,
    });
  }
  await stream.stop();
  await client.close();
}

async function bytesOf(payload: unknown): Promise<Buffer> {
  return Buffer.concat((await (payload as Readable).toArray()) as Buffer[]);
}

/** The fragments of an answer, each without its last tags: how far behind a reader is differs. */
function fragmentsIn(answer: Uint8Array): string[] {
  const documents = Buffer.from(answer).toString('latin1').split('\u001a\u0045\u00df\u00a3');
  return documents
    .slice(1)
    .map((text) => text.slice(0, text.indexOf('AWS_KINESISVIDEO_MILLIS_BEHIND_NOW') - 40));
}

const RANGE = {
  FragmentSelectorType: 'PRODUCER_TIMESTAMP',
  TimestampRange: { StartTimestamp: new Date(START - 1000), EndTimestamp: new Date(START + 9000) },
} as const;

const OURS = {
  streamName: 'cam',
  fragmentSelectorType: 'PRODUCER_TIMESTAMP',
  startTimestamp: START - 1000,
  endTimestamp: START + 9000,
} as const;

test('live media are the same bytes, and our parser reads those of the SDK', async (t) => {
  const { media, consumer } = await start(t);
  const { Payload } = await media.send(
    new GetMediaCommand({ StreamName: 'cam', StartSelector: { StartSelectorType: 'EARLIEST' } }),
  );
  const theirs = await bytesOf(Payload);
  const ours: Uint8Array[] = [];
  const reading = consumer.getMedia({ streamName: 'cam', start: 'earliest', endless: false });
  for await (const fragment of reading) ours.push(await fragment.data());
  assert.ok(ours.length > 0);
  assert.equal(fragmentsIn(Buffer.concat(ours)), fragmentsIn(theirs));
  let frames = 0;
  for await (const fragment of readFragments(theirs)) {
    for await (const frame of fragment.frames()) frames += frame.data.length > 0 ? 1 : 0;
  }
  await using input = await openMedia(FILE);
  let packets = 0;
  for await (const packet of input.packets()) packets += packet.data.length > 0 ? 1 : 0;
  assert.is(frames, packets);
});

test('lists and fragments of a range are the same', async (t) => {
  const { archived, consumer } = await start(t);
  const { Fragments = [] } = await archived.send(
    new ListFragmentsCommand({ StreamName: 'cam', FragmentSelector: RANGE }),
  );
  const listed = [];
  for await (const info of consumer.listFragments(OURS)) listed.push(info);
  assert.equal(
    listed,
    Fragments.map((fragment) => ({
      fragmentNumber: fragment.FragmentNumber,
      serverTimestamp: fragment.ServerTimestamp?.getTime(),
      producerTimestamp: fragment.ProducerTimestamp?.getTime(),
      size: fragment.FragmentSizeInBytes,
      duration: fragment.FragmentLengthInMilliseconds,
    })),
  );
  const { Payload } = await archived.send(
    new GetMediaForFragmentListCommand({
      StreamName: 'cam',
      Fragments: listed.map(({ fragmentNumber }) => fragmentNumber),
    }),
  );
  const theirs = await bytesOf(Payload);
  const ours: Uint8Array[] = [];
  for await (const fragment of consumer.getFragments(OURS)) {
    assert.ok(fragment.frames().length > 0);
    ours.push(fragment.data());
  }
  assert.is(ours.length, listed.length);
  assert.ok(Buffer.concat(ours).equals(theirs), 'the same bytes');
  const merged: Uint8Array[] = [];
  const merger = new SegmentMerger((piece) => merged.push(piece));
  for (const data of ours) merger.push(data);
  merger.end();
  assert.is(merger.counts.fragments, ours.length);
});

test('a clip is the same file', async (t) => {
  const { archived, consumer } = await start(t);
  const { Payload, ContentType } = await archived.send(
    new GetClipCommand({ StreamName: 'cam', ClipFragmentSelector: RANGE }),
  );
  const { body, contentType } = await consumer.getClip(OURS);
  assert.is(contentType, ContentType);
  assert.ok((await bytesOf(body)).equals(await bytesOf(Payload)));
});

test('sessions for players play the same fragments', async (t) => {
  const { archived, consumer } = await start(t);
  const plain = async (url = ''): Promise<string> => {
    const text = await (await fetch(url)).text();
    return text.replace(/SessionToken=[^&"\n]+/g, '').replaceAll(/\w+="[\w:.-]+Z"/g, '');
  };
  const input = { StreamName: 'cam', PlaybackMode: 'ON_DEMAND' } as const;
  const hls = await archived.send(
    new GetHLSStreamingSessionURLCommand({ ...input, HLSFragmentSelector: RANGE }),
  );
  const ours = await consumer.getHlsUrl({ ...OURS, playbackMode: 'ON_DEMAND' });
  assert.match(await plain(ours.url), /^#EXTM3U/);
  assert.is(await plain(ours.url), await plain(hls.HLSStreamingSessionURL));
  const dash = await archived.send(
    new GetDASHStreamingSessionURLCommand({ ...input, DASHFragmentSelector: RANGE }),
  );
  const mpd = await consumer.getDashUrl({ ...OURS, playbackMode: 'ON_DEMAND' });
  assert.match(await plain(mpd.url), /<MPD/);
  assert.is(await plain(mpd.url), await plain(dash.DASHStreamingSessionURL));
});

test('images are the same files', async (t) => {
  requireTool(t, 'ffmpeg');
  const { archived, consumer } = await start(t);
  const { Images = [] } = await archived.send(
    new GetImagesCommand({
      StreamName: 'cam',
      ImageSelectorType: 'PRODUCER_TIMESTAMP',
      StartTimestamp: new Date(START),
      EndTimestamp: new Date(START + 5000),
      SamplingInterval: 1000,
      Format: 'JPEG',
      HeightPixels: 90,
    }),
  );
  const ours = [];
  for await (const image of consumer.getImages({
    streamName: 'cam',
    imageSelectorType: 'PRODUCER_TIMESTAMP',
    startTimestamp: START,
    endTimestamp: START + 5000,
    samplingInterval: 1000,
    heightPixels: 90,
  })) {
    ours.push(image);
  }
  assert.ok(ours.filter(({ data }) => data !== undefined).length >= 3);
  assert.equal(
    ours.map(({ timestamp, data, error }) => ({
      TimeStamp: new Date(timestamp),
      ImageContent: data && Buffer.from(data).toString('base64'),
      Error: error,
    })),
    Images.map(({ TimeStamp, ImageContent, Error }) => ({ TimeStamp, ImageContent, Error })),
  );
});
