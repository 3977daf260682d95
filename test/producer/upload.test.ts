import { spawnSync } from 'node:child_process';
import * as assert from 'uvu/assert';
import { openMedia } from '../../ts/ingest/index.js';
import { startLocalKinesisVideo } from './support/local.js';
import { suite } from '../support/suite.js';
import { requireTool } from '../support/tools.js';
import { collect, failureOf, makeStream, putAll } from './support/client.js';
import { startFake, type FakeUpload } from './support/fake-service.js';
import { frames, START } from './support/media.js';

const test = suite('producer upload', { timeout: 30_000 });

const readAndAck = (upload: FakeUpload): void => {
  upload.readAndAck();
};

/** What ffprobe makes of an upload: packets by kind of track, and its complaints. */
function probe(upload: FakeUpload): { packets: Record<string, number>; complaints: string } {
  const args = ['-v', 'warning', '-show_entries', 'packet=codec_type', '-of', 'csv=p=0', '-'];
  const { stdout, stderr } = spawnSync('ffprobe', args, {
    input: Buffer.concat(upload.chunks),
    encoding: 'utf8',
  });
  const packets: Record<string, number> = {};
  for (const [kind] of stdout.matchAll(/video|audio/g)) packets[kind] = (packets[kind] ?? 0) + 1;
  return { packets, complaints: stderr };
}

for (const name of ['h264-aac.mp4', 'h265-aac.mp4', 'h264-aac.mkv', 'h264-bframes-aud.h264']) {
  test(`${name} arrives as Matroska with every packet`, async (t) => {
    requireTool(t, 'ffprobe');
    const media = await openMedia(`test/fixtures/${name}`);
    t.after(() => media.close());
    const fake = await startFake(t, readAndAck);
    const stream = await makeStream(t, fake.endpoint, { tracks: media.tracks });
    const put: Record<string, number> = {};
    const kinds = new Map(media.tracks.map(({ trackId, trackType }) => [trackId, trackType]));
    for await (const packet of media.packets()) {
      const { presentationTs, decodingTs } = packet;
      const kind = kinds.get(packet.trackId) ?? '';
      put[kind] = (put[kind] ?? 0) + 1;
      await stream.put({
        ...packet,
        presentationTs: START + presentationTs,
        decodingTs: START + decodingTs,
      });
    }
    assert.is((await stream.stop()).complete, true);
    const { packets, complaints } = probe(await fake.upload(0));
    assert.equal(packets, put);
    assert.is(complaints, '');
  });
}

for (const frameOrder of ['multi-track', 'pts'] as const) {
  test(`with B-frames the order ${frameOrder} loses only the sound before the picture`, async (t) => {
    requireTool(t, 'ffprobe');
    const media = await openMedia('test/fixtures/h264-aac.mp4');
    t.after(() => media.close());
    const fake = await startFake(t, readAndAck);
    const stream = await makeStream(t, fake.endpoint, { tracks: media.tracks, frameOrder });
    for await (const packet of media.packets()) {
      const { presentationTs, decodingTs } = packet;
      const times = { presentationTs: START + presentationTs, decodingTs: START + decodingTs };
      await stream.put({ ...packet, ...times });
    }
    const result = await stream.stop();
    assert.is(result.complete, true);
    assert.is(result.droppedFrames.total, 1);
    assert.is(result.droppedFrames.awaitingKeyFrame, 1);
    assert.equal(probe(await fake.upload(0)).packets, { video: 75, audio: 141 });
  });
}

test('the request names the stream, the kind of time and where it starts', async (t) => {
  for (const absolute of [true, false]) {
    const fake = await startFake(t, readAndAck);
    const stream = await makeStream(t, fake.endpoint, { absoluteFragmentTimes: absolute });
    const acks = collect(stream, 'fragmentAck');
    await putAll(stream, frames({ count: 20 }));
    assert.is((await stream.stop()).complete, true);
    const { headers } = (await fake.upload(0)).request;
    assert.is(headers['x-amzn-stream-name'], 'cam');
    assert.is(headers['x-amzn-fragment-timecode-type'], absolute ? 'ABSOLUTE' : 'RELATIVE');
    assert.is(headers['x-amzn-producer-start-timestamp'], `${START / 1000}.000`);
    const first = acks.find(([{ type }]) => type === 'PERSISTED');
    assert.is(first?.[0].fragmentTimecode, absolute ? START : 0);
  }
});

