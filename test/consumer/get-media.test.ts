import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import type { KinesisVideoConsumer, LiveFragment, MediaStart } from '../../ts/consumer/index.js';
import { KinesisVideoError } from '../../ts/index.js';
import type { LocalKinesisVideo } from '../../ts/local/index.js';
import { startWithStream } from '../local/support/endpoint.js';
import { listFragments } from '../local/support/fragments.js';
import { putMedia, TestPutMedia } from '../local/support/put-media.js';
import { cluster, liveHeader, liveStream, simpleBlock, tags } from '../parser/support/mkv.js';
import { suite, type TestContext } from '../support/suite.js';
import { CuttingProxy, makeConsumer } from './support/consumer.js';

const test = suite('getMedia', { timeout: 20_000 });

/** Start of the producer in the tests' PutMedia, in milliseconds. */
const START = 1_735_787_045_250;
const QUICK = { getMediaTimeout: 150 };

/** An endpoint with a stream, and a consumer of it. */
async function start(t: TestContext, lifeOf?: (connection: number) => number) {
  const { local } = await startWithStream(t, QUICK);
  const proxy = await CuttingProxy.start(t, local.endpoint, lifeOf);
  const consumer = makeConsumer(t, local.endpoint, { dataEndpoint: proxy.endpoint });
  return { local, proxy, consumer };
}

/** Media of fragments that begin at these times, each with 3 frames 100 ms apart. */
function media(times: readonly number[], frameSize = 500): Buffer {
  const clusters = times.map((time, index) =>
    cluster(
      time,
      ...[0, 100, 200].map((relative, frame) =>
        simpleBlock(1, relative, Buffer.alloc(frameSize, index * 3 + frame)),
      ),
    ),
  );
  return Buffer.concat([liveHeader(), ...clusters]);
}

interface Seen {
  readonly number: string;
  /** Times since the start of the producer. */
  readonly frames: readonly number[];
  readonly first: number;
}

async function readFragment(fragment: LiveFragment): Promise<Seen> {
  const frames: number[] = [];
  let first = -1;
  for await (const frame of fragment.frames()) {
    frames.push((frame.producerTimestamp ?? 0) - START);
    if (first < 0) first = frame.data[0] ?? -1;
  }
  assert.is(fragment.state, 'whole');
  return { number: fragment.fragmentNumber, frames, first };
}

/** Reads what is there for now. */
async function readAll(consumer: KinesisVideoConsumer, from: MediaStart): Promise<Seen[]> {
  const seen: Seen[] = [];
  for await (const fragment of consumer.getMedia({
    streamName: 'cam',
    start: from,
    endless: false,
  })) {
    seen.push(await readFragment(fragment));
  }
  return seen;
}

async function numbersOf(local: LocalKinesisVideo): Promise<string[]> {
  const fragments = await listFragments(local);
  return fragments.map(({ FragmentNumber }) => FragmentNumber);
}

/** The next fragment of a reading. */
async function next(reading: AsyncGenerator<LiveFragment, void>): Promise<LiveFragment> {
  const { value } = await reading.next();
  assert.ok(value);
  return value;
}

test('fragments come with number, times, tracks, tags and frames', async (t) => {
  const { local, consumer } = await start(t);
  const upload = Buffer.concat([media([0, 1000]), tags({ place: 'door' })]);
  await putMedia(t, local, upload);
  const reading = consumer.getMedia({ streamName: 'cam', start: 'earliest', endless: false });
  const first = await next(reading);
  const [number] = await numbersOf(local);
  assert.is(first.fragmentNumber, number);
  assert.is(first.producerTimestamp, START);
  assert.ok(Math.abs((first.serverTimestamp ?? 0) - Date.now()) < 10_000);
  assert.is(first.tracks[0]?.codecId, 'V_MPEG4/ISO/AVC');
  assert.is(first.gapBefore, undefined);
  assert.equal(await readFragment(first), { number, frames: [0, 100, 200], first: 0 });
  const second = await next(reading);
  const end = await second.finish();
  assert.equal(end.tags, [{ name: 'place', value: 'door' }]);
  assert.type(end.millisBehindNow, 'number');
  assert.is(end.continuationToken, second.fragmentNumber);
  assert.is(end.duration, 300);
  assert.is((await reading.next()).done, true);
});

test('frames come long before their fragment ends', async (t) => {
  const { local, consumer } = await start(t);
  const upload = await TestPutMedia.open(t, local);
  await upload.write(media([0]));
  const reading = consumer.getMedia({ streamName: 'cam', start: 'now' });
  const fragment = await next(reading);
  const frames = fragment.frames();
  assert.is((await frames.next()).value?.timestamp, 0);
  assert.is((await frames.next()).value?.timestamp, 100);
  assert.is(fragment.state, 'open');
  await frames.next();
  const fourth = frames.next();
  assert.is(await Promise.race([fourth, sleep(100, 'waits')]), 'waits');
  await upload.write(simpleBlock(1, 300, Buffer.alloc(9, 9)));
  const { value } = await fourth;
  assert.is(value?.data.length, 9);
  await reading.return();
});

