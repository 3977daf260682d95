import type { ServerResponse } from 'node:http';
import * as assert from 'uvu/assert';
import type {
  ArchivedFragment,
  GetFragmentsOptions,
  MissingFragment,
} from '../../ts/consumer/index.js';
import { KinesisVideoError } from '../../ts/index.js';
import { startWithStream } from '../local/support/endpoint.js';
import { putMedia } from '../local/support/put-media.js';
import { liveHeader, liveStream, tags } from '../parser/support/mkv.js';
import { suite, type TestContext } from '../support/suite.js';
import { chunk, numberOf, START } from './support/chunks.js';
import { makeConsumer } from './support/consumer.js';
import { json, refuse, startFakeData, type FakeRequest } from './support/fake-service.js';

const test = suite('archived media', { timeout: 20_000 });

const RANGE = {
  streamName: 'cam',
  startTimestamp: START * 1000,
  endTimestamp: (START + 100_000) * 1000,
};

/** Answers one GetMediaForFragmentList; the indices are those of the fragments asked for. */
type Reader = (response: ServerResponse, indices: readonly number[], count: number) => void;

/** All of them, in no order. */
const ALL: Reader = (response, indices) => {
  response.writeHead(200, { 'content-type': 'video/webm' });
  response.end(Buffer.concat(shuffled(indices).map((index) => chunk(index))));
};

/** A fake of an archive with `count` fragments, of which some pages are listed in no order. */
async function startArchive(t: TestContext, count: number, read: Reader = ALL) {
  const indices = shuffled(Array.from({ length: count }, (_, index) => index));
  let active = 0;
  let mostActive = 0;
  const { endpoint, requests } = await startFakeData(t, async (response, request, nth) => {
    if (request.path === '/listFragments') {
      json(response, list(request, indices));
      return;
    }
    active += 1;
    mostActive = Math.max(mostActive, active);
    await new Promise((resolve) => setTimeout(resolve, 20));
    active -= 1;
    const asked = (request.input['Fragments'] as string[]).map((text) => Number(text) - 100);
    read(response, asked, nth);
  });
  const consumer = makeConsumer(t, endpoint, { dataEndpoint: endpoint });
  const reads = () => requests.filter(({ path }) => path === '/getMediaForFragmentList');
  return { consumer, requests, reads, mostActive: () => mostActive };
}

/** A page of the fragments of the range; the token holds the range, as a next page comes without it. */
function list({ input }: FakeRequest, indices: readonly number[]): object {
  const token = input['NextToken'] as string | undefined;
  const { TimestampRange: range } = (input['FragmentSelector'] ?? {}) as {
    TimestampRange: { StartTimestamp: number; EndTimestamp: number };
  };
  const [from, to, at] =
    token === undefined
      ? [range.StartTimestamp, range.EndTimestamp, 0]
      : (JSON.parse(Buffer.from(token, 'base64').toString()) as [number, number, number]);
  const all = indices.filter((index) => START + index >= from && START + index <= to);
  const size = input['MaxResults'] as number;
  const next = JSON.stringify([from, to, at + size]);
  return {
    Fragments: all.slice(at, at + size).map((index) => ({
      FragmentNumber: numberOf(index),
      FragmentSizeInBytes: 300_000,
      ProducerTimestamp: START + index,
      ServerTimestamp: START + index,
      FragmentLengthInMilliseconds: 1000,
    })),
    ...(at + size < all.length && { NextToken: Buffer.from(next).toString('base64') }),
  };
}

/** The same items in an order that is always the same. */
function shuffled<T>(items: readonly T[]): T[] {
  const rank = (index: number): number => (index * 7919 + 13) % 104_729;
  return items
    .map((item, index) => ({ item, rank: rank(index) }))
    .sort((one, other) => one.rank - other.rank)
    .map(({ item }) => item);
}

async function readAll(fragments: AsyncIterable<ArchivedFragment>): Promise<string[]> {
  const numbers: string[] = [];
  for await (const fragment of fragments) {
    assert.is(fragment.frames().length, 2);
    numbers.push(fragment.fragmentNumber);
  }
  return numbers;
}

function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, index) => numberOf(index));
}

