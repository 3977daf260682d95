import * as assert from 'uvu/assert';
import type { Frame, StreamDefinition } from '../../ts/index.js';
import { startLocalKinesisVideo } from './support/local.js';
import { suite } from '../support/suite.js';
import { collect, failureOf, makeStream, MIB, putAll, until } from './support/client.js';
import { startFake, type FakeUpload } from './support/fake-service.js';
import { frames, START, VIDEO_TRACK } from './support/media.js';

const test = suite('producer events', { timeout: 20_000 });

const readAndAck = (upload: FakeUpload): void => {
  upload.readAndAck();
};
const sayNothing = (upload: FakeUpload): void => {
  upload.accept();
  upload.read();
};
const sleep = (milliseconds: number): Promise<unknown> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

const AUDIO_TRACK = { codec: 'aac', trackId: 2, samplingFrequency: 48_000, channels: 2 };
const BOTH: Partial<StreamDefinition> = { tracks: [VIDEO_TRACK, AUDIO_TRACK] };

/** Sound of a frame each 100 ms. */
function sounds(count: number, start = START): Frame[] {
  return Array.from({ length: count }, (_, index) => ({
    data: Buffer.alloc(20, 1),
    trackId: 2,
    keyFrame: true,
    presentationTs: start + index * 100,
    duration: 100,
  }));
}

test('a store that is nearly full is told with what is left', async (t) => {
  const fake = await startFake(t, sayNothing);
  const stream = await makeStream(t, fake.endpoint);
  const seen = collect(stream, 'storagePressure');
  await putAll(stream, frames({ count: 99, size: 100_000 }));
  assert.equal(seen, []);
  await putAll(stream, frames({ count: 10, size: 100_000, start: START + 10_000 }));
  await until(t, () => seen.length > 0);
  const [{ remaining } = { remaining: -1 }] = seen[0] ?? [];
  assert.ok(remaining >= 0 && remaining <= 0.05 * 10 * MIB, `${remaining} bytes`);
  assert.is(stream.metrics.pressures.storage, seen.length);
});

test('a buffer duration that is nearly used up is told with what is left', async (t) => {
  const fake = await startFake(t, sayNothing);
  const stream = await makeStream(t, fake.endpoint, { bufferDuration: 10_000 });
  const seen = collect(stream, 'bufferDurationPressure');
  await putAll(stream, frames({ count: 100 }));
  await until(t, () => seen.length > 0);
  const [{ remaining } = { remaining: -1 }] = seen[0] ?? [];
  assert.ok(remaining >= 0 && remaining <= 500, `${remaining} ms`);
  assert.is(stream.metrics.pressures.bufferDuration, seen.length);
});

for (const [streamingType, isTold] of [
  ['realtime', true],
  ['near-realtime', false],
] as const) {
  test(`media that pile up longer than maxLatency are ${isTold ? '' : 'not '}told in ${streamingType}`, async (t) => {
    // The service accepts and reads nothing: what does not fit into the socket waits.
    const fake = await startFake(t, (upload) => {
      upload.accept();
    });
    const stream = await makeStream(t, fake.endpoint, { streamingType, maxLatency: 3000 });
    const seen = collect(stream, 'latencyPressure');
    await putAll(stream, frames({ count: 90, size: 100_000 }));
    await sleep(100);
    assert.is(seen.length > 0, isTold);
    for (const [{ duration }] of seen) assert.ok(duration > 3000, `${duration} ms`);
    assert.is(stream.metrics.pressures.latency, seen.length);
  });
}

test('a service that owes an acknowledgement for too long is told, and given up', async (t) => {
  const fake = await startFake(t, sayNothing, readAndAck);
  const stream = await makeStream(t, fake.endpoint, { connectionStaleness: 1000 });
  const stale = collect(stream, 'connectionStale');
  const disconnected = collect(stream, 'disconnected');
  await putAll(stream, frames({ count: 30 }));
  await fake.upload(1);
  assert.is((await stream.stop()).complete, true);
  assert.is(stale.length, 1);
  const [{ duration } = { duration: 0 }] = stale[0] ?? [];
  assert.ok(duration >= 1000 && duration < 2000, `${duration} ms`);
  assert.is(disconnected[0]?.[0].error?.code, 'STATUS_OPERATION_TIMED_OUT');
  assert.is(stream.metrics.pressures.connectionStale, 1);
});

