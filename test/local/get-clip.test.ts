import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { requireTool } from '../support/tools.js';
import { rejection, startWithStream } from './support/endpoint.js';
import { assertSamePackets, decode, mediaOf, packetsIn, type Packet } from './support/media.js';
import { getClip } from './support/playback.js';
import { putMedia } from './support/put-media.js';

const test = suite('GetClip', { timeout: 20_000 });

const ORIGIN = 1_735_787_045_250;
const AT_ORIGIN = { headers: { 'x-amzn-producer-start-timestamp': String(ORIGIN / 1000) } };

function ofType(packets: readonly Packet[], type: Packet['type']): Packet[] {
  return packets.filter((packet) => packet.type === type);
}

/** Times from that of the first picture or sound on. */
function fromStart(packets: readonly Packet[]): Packet[] {
  const start = Math.min(...packets.map(({ time }) => time));
  return packets.map((packet) => ({ ...packet, time: packet.time - start }));
}

for (const name of ['h264-aac.mp4', 'h265-aac.mp4', 'h264-open-gop.mp4']) {
  test(`the clip of ${name} has the frames and times that were put`, async (t) => {
    requireTool(t, 'ffmpeg', 'ffprobe');
    const { local } = await startWithStream(t);
    const media = mediaOf(name);
    await putMedia(t, local, media.whole, AT_ORIGIN);
    const { contentType, bytes } = await getClip(t, local, ORIGIN, ORIGIN + 60_000);
    assert.is(contentType, 'video/mp4');
    assert.is(bytes.toString('latin1', 4, 8), 'ftyp');
    decode(bytes, 'mp4');
    const [packets, expected] = [packetsIn(bytes, 'mp4'), fromStart(media.packets.flat())];
    assertSamePackets(ofType(packets, 'video'), ofType(expected, 'video'));
    assertSamePackets(ofType(packets, 'audio'), ofType(expected, 'audio'));
  });
}

test('a clip begins with the first fragment in the range, and goes on over a gap', async (t) => {
  requireTool(t, 'ffmpeg', 'ffprobe');
  const { local } = await startWithStream(t);
  const media = mediaOf('h264-baseline.mp4');
  await putMedia(t, local, media.whole, AT_ORIGIN);
  const later = { headers: { 'x-amzn-producer-start-timestamp': String(ORIGIN / 1000 + 60) } };
  await putMedia(t, local, media.whole, later);
  // From the second fragment of the first recording to the first one of the second.
  const { bytes } = await getClip(t, local, ORIGIN + 500, ORIGIN + 60_500);
  decode(bytes, 'mp4');
  const packets = packetsIn(bytes, 'mp4');
  const expected = [...media.packets.slice(1).flat(), ...(media.packets[0] ?? [])];
  assertSamePackets(
    packets,
    expected.map((packet, at) => ({ ...packet, time: at * 40 })),
  );
});

test('a clip is refused for a range without media, and for a change of codec private data', async (t) => {
  requireTool(t, 'ffprobe');
  const { local } = await startWithStream(t);
  await putMedia(t, local, mediaOf('h264-baseline.mp4').whole, AT_ORIGIN);
  const empty = await rejection(getClip(t, local, ORIGIN - 60_000, ORIGIN - 1000));
  assert.equal([empty.name, empty.status], ['ResourceNotFoundException', 404]);
  const future = await rejection(
    getClip(t, local, ORIGIN, Date.now() + 60_000, 'SERVER_TIMESTAMP'),
  );
  assert.is(future.name, 'InvalidArgumentException');

  await putMedia(t, local, mediaOf('h264-open-gop.mp4', { from: 10_000 }).whole, AT_ORIGIN);
  const changed = await rejection(getClip(t, local, ORIGIN, ORIGIN + 60_000));
  assert.equal([changed.name, changed.status], ['InvalidCodecPrivateDataException', 400]);
  await putMedia(t, local, mediaOf('h264-aac.mp4', { from: 20_000 }).whole, AT_ORIGIN);
  const tracks = await rejection(getClip(t, local, ORIGIN + 10_000, ORIGIN + 60_000));
  assert.match(tracks.message, 'changed from 1:h264 to 1:h264 2:aac');
});

test('a clip ends after 200 fragments', async (t) => {
  requireTool(t, 'ffprobe');
  const { local } = await startWithStream(t);
  const rounds = Array.from({ length: 68 }, (_, round) => round * 3000);
  const media = rounds.map((from) => mediaOf('h264-baseline.mp4', { from }));
  const clusters = media.flatMap((one) => one.clusters);
  await putMedia(
    t,
    local,
    Buffer.concat([media[0]?.header ?? Buffer.alloc(0), ...clusters]),
    AT_ORIGIN,
  );
  const { bytes } = await getClip(t, local, ORIGIN, ORIGIN + 3_600_000);
  assert.is(packetsIn(bytes, 'mp4').length, 200 * 25);
});

test('a stream that retains nothing has no clips', async (t) => {
  const { local } = await startWithStream(t, {}, { DataRetentionInHours: 0 });
  const { name, status } = await rejection(getClip(t, local, ORIGIN, ORIGIN + 1000));
  assert.equal([name, status], ['NoDataRetentionException', 400]);
});