test('fragments are listed in the order of their times, however many there are', async (t) => {
  const { consumer, requests } = await startArchive(t, 23_000);
  let count = 0;
  for await (const info of consumer.listFragments(RANGE)) {
    if (info.fragmentNumber !== numberOf(count)) assert.is(info.fragmentNumber, numberOf(count));
    if (count === 0) {
      assert.equal(info, {
        fragmentNumber: '100',
        serverTimestamp: START * 1000,
        producerTimestamp: START * 1000,
        size: 300_000,
        duration: 1000,
      });
    }
    count += 1;
  }
  assert.is(count, 23_000);
  assert.ok(requests.length < 100, `${requests.length} requests`);
});

test('the local endpoint lists what was put', async (t) => {
  const { local } = await startWithStream(t);
  await putMedia(t, local, liveStream([0, 1000, 2000]));
  const consumer = makeConsumer(t, local.endpoint);
  const found = [];
  for await (const info of consumer.listFragments({
    streamName: 'cam',
    fragmentSelectorType: 'PRODUCER_TIMESTAMP',
    startTimestamp: 1_735_787_045_250,
    endTimestamp: new Date(1_735_787_046_250),
  })) {
    found.push(info.producerTimestamp);
  }
  assert.equal(found, [1_735_787_045_250, 1_735_787_046_250]);
});

test('a range is read in order over several connections, in parts of bounded size', async (t) => {
  const { consumer, reads, mostActive } = await startArchive(t, 300);
  assert.equal(await readAll(consumer.getFragments(RANGE)), numbers(300));
  assert.is(mostActive(), 3);
  // 8 MiB hold 27 fragments of this size.
  assert.is(reads().length, 12);
});

test('no more is read than is taken', async (t) => {
  const { consumer, reads } = await startArchive(t, 600);
  const fragments = consumer.getFragments({ ...RANGE, concurrency: 2 });
  await fragments.next();
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.is(reads().length, 2);
  await fragments.return();
});

test('what a connection that is cut has not brought is asked for again', async (t) => {
  const { consumer, reads } = await startArchive(t, 40, (response, indices, count) => {
    if (count >= 4) {
      ALL(response, indices, count);
      return;
    }
    const media = Buffer.concat(indices.map((index) => chunk(index)));
    response.writeHead(200, { 'content-length': media.length });
    response.write(media.subarray(0, media.length * 0.6), () => response.destroy());
  });
  assert.equal(await readAll(consumer.getFragments(RANGE)), numbers(40));
  const asked = reads().map(({ input }) => (input['Fragments'] as string[]).length);
  assert.ok(asked.length > 4);
  assert.ok((asked.at(-1) ?? 0) < 20, String(asked));
});

test('fragments that are listed and not given are told in their place', async (t) => {
  const { consumer } = await startArchive(t, 5, (response, indices) => {
    const failure = tags({
      AWS_KINESISVIDEO_FRAGMENT_NUMBER: numberOf(1),
      AWS_KINESISVIDEO_EXCEPTION_ERROR_CODE: '4000',
      AWS_KINESISVIDEO_EXCEPTION_MESSAGE: 'it is gone',
    });
    const media = indices.flatMap((index) => {
      if (index === 1) return [liveHeader(), failure];
      return index === 3 ? [] : [chunk(index)];
    });
    response.writeHead(200).end(Buffer.concat(media));
  });
  const told: string[] = [];
  const onMissing = ({ info, error }: MissingFragment): void => {
    told.push(`${info.fragmentNumber} ${error?.message ?? 'left out'}`);
  };
  for await (const { fragmentNumber } of consumer.getFragments({ ...RANGE, onMissing })) {
    told.push(fragmentNumber);
  }
  assert.equal(told, ['100', '101 it is gone', '102', '103 left out', '104']);
  const error = await readAll(consumer.getFragments(RANGE)).catch((thrown: unknown) => thrown);
  assert.instance(error, KinesisVideoError);
  assert.match(
    String(error),
    /Fragment 101 of stream "cam" is listed but was not given \(error 4000 it is gone\)/,
  );
});