test('a live source is sent frame by frame, without waiting for more', async (t) => {
  const fake = await startFake(t, readAndAck);
  const stream = await makeStream(t, fake.endpoint);
  const media = frames({ count: 20, size: 2000 });
  const [first, ...others] = media;
  if (first === undefined) throw new Error('no frame');
  stream.putFrame(first);
  const upload = await fake.upload(0);
  for (const frame of others) {
    const before = upload.bytes;
    stream.putFrame(frame);
    const deadline = performance.now() + 2000;
    while (upload.bytes < before + 2000 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    assert.ok(upload.bytes >= before + 2000);
  }
});

test('frames put in one turn go out together', async (t) => {
  const fake = await startFake(t, readAndAck);
  const stream = await makeStream(t, fake.endpoint);
  for (const frame of frames({ count: 200, size: 100 })) stream.putFrame(frame);
  await stream.stop();
  const upload = await fake.upload(0);
  assert.ok(upload.chunks.length <= 5, `${upload.chunks.length} chunks for 200 frames`);
});

test('many streams upload at the same time over TLS', async (t) => {
  const { readFileSync } = await import('node:fs');
  const read = (name: string): Buffer => readFileSync(`test/fixtures/tls/${name}`);
  const cert = read('localhost-cert.pem');
  const local = await startLocalKinesisVideo({ tls: { key: read('localhost-key.pem'), cert } });
  t.after(() => local.close());
  const results = await Promise.all(
    Array.from({ length: 10 }, async (_, index) => {
      const name = { streamName: `cam-${index}` };
      const stream = await makeStream(t, local.endpoint, name, { ca: cert });
      await putAll(stream, frames({ count: 50, size: 20_000 }));
      return stream.stop();
    }),
  );
  for (const result of results) assert.is(result.deliveredFrames, 50);
});

test('metadata goes with the open fragment, persistent metadata with each until it is removed', async (t) => {
  const fake = await startFake(t, readAndAck);
  const stream = await makeStream(t, fake.endpoint);
  const media = frames({ count: 40 });
  stream.putFragmentMetadata('site', 'north', { persistent: true });
  stream.putFragmentMetadata('event', 'motion');
  for (const frame of media.slice(0, 15)) stream.putFrame(frame);
  stream.putFragmentMetadata('scene', 'night');
  for (const frame of media.slice(15, 31)) stream.putFrame(frame);
  stream.putFragmentMetadata('site', '', { persistent: true });
  for (const frame of media.slice(31)) stream.putFrame(frame);
  await stream.stop();
  const body = Buffer.concat((await fake.upload(0)).chunks).toString('latin1');
  assert.is(body.split('north').length - 1, 3);
  assert.is(body.split('motion').length - 1, 1);
  const [, second = ''] = body.split('\x1f\x43\xb6\x75').slice(1);
  assert.match(second, /scene.*night/s, 'the fragment that was open');
});

test('metadata that cannot be sent is refused with its name', async (t) => {
  const fake = await startFake(t, readAndAck);
  const stream = await makeStream(t, fake.endpoint);
  const wrong: [name: string, value: string, code: string, message: RegExp][] = [
    ['', 'value', 'STATUS_MKV_INVALID_TAG_NAME_LENGTH', /1 to 128 bytes .* for name .* ""\.$/],
    ['n'.repeat(129), 'value', 'STATUS_MKV_INVALID_TAG_NAME_LENGTH', /"n{40}…" \(129 bytes\)/],
    ['name', 'ü'.repeat(129), 'STATUS_MKV_INVALID_TAG_VALUE_LENGTH', /256 bytes for value .*258/],
    ['AWS_NAME', 'value', 'STATUS_INVALID_METADATA_NAME', /not begin with AWS for name/],
    [5 as never, 'value', 'STATUS_INVALID_ARG', /for the metadata name .* received 5\.?$/],
    ['name', undefined as never, 'STATUS_INVALID_ARG', /for the metadata value .* undefined\.?$/],
  ];
  for (const [name, value, code, message] of wrong) {
    try {
      stream.putFragmentMetadata(name, value);
      assert.unreachable(`${name} was taken`);
    } catch (error) {
      assert.is((error as { code: string }).code, code);
      assert.match((error as Error).message, message);
    }
  }
  for (let item = 1; item <= 10; item += 1) stream.putFragmentMetadata(`item${item}`, 'value');
  const error = await failureOf(() => {
    stream.putFragmentMetadata('item11', 'value');
  });
  assert.is(error.code, 'STATUS_MAX_FRAGMENT_METADATA_COUNT');
  assert.match(error.message, /"item11" .*: at most 10 items go with a fragment/);
});
