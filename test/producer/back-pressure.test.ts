import * as assert from 'uvu/assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KinesisVideoClient, type Frame } from '../../ts/index.js';
import { startLocalKinesisVideo } from './support/local.js';
import { collectGarbage } from '../addon/support/native.js';
import { suite } from '../support/suite.js';
import {
  collect,
  failureOf,
  makeClient,
  makeStream,
  MIB,
  putAll,
  until,
} from './support/client.js';
import { startFake, type FakeUpload } from './support/fake-service.js';
import { definition, frames, START, VIDEO_TRACK } from './support/media.js';

const test = suite('producer back-pressure', { timeout: 30_000 });

const readAndAck = (upload: FakeUpload): void => {
  upload.readAndAck();
};
const sayNothing = (upload: FakeUpload): void => {
  upload.accept();
  upload.read();
};
/** More than the 10 MiB store holds: 200 frames of 100 kB in fragments of 1 MB. */
const MUCH = { count: 200, size: 100_000 };

/** Bytes of all that is no garbage; when what is gets back to the system is not ours to say. */
async function memoryHeld(): Promise<number> {
  await collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

test('an offline stream waits for room, loses nothing and keeps its memory', async (t) => {
  const local = await startLocalKinesisVideo({ ingestRate: 20 * MIB });
  t.after(() => local.close());
  const stream = await makeStream(t, local.endpoint, { streamingType: 'offline' });
  const media = frames({ count: 100, size: 100_000 });
  await putAll(stream, media);
  const before = await memoryHeld();
  let peak = before;
  for (let round = 1; round <= 5; round += 1) {
    const start = (media.at(-1)?.presentationTs ?? 0) + round * 100_000;
    for (const [index, frame] of media.entries()) {
      await stream.put({ ...frame, presentationTs: start + index * 100 });
    }
    peak = Math.max(peak, await memoryHeld());
  }
  const result = await stream.stop();
  assert.is(result.complete, true);
  assert.is(result.deliveredFrames, 600);
  assert.is(result.droppedFrames.total, 0);
  assert.ok(peak - before < 20 * MIB, `the process grew by ${(peak - before) / MIB} MiB`);
});

test('putFrame of an offline stream throws when there is no room', async (t) => {
  const fake = await startFake(t, sayNothing);
  const stream = await makeStream(t, fake.endpoint, { streamingType: 'offline' });
  const error = await failureOf(() => {
    for (const frame of frames(MUCH)) stream.putFrame(frame);
  });
  assert.is(error.code, 'STATUS_STORE_OUT_OF_MEMORY');
  assert.is(error.retryable, true);
  assert.match(error.message, /Stream "cam" did not take the frame of 100000 bytes at \d+ ms/);
});

test('a realtime stream drops its oldest fragments and tells so', async (t) => {
  const fake = await startFake(t, sayNothing);
  const stream = await makeStream(t, fake.endpoint);
  const frameDrops = collect(stream, 'droppedFrame');
  const fragmentDrops = collect(stream, 'droppedFragment');
  for (const frame of frames(MUCH)) stream.putFrame(frame);
  assert.is(frameDrops.length, 0, 'events come in a turn of their own');
  // A thread of its own may have sent some of them by now, which are given up with their session.
  const told = (): number => frameDrops.reduce((sum, [drop]) => sum + drop.frames, 0);
  await until(t, () => told() + stream.metrics.awaitedFrames >= 90);
  // Drops are counted at once, and told in a later turn.
  await until(t, () => told() === stream.metrics.droppedFrames.total);
  assert.ok(fragmentDrops.every(([drop]) => drop.reason === 'store-pressure'));
  const result = await stream.stop({ timeout: 100 });
  assert.is(result.deliveredFrames + result.droppedFrames.total + result.undeliveredFrames, 200);
});

test('what does not fit into the store goes to the spill and is delivered from there', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kvs-spill-'));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  let listen: (() => void) | undefined;
  const fake = await startFake(t, (upload) => {
    listen = () => {
      upload.readAndAck();
    };
  });
  const options = { spillDirectory: folder, spillSize: 100 * MIB };
  const client = makeClient(t, fake.endpoint, options);
  const stream = await client.createStream(definition());
  const media = frames({ count: 300, size: 100_000 });
  for (const frame of media) stream.putFrame(frame);
  assert.ok(client.metrics.spillAllocated > 15 * MIB);
  await fake.upload(0);
  listen?.();
  const result = await stream.stop();
  assert.is(result.complete, true);
  assert.is(result.deliveredFrames, 300);
  assert.is(result.droppedFrames.total, 0);
  const body = Buffer.concat(fake.uploads[0]?.chunks ?? []);
  for (const { data } of media) assert.ok(body.includes(Buffer.from(data)), 'as it was put');
});

