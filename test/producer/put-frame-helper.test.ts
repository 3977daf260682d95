import * as assert from 'uvu/assert';
import { PutFrameHelper } from '../../ts/index.js';
import { suite } from '../support/suite.js';
import { failureOf, makeStream } from './support/client.js';
import { startFake, type FakeUpload } from './support/fake-service.js';
import { frames, START, VIDEO_TRACK } from './support/media.js';

const test = suite('PutFrameHelper', { timeout: 20_000 });

const AUDIO_TRACK = { codec: 'aac', trackId: 7, samplingFrequency: 48_000, channels: 2 };
const tracks = [AUDIO_TRACK, { ...VIDEO_TRACK, trackId: 3 }];

const readAndAck = (upload: FakeUpload): void => {
  upload.readAndAck();
};

test('a camera and a microphone that know nothing of each other become one stream', async (t) => {
  const fake = await startFake(t, readAndAck);
  const stream = await makeStream(t, fake.endpoint, { tracks });
  const helper = new PutFrameHelper(stream);
  const video = frames({ count: 40 });
  for (const [index, frame] of video.entries()) {
    const data = helper.frameBuffer(frame.data.length, true);
    data.set(frame.data);
    helper.putVideo({ ...frame, data });
    const sound = helper.frameBuffer(20, false).fill(1);
    helper.putAudio({ data: sound, keyFrame: true, presentationTs: START + index * 100 + 30 });
  }
  helper.endFragment();
  await helper.flush();
  assert.is(stream.metrics.orderingFrames, 0);
  const result = await stream.stop();
  assert.is(result.deliveredFrames, 80);
  assert.is(result.droppedFrames.total, 0);
  assert.equal(
    fake.uploads[0]?.timecodes,
    [0, 1, 2, 3].map((second) => START + second * 1000),
  );
});

test('flush waits for what waits, and no longer than the window', async (t) => {
  const fake = await startFake(t, readAndAck);
  const stream = await makeStream(t, fake.endpoint, { tracks, orderWindow: 200 });
  const helper = new PutFrameHelper(stream);
  for (const frame of frames({ count: 2 })) helper.putVideo(frame);
  assert.is(stream.metrics.orderingFrames, 2);
  const started = performance.now();
  await helper.flush();
  const waited = performance.now() - started;
  assert.ok(waited > 100 && waited < 1000, `${waited} ms`);
  assert.is((await stream.stop()).deliveredFrames, 2);
});

test('a buffer is nobody else until its frame was put, and is used again then', async (t) => {
  const fake = await startFake(t, readAndAck);
  const helper = new PutFrameHelper(await makeStream(t, fake.endpoint, { tracks }));
  const first = helper.frameBuffer(100, true).fill(1);
  const second = helper.frameBuffer(100, true).fill(2);
  const sound = helper.frameBuffer(100, false).fill(3);
  assert.ok(first.every((byte) => byte === 1));
  assert.ok(second.every((byte) => byte === 2));
  assert.is.not(first.buffer, second.buffer);
  assert.is.not(first.buffer, sound.buffer);
  const [frame] = frames({ count: 1, size: 100 });
  if (frame === undefined) throw new Error('no frame');
  first.set(frame.data);
  helper.putVideo({ ...frame, data: first });
  assert.is(helper.frameBuffer(120, true).buffer, first.buffer, 'with some headroom');
  assert.ok(second.every((byte) => byte === 2));
});

test('a buffer whose frame was refused stays that of its user', async (t) => {
  const fake = await startFake(t, readAndAck);
  const helper = new PutFrameHelper(await makeStream(t, fake.endpoint, { tracks }));
  const data = helper.frameBuffer(50, true);
  await failureOf(() => {
    helper.putVideo({ data, keyFrame: true, presentationTs: -5 });
  });
  assert.is.not(helper.frameBuffer(50, true).buffer, data.buffer);
});

test('a stream that it cannot help with is refused with what to do', async (t) => {
  const fake = await startFake(t, readAndAck);
  const wrong = [
    [{}, /has no audio track: create it with a video and an audio track/],
    [{ tracks, frameOrder: 'pass-through' }, /takes frames in the order in which they come/],
  ] as const;
  for (const [definition, message] of wrong) {
    const stream = await makeStream(t, fake.endpoint, definition);
    assert.match((await failureOf(() => new PutFrameHelper(stream))).message, message);
    stream.destroy();
  }
  const stream = await makeStream(t, fake.endpoint, { tracks });
  const error = await failureOf(() => new PutFrameHelper(stream, { videoTrackId: 7 }));
  assert.match(error.message, /has no video track 7/);
});

test('flush waits no longer than the stream is open', async (t) => {
  const fake = await startFake(t, readAndAck);
  const stream = await makeStream(t, fake.endpoint, { tracks, orderWindow: 30_000 });
  const helper = new PutFrameHelper(stream);
  for (const frame of frames({ count: 2 })) helper.putVideo(frame);
  const flushed = helper.flush();
  stream.destroy();
  await flushed;
  assert.is(stream.metrics.orderingFrames, 2);
});

test('something that is no stream is refused by name', async () => {
  for (const value of [undefined, {}]) {
    const error = await failureOf(() => new PutFrameHelper(value as never));
    assert.match(error.message, /Expected a stream of client.createStream\(\) /);
  }
});