const STARTS: readonly [name: string, of: (numbers: string[]) => MediaStart, count: number][] = [
  ['the oldest fragment', () => 'earliest', 4],
  ['the newest fragment', () => 'now', 1],
  ['the one behind a fragment', ([, second = '']) => ({ afterFragment: second }), 2],
  ['the one behind a token', ([first = '']) => ({ continuationToken: first }), 3],
  ['a time of the producer', () => ({ producerTimestamp: START + 2100 }), 2],
  ['a time of the service', () => ({ serverTimestamp: new Date(1_000_000) }), 4],
];

for (const [name, of, count] of STARTS) {
  test(`reading begins with ${name}`, async (t) => {
    const { local, consumer } = await startStream(t);
    const numbers = await numbersOf(local);
    const seen = await readAll(consumer, of(numbers));
    assert.equal(
      seen.map(({ number }) => number),
      numbers.slice(4 - count),
    );
  });
}

async function startStream(t: TestContext) {
  const parts = await start(t);
  await putMedia(t, parts.local, media([0, 1000, 2000, 3000]));
  return parts;
}

test('each frame comes once, wherever connections are cut', async (t) => {
  let seed = 7;
  const lifeOf = (): number => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    return 200 + (seed % 9000);
  };
  const { local, proxy, consumer } = await start(t, lifeOf);
  const times = Array.from({ length: 12 }, (_, index) => index * 300);
  await putMedia(t, local, media(times, 1500));
  const numbers = await numbersOf(local);
  const seen: Seen[] = [];
  for await (const fragment of consumer.getMedia({ streamName: 'cam', start: 'earliest' })) {
    assert.is(fragment.gapBefore, undefined);
    seen.push(await readFragment(fragment));
    if (seen.length === times.length) break;
  }
  assert.equal(
    seen,
    times.map((time, index) => ({
      number: numbers[index],
      frames: [time, time + 100, time + 200],
      first: index * 3,
    })),
  );
  assert.ok(proxy.connections > 5, `${proxy.connections} connections`);
});

test('each byte comes once, wherever connections are cut', async (t) => {
  const { local, proxy, consumer } = await start(t, (index) => 700 + index * 371);
  await putMedia(t, local, media([0, 300, 600], 1500));
  const direct = makeConsumer(t, local.endpoint);
  const read = async (from: KinesisVideoConsumer): Promise<string[]> => {
    const texts: string[] = [];
    for await (const fragment of from.getMedia({ streamName: 'cam', start: 'earliest' })) {
      const bytes = Buffer.from(await fragment.data());
      // How far the reader is behind is another matter each time, and of another length.
      const end = bytes.indexOf('AWS_KINESISVIDEO_MILLIS_BEHIND_NOW') - 40;
      assert.ok(end > 4500);
      texts.push(createHash('sha256').update(bytes.subarray(0, end)).digest('hex'));
      if (texts.length === 3) break;
    }
    return texts;
  };
  assert.equal(await read(consumer), await read(direct));
  assert.ok(proxy.connections > 3, `${proxy.connections} connections`);
});

test('reading goes on after a pause of the producer, and a gap in time is told', async (t) => {
  const { local, consumer } = await start(t);
  await putMedia(t, local, media([0]));
  const reading = consumer.getMedia({ streamName: 'cam', start: 'earliest' });
  const first = await readFragment(await next(reading));
  const waiting = reading.next();
  await sleep(500);
  await putMedia(t, local, media([0, 300]), {
    headers: { 'x-amzn-producer-start-timestamp': String((START + 60_000) / 1000) },
  });
  const { value: second } = await waiting;
  assert.ok(second);
  assert.equal(second.gapBefore, {
    reason: 'time',
    from: { fragmentNumber: first.number, timestamp: START + 300 },
    to: { fragmentNumber: second.fragmentNumber, timestamp: START + 60_000 },
    duration: 59_700,
  });
  assert.is((await next(reading)).gapBefore, undefined);
  await reading.return();
});

test('a fragment that the producer leaves in the middle is cut, and the gap is told', async (t) => {
  const { local, consumer } = await start(t);
  const upload = await TestPutMedia.open(t, local);
  await upload.write(media([0]));
  const reading = consumer.getMedia({ streamName: 'cam', start: 'now' });
  const first = await next(reading);
  const frames = first.frames();
  for (let count = 0; count < 3; count += 1) await frames.next();
  const rest = frames.next();
  upload.destroy();
  await sleep(300);
  await putMedia(t, local, media([0]), {
    headers: { 'x-amzn-producer-start-timestamp': String((START + 500) / 1000) },
  });
  assert.is((await rest).done, true);
  assert.is(first.state, 'cut');
  assert.is(first.end?.frames, 3);
  const second = await next(reading);
  assert.is(second.gapBefore?.reason, 'cut');
  assert.equal(second.gapBefore?.from, {
    fragmentNumber: first.fragmentNumber,
    timestamp: START + 200,
  });
  await reading.return();
});