test('a folder for the spill that does not exist is refused with its name', async () => {
  const make = (): unknown =>
    new KinesisVideoClient({ region: 'us-west-2', spillDirectory: '/no/such/folder' });
  const error = await failureOf(make);
  assert.is(error.code, 'STATUS_OPEN_FILE_FAILED');
  assert.match(
    error.message,
    /in the spillDirectory "\/no\/such\/folder": give a folder that exists/,
  );
});

test('a realtime stream that must not drop throws instead', async (t) => {
  const fake = await startFake(t, sayNothing);
  const stream = await makeStream(t, fake.endpoint, { storePressurePolicy: 'fail' });
  const error = await failureOf(() => putAll(stream, frames(MUCH)));
  assert.is(error.code, 'STATUS_STORE_OUT_OF_MEMORY');
});

test('a frame larger than the store is refused at once, also by put', async (t) => {
  const fake = await startFake(t, sayNothing);
  const stream = await makeStream(t, fake.endpoint, { streamingType: 'offline' });
  const error = await failureOf(() => putAll(stream, frames({ count: 1, size: 11 * MIB })));
  assert.is(error.code, 'STATUS_INVALID_ALLOCATION_SIZE');
});

test('a put that waits ends with its time, its signal, or the stream', async (t) => {
  const fake = await startFake(t, sayNothing);
  const stream = await makeStream(t, fake.endpoint, { streamingType: 'offline' });
  let frame: Frame | undefined;
  const failure = await failureOf(async () => {
    for (frame of frames(MUCH)) await stream.put(frame, { timeout: 200 });
  });
  assert.is(failure.code, 'STATUS_OPERATION_TIMED_OUT');
  assert.match(failure.message, /no room for the frame within 200 ms/);
  if (frame === undefined) throw new Error('no frame');
  const late = frame;

  const reason = new Error('enough');
  const aborted = stream.put(late, { signal: AbortSignal.abort(reason) });
  assert.is(await aborted.catch((error: unknown) => error), reason);
  const controller = new AbortController();
  const waiting = stream.put(late, { signal: controller.signal });
  setTimeout(() => {
    controller.abort(reason);
  }, 20);
  assert.is(await waiting.catch((error: unknown) => error), reason);

  const interrupted = failureOf(() => stream.put(late));
  await stream.stop({ timeout: 50 });
  assert.is((await interrupted).code, 'STATUS_BLOCKING_PUT_INTERRUPTED_STREAM_TERMINATED');
});

test('a put that waits ends when the stream fails or is destroyed', async (t) => {
  const denied = await startFake(t, (upload) => {
    setTimeout(() => {
      upload.refuse(403, 'AccessDeniedException');
    }, 200);
  });
  const failing = await makeStream(t, denied.endpoint, { streamingType: 'offline' });
  const failed = await failureOf(() => putAll(failing, frames(MUCH)));
  assert.is(failed.code, 'STATUS_SERVICE_CALL_NOT_AUTHORIZED_ERROR');

  const fake = await startFake(t, sayNothing);
  const stream = await makeStream(t, fake.endpoint, { streamingType: 'offline' });
  const waiting = failureOf(() => putAll(stream, frames(MUCH)));
  await new Promise((resolve) => setTimeout(resolve, 200));
  stream.destroy();
  assert.is((await waiting).code, 'STATUS_STREAM_HAS_BEEN_STOPPED');
});

test('puts that wait are served in the order in which they came', async (t) => {
  const fake = await startFake(t, readAndAck);
  const stream = await makeStream(t, fake.endpoint, { streamingType: 'offline' });
  // Frames out of order would be refused, since decoding times cannot run backwards.
  await Promise.all(frames(MUCH).map((frame) => stream.put(frame)));
  assert.is((await stream.stop()).deliveredFrames, 200);
});

const AUDIO_TRACK = { codec: 'aac', trackId: 2, samplingFrequency: 48_000, channels: 2 };