test('a part that does not come at all is told', async (t) => {
  const { consumer, reads } = await startArchive(t, 5, (response) => {
    refuse(response, 'NotAuthorizedException', 'no', 401);
  });
  const failure = await readAll(consumer.getFragments(RANGE)).catch((thrown: unknown) => thrown);
  assert.is(
    (failure as KinesisVideoError).code,
    'STATUS_SERVICE_CALL_NOT_AUTHORIZED_ERROR',
    String(failure),
  );
  assert.is(reads().length, 1);
});

test('a signal and leaving the loop end what is being read', async (t) => {
  const { consumer, reads } = await startArchive(t, 300, (response) => {
    response.writeHead(200).write(chunk(0));
  });
  const stop = new AbortController();
  const reading = readAll(consumer.getFragments({ ...RANGE, signal: stop.signal }));
  const reason = new Error('enough');
  setTimeout(() => {
    stop.abort(reason);
  }, 200);
  assert.is(await reading.catch((error: unknown) => error), reason);
  assert.ok(reads().length <= 3);
});

const REFUSED: readonly [options: Partial<GetFragmentsOptions>, message: RegExp][] = [
  [{ endTimestamp: 5 }, /a time that is not before startTimestamp for endTimestamp/],
  [{ concurrency: 9 }, /connections from 1 to 5 for concurrency/],
  [{ startTimestamp: NaN }, /milliseconds since the epoch or a valid Date for startTimestamp/],
];

for (const [options, message] of REFUSED) {
  test(`refused without a call: ${message.source}`, async (t) => {
    const { consumer, requests } = await startArchive(t, 5);
    assert.throws(() => consumer.getFragments({ ...RANGE, ...options }), message);
    assert.is(requests.length, 0);
  });
}

test('a clip comes as a stream with its type', async (t) => {
  const { endpoint, requests } = await startFakeData(t, (response) => {
    response.writeHead(200, { 'content-type': 'video/mp4' }).end('ftyp and so on');
  });
  const consumer = makeConsumer(t, endpoint, { dataEndpoint: endpoint });
  const { contentType, body } = await consumer.getClip(RANGE);
  assert.is(contentType, 'video/mp4');
  assert.is((await body.toArray()).join(''), 'ftyp and so on');
  assert.equal(requests[0]?.input, {
    StreamName: 'cam',
    ClipFragmentSelector: {
      FragmentSelectorType: 'SERVER_TIMESTAMP',
      TimestampRange: { StartTimestamp: START, EndTimestamp: START + 100_000 },
    },
  });
});

test('images come page by page, over spans that the service takes', async (t) => {
  const { endpoint, requests } = await startFakeData(t, (response, { input }) => {
    const isFirst = input['NextToken'] === undefined;
    const time = input['StartTimestamp'] as number;
    const image = Buffer.from('picture').toString('base64');
    json(response, {
      Images: isFirst
        ? [{ TimeStamp: time, ImageContent: image }]
        : [{ TimeStamp: time + 100, Error: 'NO_MEDIA' }],
      ...(isFirst && { NextToken: 'more' }),
    });
  });
  const consumer = makeConsumer(t, endpoint, { dataEndpoint: endpoint });
  const images = consumer.getImages({
    streamName: 'cam',
    startTimestamp: START * 1000,
    endTimestamp: (START + 400) * 1000,
    samplingInterval: 7000,
    jpegQuality: 50,
    heightPixels: 120,
  });
  const seen = [];
  for await (const { timestamp, data, error } of images) {
    seen.push([timestamp / 1000 - START, data && Buffer.from(data).toString(), error]);
    if (seen.length === 1) assert.is(requests.length, 1);
  }
  assert.equal(seen, [
    [0, 'picture', undefined],
    [100, undefined, 'NO_MEDIA'],
    [294, 'picture', undefined],
    [394, undefined, 'NO_MEDIA'],
  ]);
  assert.equal(requests[0]?.input, {
    StreamName: 'cam',
    ImageSelectorType: 'SERVER_TIMESTAMP',
    StartTimestamp: START,
    EndTimestamp: START + 293.999,
    SamplingInterval: 7000,
    Format: 'JPEG',
    FormatConfig: { JPEGQuality: '50' },
    HeightPixels: 120,
  });
  assert.throws(
    () => consumer.getImages({ ...RANGE, widthPixels: 100 }),
    /a height beside widthPixels/,
  );
});
