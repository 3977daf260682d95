import { once } from 'node:events';
import * as assert from 'uvu/assert';
import { openMedia } from '../../../ts/ingest/index.js';
import { startLocalKinesisVideo } from '../../../ts/local/index.js';
import { codecConfig } from '../../../ts/play/media/codec.js';
import { timeOf } from '../../../ts/play/media/frame-time.js';
import { KinesisVideoClient } from '../../../ts/producer/index.js';
import { FragmentParser, type FragmentEnd, type MatroskaTrack } from '../../../ts/parser/index.js';
import { fixture } from '../../cli/kvs.js';
import { suite, type TestContext } from '../../support/suite.js';
import { serviceSource } from '../support/serve.js';

const test = suite('what the page reads of GetMedia', { timeout: 20_000 });

const START = 1_700_000_000_000;

interface Put {
  readonly trackId: number;
  readonly presentationTs: number;
  readonly keyFrame: boolean;
  readonly data: Buffer;
}

/** Puts a file to an endpoint and reads back what GetMedia sends. */
async function roundTrip(t: TestContext, name: string): Promise<{ put: Put[]; sent: Buffer }> {
  const local = await startLocalKinesisVideo({ getMediaTimeout: 200 });
  t.after(() => local.close());
  const { endpoint, region } = local;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new KinesisVideoClient({ endpoint, region, credentials });
  t.after(() => client.close());
  const media = await openMedia(fixture(name));
  const stream = await client.createStream({
    streamName: 'a',
    tracks: media.tracks,
    contentType: media.contentType,
    retentionPeriod: 1,
    streamingType: 'offline',
    frameOrder: 'pass-through',
  });
  stream.putFragmentMetadata('room', 'kitchen', { persistent: true });
  const put: Put[] = [];
  for await (const packet of media.packets()) {
    const presentationTs = START + packet.presentationTs;
    await stream.put({ ...packet, presentationTs, decodingTs: START + packet.decodingTs });
    put.push({ ...packet, presentationTs, data: Buffer.from(packet.data) });
  }
  await stream.stop();
  const source = serviceSource(local, 'a');
  t.after(() => {
    source.close();
  });
  const answer = await source.getMedia('earliest', t.signal);
  const chunks: Buffer[] = [];
  answer.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(answer, 'end');
  return { put, sent: Buffer.concat(chunks) };
}

/** Reads `sent` in pieces of `size` bytes. */
function read(sent: Buffer, size: number) {
  const frames: Put[] = [];
  const ended: FragmentEnd[] = [];
  let tracks: readonly MatroskaTrack[] = [];
  const parser = new FragmentParser({
    fragment: (header) => {
      assert.ok(header.fragmentNumber !== undefined, 'it is known at the beginning');
      assert.ok(tracks.length === 0 || header.tracks === tracks, 'tracks that stay the same');
      tracks = header.tracks;
    },
    frame: (frame) => {
      const { trackNumber, keyFrame } = frame;
      const data = Buffer.from(frame.data);
      frames.push({ trackId: trackNumber, presentationTs: timeOf(frame), keyFrame, data });
    },
    end: (end) => ended.push(end),
    error: () => {
      assert.unreachable();
    },
  });
  for (let at = 0; at < sent.length; at += size) parser.push(sent.subarray(at, at + size));
  parser.end();
  return { frames, ended, tracks };
}

test('each frame comes back as it was put, however the answer is cut', async (t) => {
  const { put, sent } = await roundTrip(t, 'h264-aac.mp4');
  for (const size of [sent.length, 4096, 7]) {
    const { frames, ended, tracks } = read(sent, size);
    assert.is(frames.length, put.length);
    for (const [index, frame] of frames.entries()) {
      const expected = put[index] as Put;
      assert.is(frame.trackId, expected.trackId);
      assert.is(frame.keyFrame, expected.keyFrame);
      assert.ok(Math.abs(frame.presentationTs - expected.presentationTs) <= 1);
      assert.ok(frame.data.equals(expected.data));
    }
    assert.is(ended.length, 3);
    assert.is(
      ended.reduce((sum, fragment) => sum + fragment.frames, 0),
      put.length,
    );
    assert.equal(ended[0]?.tags, [{ name: 'room', value: 'kitchen' }]);
    assert.ok(ended.every(({ duration = 0 }) => Math.abs(duration - 1000) < 50));
    assert.equal(
      tracks.map((track) => codecConfig(track)?.codec),
      ['avc1.640015', 'mp4a.40.2'],
    );
  }
});

test('H.265 is described for decoders', async (t) => {
  const { sent } = await roundTrip(t, 'h265-aac.mp4');
  const { tracks } = read(sent, sent.length);
  assert.match(codecConfig(tracks[0] as MatroskaTrack)?.codec ?? '', /^hvc1\.1\.6\.L60/);
});

test('an answer that is cut off, and one that is something else, are refused', async (t) => {
  const { sent } = await roundTrip(t, 'h264-baseline.mp4');
  assert.throws(() => read(sent.subarray(0, sent.length / 2), 1000), /ends inside/);
  assert.throws(() => read(Buffer.from('{"message":"no"}'), 100), /EBML/);
});