/** Sound of a frame each 100 ms. */
function sounds(count: number): Frame[] {
  return Array.from({ length: count }, (_, index) => ({
    data: Buffer.alloc(200, 1),
    trackId: 2,
    keyFrame: true,
    presentationTs: START + index * 100 + 3,
  }));
}

test('two sources of an offline stream, each as fast as it can, lose nothing', async (t) => {
  const local = await startLocalKinesisVideo({ ingestRate: 30 * MIB });
  t.after(() => local.close());
  const tracks = [VIDEO_TRACK, AUDIO_TRACK];
  const stream = await makeStream(t, local.endpoint, { streamingType: 'offline', tracks });
  await Promise.all([
    putAll(stream, frames({ count: 300, size: 100_000 })),
    putAll(stream, sounds(300)),
  ]);
  const result = await stream.stop();
  assert.is(result.droppedFrames.total, 0);
  assert.is(result.deliveredFrames, 600);
});

test('a source of an offline stream that ends early holds up the other one once', async (t) => {
  const fake = await startFake(t, readAndAck);
  const tracks = [VIDEO_TRACK, AUDIO_TRACK];
  const stream = await makeStream(t, fake.endpoint, { streamingType: 'offline', tracks });
  const started = performance.now();
  await Promise.all([putAll(stream, frames({ count: 100 })), putAll(stream, sounds(15))]);
  const waited = performance.now() - started;
  assert.ok(waited > 900 && waited < 4000, `${waited} ms`);
  const result = await stream.stop();
  assert.is(result.droppedFrames.total, 0);
  assert.is(result.deliveredFrames, 115);
});

test('two offline streams that share a store both finish', async (t) => {
  const local = await startLocalKinesisVideo();
  t.after(() => local.close());
  const client = makeClient(t, local.endpoint);
  const names = ['a', 'b'];
  const results = await Promise.all(
    names.map(async (streamName) => {
      const stream = await client.createStream(
        definition({ streamName, streamingType: 'offline' }),
      );
      await putAll(stream, frames(MUCH));
      return stream.stop();
    }),
  );
  for (const result of results) assert.is(result.deliveredFrames, 200);
});

test('an offline stream gets the room that another stream of its client makes', async (t) => {
  const fake = await startFake(t, readAndAck);
  const client = makeClient(t, fake.endpoint);
  const greedy = await client.createStream(
    definition({ streamName: 'greedy', streamingType: 'offline', highWaterMark: 20 * MIB }),
  );
  const modest = await client.createStream(
    definition({ streamName: 'modest', streamingType: 'offline' }),
  );
  const full = await failureOf(() => {
    for (const frame of frames(MUCH)) greedy.putFrame(frame);
  });
  assert.is(full.code, 'STATUS_STORE_OUT_OF_MEMORY');
  await putAll(modest, frames({ count: 10, size: 100_000 }));
  assert.is((await modest.stop()).deliveredFrames, 10);
});

test('putting one frame after the other leaves the rest of the process its turn', async (t) => {
  const fake = await startFake(t, readAndAck);
  const stream = await makeStream(t, fake.endpoint);
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 1);
  t.after(() => {
    clearInterval(timer);
  });
  await putAll(stream, frames({ count: 20_000, size: 50, interval: 1, gop: 100 }));
  assert.ok(turns > 2, `${turns} turns`);
});

test('frames that get the time of their put keep it while they wait, and whatever the clock does', async (t) => {
  const fake = await startFake(t, (upload) => {
    setTimeout(() => {
      upload.readAndAck();
    }, 300);
  });
  const changes = { streamingType: 'offline', frameTimecodes: false, highWaterMark: 1 } as const;
  const stream = await makeStream(t, fake.endpoint, changes);
  const { now } = Date;
  t.after(() => {
    Date.now = now;
  });
  const waiting: Promise<void>[] = [];
  for (const [index, frame] of frames({ count: 30 }).entries()) {
    // The clock is set back by an hour in the middle.
    const time = START + index * 100 - (index < 15 ? 0 : 3_600_000);
    Date.now = () => time;
    waiting.push(stream.put({ ...frame, presentationTs: 0 }));
  }
  Date.now = now;
  await Promise.all(waiting);
  const result = await stream.stop();
  assert.is(result.deliveredFrames, 30);
  assert.equal(fake.uploads[0]?.timecodes, [START, START + 1000, START + 2000]);
});