test('a source that falls silent has its last fragment stored, and goes on with a key frame', async (t) => {
  const local = await startLocalKinesisVideo({ idleTimeout: 1000 });
  t.after(() => local.close());
  const stream = await makeStream(t, local.endpoint, { idleTimeout: 300 });
  const underflows = collect(stream, 'underflow');
  const disconnected = collect(stream, 'disconnected');
  const media = frames({ count: 40 });
  await putAll(stream, media.slice(0, 15));
  // The open fragment too.
  await until(t, () => stream.metrics.framesDelivered === 15);
  assert.is(underflows.length, 1);
  // The service closes a connection on which nothing comes.
  await until(t, () => stream.state === 'idle');
  assert.equal(disconnected, [[{}]], 'which is no error');
  await putAll(stream, media.slice(15));
  const result = await stream.stop();
  assert.is(result.complete, true);
  assert.is(result.droppedFrames.awaitingKeyFrame, 5);
  assert.is(result.deliveredFrames, 35);
});

test('endFragment has the service store what it has, once for each fragment', async (t) => {
  const fake = await startFake(t, readAndAck);
  const stream = await makeStream(t, fake.endpoint);
  const code = async (): Promise<string> =>
    (
      await failureOf(() => {
        stream.endFragment();
      })
    ).code;
  assert.is(await code(), 'STATUS_CONTENT_VIEW_NO_MORE_ITEMS');
  const media = frames({ count: 20 });
  await putAll(stream, media.slice(0, 5));
  stream.endFragment();
  assert.is(await code(), 'STATUS_MULTIPLE_CONSECUTIVE_EOFR');
  await putAll(stream, media.slice(10));
  const result = await stream.stop();
  assert.is(result.deliveredFrames, 15);
  assert.equal(fake.uploads[0]?.timecodes, [START, START + 1000]);
  const body = Buffer.concat(fake.uploads[0]?.chunks ?? []).toString('latin1');
  assert.is(body.split('AWS_KINESISVIDEO_END_OF_FRAGMENT').length - 1, 1);
});

test('endFragment is refused where fragments are not cut by key frames', async (t) => {
  const fake = await startFake(t, readAndAck);
  const stream = await makeStream(t, fake.endpoint, { keyFrameFragmentation: false });
  await putAll(stream, frames({ count: 5 }));
  const { code } = await failureOf(() => {
    stream.endFragment();
  });
  assert.is(code, 'STATUS_END_OF_FRAGMENT_FRAME_INVALID_STATE');
});

test('a track that falls silent is left out and comes back with the next fragment, and the other one loses nothing', async (t) => {
  const local = await startLocalKinesisVideo();
  t.after(() => local.close());
  const stream = await makeStream(t, local.endpoint, BOTH);
  const tracks = collect(stream, 'track');
  const errors = collect(stream, 'disconnected');
  // A fragment is stretched by some seconds for a track that may only be late.
  const video = frames({ count: 300 });
  const audio = [...sounds(20), ...sounds(40, START + 26_000)];
  const all = [...video, ...audio].sort((a, b) => a.presentationTs - b.presentationTs);
  for (const [index, frame] of all.entries()) {
    stream.putFrame(frame);
    if (index % 20 === 0) await sleep(20);
  }
  const result = await stream.stop();
  assert.is(result.complete, true);
  // The track is not in the header under which the fragment is on its way that it comes back in.
  const { total, late } = result.droppedFrames;
  assert.ok(total === late && late <= 10, `${total} dropped, ${late} late`);
  assert.is(result.deliveredFrames, 360 - late);
  assert.equal(tracks, [[{ trackId: 2, present: false }], [{ trackId: 2, present: true }]]);
  // The fragment that was on its way when the sound ended is refused, and sent again without it.
  const codes = errors.flatMap(([{ error }]) => (error === undefined ? [] : [error.code]));
  assert.equal(codes, ['STATUS_ACK_ERR_FRAMES_MISSING_FOR_TRACK']);
});

test('sound and picture from two sources arrive in order, however they are put', async (t) => {
  const fake = await startFake(t, readAndAck);
  const stream = await makeStream(t, fake.endpoint, BOTH);
  const video = frames({ count: 60 });
  const audio = sounds(60);
  // The sound comes half a second late, and in bursts.
  for (const [index, frame] of video.entries()) {
    stream.putFrame(frame);
    if (index >= 5 && index % 4 === 1) {
      for (const sound of audio.splice(0, 4)) stream.putFrame(sound);
    }
  }
  for (const sound of audio) stream.putFrame(sound);
  const result = await stream.stop();
  assert.is(result.complete, true);
  assert.is(result.deliveredFrames, 120);
  assert.is(result.droppedFrames.total, 0);
  assert.equal(
    fake.uploads[0]?.timecodes,
    Array.from({ length: 6 }, (_, second) => START + second * 1000),
  );
});

