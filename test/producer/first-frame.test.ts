import * as assert from 'uvu/assert';
import { openMedia } from '../../ts/ingest/index.js';
import { checkFirstTime } from '../../ts/producer/frame-clock.js';
import { resolveDefinition } from '../../ts/producer/stream-definition.js';
import { suite, type TestContext } from '../support/suite.js';
import { failureOf, makeStream, putAll } from './support/client.js';
import { startFake, type FakeUpload } from './support/fake-service.js';
import { frames, START } from './support/media.js';

const test = suite('producer first frame', { timeout: 20_000 });

const readAndAck = (upload: FakeUpload): void => {
  upload.readAndAck();
};

/** What the process warns of during a test. */
function collectWarnings(t: TestContext): string[] {
  const seen: string[] = [];
  const listener = (warning: Error): void => {
    if (warning.name === 'KinesisVideoWarning') seen.push(warning.message);
  };
  process.on('warning', listener);
  t.after(() => {
    process.off('warning', listener);
  });
  return seen;
}

test('times in another unit are refused at the first frame, with the factor', async (t) => {
  const fake = await startFake(t, readAndAck);
  for (const [factor, sentence] of [
    [1e-3, /looks like seconds: give milliseconds .*: multiply it by 1000\.$/],
    [1e3, /looks like microseconds: .*: divide it by 1000\.$/],
    [1e6, /looks like nanoseconds: .*: divide it by 1000000\.$/],
  ] as const) {
    const stream = await makeStream(t, fake.endpoint);
    const [frame] = frames({ count: 1 });
    if (frame === undefined) throw new Error('no frame');
    const odd = { ...frame, presentationTs: Date.now() * factor };
    const error = await failureOf(() => {
      stream.putFrame(odd);
    });
    assert.is(error.code, 'STATUS_MKV_INVALID_FRAME_TIMESTAMP');
    assert.match(error.message, sentence);
    stream.destroy();
  }
});

test('times that do not count from the epoch are told once, and sent', async (t) => {
  const fake = await startFake(t, readAndAck);
  const warnings = collectWarnings(t);
  const stream = await makeStream(t, fake.endpoint);
  await putAll(stream, frames({ count: 20, start: 5000 }));
  assert.is((await stream.stop()).deliveredFrames, 20);
  assert.is(warnings.length, 1);
  assert.match(
    warnings[0] ?? '',
    /first frame of stream "cam" is at 5000 ms, which is 1970-01-01T00:00:05\.000Z: .* Date\.now\(\)/,
  );
});

test('times far from now are told to the logger of a live source only', () => {
  const now = 1_790_000_000_000;
  const remark = (change: object, time: number) =>
    checkFirstTime(time, resolveDefinition({ streamName: 'cam', ...change }), now);
  assert.match(remark({}, START)?.sentence ?? '', /far from now: check the clocks/);
  assert.is(remark({}, START)?.isUrgent, false);
  assert.is(remark({}, now + 1000), undefined);
  for (const change of [
    { streamingType: 'offline' },
    { absoluteFragmentTimes: false },
    { frameTimecodes: false },
  ]) {
    assert.is(remark(change, START), undefined, JSON.stringify(change));
  }
  assert.is(remark({ absoluteFragmentTimes: false }, 5), undefined);
});

test('two key frames in one millisecond are refused with the reason', async (t) => {
  const fake = await startFake(t, readAndAck);
  const stream = await makeStream(t, fake.endpoint);
  const [frame] = frames({ count: 1 });
  if (frame === undefined) throw new Error('no frame');
  stream.putFrame(frame);
  const error = await failureOf(() => {
    stream.putFrame({ ...frame, presentationTs: START + 0.2 });
  });
  assert.match(
    error.message,
    /key frame at the time of the frame before, and a fragment has to begin later .*timecodeScale/,
  );
});

test('packets of a file in a stream without its tracks are refused with the remedy', async (t) => {
  const fake = await startFake(t, readAndAck);
  const media = await openMedia('test/fixtures/h264-aac.mp4');
  t.after(() => media.close());
  const stream = await makeStream(t, fake.endpoint, { tracks: [{ codec: 'h264' }] });
  const messages: string[] = [];
  for await (const packet of media.packets()) {
    const times = {
      presentationTs: START + packet.presentationTs,
      decodingTs: START + packet.decodingTs,
    };
    const { trackId } = packet;
    if (messages[trackId] !== undefined) continue;
    const error = await failureOf(() => {
      stream.putFrame({ ...packet, ...times });
    });
    messages[trackId] = error.message;
    if (messages[1] !== undefined && messages[2] !== undefined) break;
  }
  assert.match(
    messages[1] ?? '',
    /have lengths as in MP4, not start codes.*`tracks: media\.tracks`/,
  );
  assert.match(messages[2] ?? '', /has the tracks 1 \(video\) only; .*`tracks: media\.tracks`/);
});

test('an outage that nobody would hear of is a warning of the process, once a minute', async (t) => {
  const fake = await startFake(t, (upload) => {
    upload.reset();
  });
  const warnings = collectWarnings(t);
  const silent = await makeStream(t, fake.endpoint);
  await putAll(silent, frames({ count: 15 }));
  await fake.upload(3);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.is(warnings.length, 1);
  assert.match(
    warnings[0] ?? '',
    /Stream "cam" has no connection and tries again: .*'disconnected'/,
  );
  silent.destroy();

  const heard = await makeStream(t, fake.endpoint, {}, { logger: { warn: () => undefined } });
  await putAll(heard, frames({ count: 15 }));
  await fake.upload(7);
  heard.destroy();
  const listened = await makeStream(t, fake.endpoint);
  listened.on('disconnected', () => undefined);
  await putAll(listened, frames({ count: 15 }));
  await fake.upload(11);
  assert.is(warnings.length, 1, 'who listens or logs is not warned');
});