test('it waits for its turn where there are too many readers', async (t) => {
  const { local, consumer } = await startStream(t);
  const upload = await TestPutMedia.open(t, local);
  await upload.write(liveStream([0]));
  const others = [1, 2, 3].map(() => consumer.getMedia({ streamName: 'cam' }));
  await Promise.all(others.map(next));
  const fourth = consumer.getMedia({ streamName: 'cam' });
  const waiting = next(fourth);
  assert.is(await Promise.race([waiting, sleep(300, 'waits')]), 'waits');
  await others[0]?.return();
  await waiting;
  for (const reading of [...others, fourth]) await reading.return();
});

test('a slow reader is sent less', async (t) => {
  const { local, proxy, consumer } = await start(t);
  const times = Array.from({ length: 8 }, (_, index) => index * 300);
  await putMedia(t, local, media(times, 1_000_000));
  const reading = consumer.getMedia({ streamName: 'cam', start: 'earliest' });
  await next(reading);
  await sleep(300);
  assert.ok(proxy.received < 12_000_000, `${proxy.received} of 24 MB have come`);
  await reading.return();
});

test('leaving the loop and aborting end the connection', async (t) => {
  const { proxy, consumer } = await startStream(t);
  for await (const fragment of consumer.getMedia({ streamName: 'cam', start: 'earliest' })) {
    await fragment.finish();
    break;
  }
  await sleep(50);
  assert.is(proxy.open, 0);
  const stop = new AbortController();
  const reading = consumer.getMedia({ streamName: 'cam', start: 'now', signal: stop.signal });
  const fragment = await next(reading);
  await fragment.finish();
  const waiting = reading.next();
  const reason = new Error('enough');
  stop.abort(reason);
  assert.is(await waiting.catch((error: unknown) => error), reason);
  await sleep(50);
  assert.is(proxy.open, 0);
});

test('closing the consumer ends a reading that waits', async (t) => {
  const { proxy, consumer } = await startStream(t);
  const reading = consumer.getMedia({ streamName: 'cam', start: 'now' });
  await (await next(reading)).finish();
  const waiting = reading.next().catch((error: unknown) => error);
  await sleep(50);
  consumer.close();
  assert.match(String(await waiting), /is closed/);
  assert.is(proxy.open, 0);
});

test('a fragment that was passed over cannot be read any more', async (t) => {
  const { consumer } = await startStream(t);
  const reading = consumer.getMedia({ streamName: 'cam', start: 'earliest' });
  const first = await next(reading);
  await next(reading);
  assert.is(first.state, 'whole');
  const late = await first.data().catch((error: unknown) => error);
  assert.match(String(late), /has been read or passed over already/);
  await reading.return();
});

test('what no repetition can mend rejects', async (t) => {
  const { consumer } = await start(t);
  const failureOf = async (work: () => Promise<unknown>): Promise<KinesisVideoError> => {
    const error = await work().catch((thrown: unknown) => thrown);
    assert.instance(error, KinesisVideoError);
    return error as KinesisVideoError;
  };
  const missing = await failureOf(() => consumer.getMedia({ streamName: 'none' }).next());
  assert.is(missing.code, 'STATUS_SERVICE_CALL_RESOURCE_NOT_FOUND_ERROR');
  const nobody = makeConsumer(t, 'http://127.0.0.1:9', { requestTimeout: 1000 });
  const lost = await failureOf(() => nobody.getMedia({ streamName: 'cam' }).next());
  assert.is(lost.retryable, true);
  consumer.close();
  const closed = await failureOf(() => consumer.getMedia({ streamName: 'cam' }).next());
  assert.match(closed.message, /consumer is closed/);
});

test('options that make no sense are refused', (t) => {
  const consumer = makeConsumer(t, 'http://127.0.0.1:9');
  const refused = (options: object): string => {
    try {
      consumer.getMedia(options as { streamName: string });
    } catch (error) {
      return (error as Error).message;
    }
    throw new Error('it was accepted');
  };
  assert.match(refused({}), /^Expected a stream name of 1 to 256 letters.* for streamName/);
  assert.match(refused({ streamName: 'cam', begin: 'now' }), /Unknown option "begin"/);
  assert.match(refused({ streamName: 'cam', start: 'first' }), /'earliest', 'now' or an object/);
  const two = { afterFragment: '1', continuationToken: 'a' };
  assert.match(refused({ streamName: 'cam', start: two }), /an object with one of/);
  const word = { afterFragment: 'first' };
  assert.match(refused({ streamName: 'cam', start: word }), /for start\.afterFragment/);
});