test('metadata after the last fragment are told as dropped', async (t) => {
  const fake = await startFake(t, readAndAck);
  const stream = await makeStream(t, fake.endpoint);
  const seen = collect(stream, 'metadataDropped');
  await putAll(stream, frames({ count: 5 }));
  stream.endFragment();
  stream.putFragmentMetadata('too', 'late');
  assert.is((await stream.stop()).complete, true);
  assert.equal(seen, [[{ items: 1 }]]);
  assert.is(stream.metrics.droppedMetadata, 1);
});

test('frames whose times cannot go out are refused, dropped or mended, as the stream says', async (t) => {
  const media = frames({ count: 30 });
  const [early] = media;
  if (early === undefined) throw new Error('no frame');
  const backwards = [...media.slice(0, 15), { ...early, keyFrame: false }, ...media.slice(15)];
  for (const timestampPolicy of ['throw', 'drop', 'fix'] as const) {
    const fake = await startFake(t, readAndAck);
    const stream = await makeStream(t, fake.endpoint, { timestampPolicy });
    let thrown = 0;
    for (const frame of backwards) {
      try {
        stream.putFrame(frame);
      } catch {
        thrown += 1;
      }
    }
    const { deliveredFrames, droppedFrames, complete } = await stream.stop();
    assert.is(complete, true);
    const expected = { throw: [1, 0, 30], drop: [0, 1, 30], fix: [0, 0, 31] }[timestampPolicy];
    assert.equal([thrown, droppedFrames.timestamp, deliveredFrames], expected, timestampPolicy);
    assert.is(stream.metrics.fixedTimestamps > 0, timestampPolicy === 'fix');
  }
});

test('frames without times of their own get those of their put', async (t) => {
  const fake = await startFake(t, readAndAck);
  const stream = await makeStream(t, fake.endpoint, { frameTimecodes: false });
  const before = Date.now();
  for (const frame of frames({ count: 3, gop: 1 })) {
    stream.putFrame({ ...frame, presentationTs: 0 });
    await sleep(10);
  }
  assert.is((await stream.stop()).deliveredFrames, 3);
  const [first = 0] = fake.uploads[0]?.timecodes ?? [];
  assert.ok(first >= before && first <= Date.now(), `${first}`);
});

test('what a realtime stream replays is limited by replayDuration', async (t) => {
  for (const [replayDuration, expected] of [
    [0, 4],
    [2000, 2],
    [undefined, 0],
  ] as const) {
    const fake = await startFake(
      t,
      (upload) => {
        upload.accept();
        upload.read(() => {
          if (upload.timecodes.length === 5)
            setTimeout(() => {
              upload.reset();
            }, 50);
        });
      },
      readAndAck,
    );
    const stream = await makeStream(t, fake.endpoint, { replayDuration });
    await putAll(stream, frames({ count: 45 }));
    await fake.upload(1);
    const { droppedFrames, complete } = await stream.stop();
    assert.is(complete, true);
    assert.is(droppedFrames.replayDuration, expected * 10, String(replayDuration));
    assert.is(fake.uploads[1]?.timecodes[0], START + expected * 1000);
  }
});

test('a received fragment is not sent again when the service lives on and receipt is enough', async (t) => {
  for (const [replayPoint, first] of [
    ['received', START + 2000],
    ['persisted', START],
  ] as const) {
    const fake = await startFake(
      t,
      (upload) => {
        upload.accept();
        upload.read(() => {
          if (upload.timecodes.length < 3) return;
          upload.ack('RECEIVED', START);
          upload.ack('RECEIVED', START + 1000);
          upload.ack('ERROR', START + 2000, { ErrorId: 5000, ErrorCode: 'INTERNAL_ERROR' });
          upload.response.end();
        });
      },
      readAndAck,
    );
    const stream = await makeStream(t, fake.endpoint, { replayPoint });
    await putAll(stream, frames({ count: 30 }));
    await fake.upload(1);
    assert.is((await stream.stop()).complete, true);
    assert.is(fake.uploads[1]?.timecodes[0], first, replayPoint);
    assert.is(stream.metrics.fragmentsPresumed, replayPoint === 'received' ? 2 : 0);
  }
});
