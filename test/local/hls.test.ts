import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { requireTool } from '../support/tools.js';
import { rejection, startWithStream } from './support/endpoint.js';
import { listFragments } from './support/fragments.js';
import {
  assertSamePackets,
  decode,
  mediaOf,
  packetsIn,
  secondsOf,
  type Packet,
} from './support/media.js';
import {
  fetchMedia,
  fetchText,
  hlsSession,
  linesOf,
  mediaPlaylistUrls,
} from './support/playback.js';
import { putMedia, TestPutMedia } from './support/put-media.js';

const test = suite('HLS', { timeout: 20_000 });

/** Producer times of these tests count from here. */
const ORIGIN = 1_735_787_045_250;
const BY_PRODUCER = {
  HLSFragmentSelector: { FragmentSelectorType: 'PRODUCER_TIMESTAMP' },
} as const;

const NOTHING = new Uint8Array(0);
/** How long the media of `h264-aac.mp4` are; their sound ends a frame later than the pictures. */
const ROUND_MS = 3040;

function ofType(packets: readonly (readonly Packet[])[], type: Packet['type']): Packet[] {
  return packets.flat().filter((packet) => packet.type === type);
}

test('a live session has a master playlist, and a playlist for each track', async (t) => {
  requireTool(t, 'ffprobe');
  const { local } = await startWithStream(t);
  const media = mediaOf('h264-aac.mp4');
  await putMedia(t, local, media.whole);
  const url = await hlsSession(t, local);
  assert.match(url, /\/hls\/v1\/getHLSMasterPlaylist\.m3u8\?SessionToken=[\w-]{100,}$/);

  const master = await fetchText(url);
  const fragments = await listFragments(local);
  const bandwidth = Math.max(
    ...fragments.map((one) => (one.FragmentSizeInBytes * 8000) / one.FragmentLengthInMilliseconds),
  );
  const told = Number(/BANDWIDTH=(\d+)/.exec(master)?.[1]);
  assert.ok(told >= bandwidth && told < bandwidth * 1.2, `${told} is far from ${bandwidth}`);
  assert.equal(linesOf(master), [
    '#EXTM3U',
    '#EXT-X-VERSION:1',
    '#EXT-X-MEDIA:AUTOSELECT=YES,FORCED=NO,TYPE=AUDIO,URI="getHLSMediaPlaylist.m3u8?SessionToken=T&TrackNumber=2",GROUP-ID="audio",DEFAULT=NO,NAME="audio"',
    `#EXT-X-STREAM-INF:CODECS="avc1.640015,mp4a.40.2",RESOLUTION=320x180,FRAME-RATE=25.0,BANDWIDTH=${told},AUDIO="audio"`,
    'getHLSMediaPlaylist.m3u8?SessionToken=T&TrackNumber=1',
    '',
  ]);

  const [video = '', audio = ''] = mediaPlaylistUrls(url, master);
  for (const [playlist, track] of [
    [video, 1],
    [audio, 2],
  ] as const) {
    const segments = secondsOf(media).flatMap((seconds, at) => [
      '#EXT-X-DISCONTINUITY',
      ...(at === 0
        ? [
            `#EXT-X-MAP:URI="getMP4InitFragment.mp4?SessionToken=T&TrackNumber=${track}&SequenceNumber=0"`,
          ]
        : []),
      `#EXTINF:${seconds},`,
      `getMP4MediaFragment.mp4?FragmentNumber=${at}&SessionToken=T&TrackNumber=${track}`,
    ]);
    assert.equal(linesOf(await fetchText(playlist)), [
      '#EXTM3U',
      '#EXT-X-VERSION:7',
      '#EXT-X-TARGETDURATION:1',
      '#EXT-X-MEDIA-SEQUENCE:0',
      '#EXT-X-DISCONTINUITY-SEQUENCE:0',
      '#EXT-X-INDEPENDENT-SEGMENTS',
      ...segments,
      '',
    ]);
  }
});

for (const name of ['h264-aac.mp4', 'h265-aac.mp4', 'h264-open-gop.mp4', 'h264-baseline.mp4']) {
  test(`the frames and times of ${name} are those that were put`, async (t) => {
    requireTool(t, 'ffmpeg', 'ffprobe');
    const { local } = await startWithStream(t);
    const media = mediaOf(name);
    await putMedia(t, local, media.whole, {
      headers: { 'x-amzn-producer-start-timestamp': String(ORIGIN / 1000) },
    });
    const url = await hlsSession(t, local, BY_PRODUCER);
    const master = await fetchText(url);
    for (const playlist of mediaPlaylistUrls(url, master)) {
      const bytes = await fetchMedia(playlist);
      const packets = packetsIn(bytes, 'mp4', ORIGIN);
      const type = packets[0]?.type ?? 'video';
      assertSamePackets(packets, ofType(media.packets, type));
      decode(bytes, 'mp4');
    }
  });
}

test('a live playlist goes on, and its sequence numbers stay', async (t) => {
  requireTool(t, 'ffprobe');
  const { local } = await startWithStream(t);
  const { header, clusters } = mediaOf('h264-aac.mp4');
  const [first, ...others] = [
    ...clusters,
    ...[1, 2].flatMap((round) => mediaOf('h264-aac.mp4', { from: 22 + round * ROUND_MS }).clusters),
  ];
  const put = await TestPutMedia.open(t, local);
  const written = async (cluster: Buffer | undefined): Promise<void> => {
    const count = (await listFragments(local)).length;
    await put.write(cluster ?? NOTHING);
    while ((await listFragments(local)).length === count)
      await new Promise((r) => setTimeout(r, 10));
  };
  await put.write(header);
  await put.write(first ?? NOTHING);
  // A fragment is complete when the next one begins.
  await written(others[0]);
  const url = await hlsSession(t, local, { MaxMediaPlaylistFragmentResults: 1 });
  const [video = ''] = mediaPlaylistUrls(url, await fetchText(url));
  const sequences = async (): Promise<string[]> => {
    const lines = linesOf(await fetchText(video));
    return lines.filter((line) => /SEQUENCE|FragmentNumber/.test(line) && !line.includes('MAP'));
  };
  const listing = (sequence: number): string[] => [
    `#EXT-X-MEDIA-SEQUENCE:${sequence}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${sequence}`,
    `getMP4MediaFragment.mp4?FragmentNumber=${sequence}&SessionToken=T&TrackNumber=1`,
  ];
  assert.equal(await sequences(), listing(0));
  // More than are kept for players that are late.
  for (const [index, cluster] of others.slice(1).entries()) {
    await written(cluster);
    assert.equal(await sequences(), listing(index + 1));
    assert.equal(await sequences(), listing(index + 1));
  }
  await put.finish();
});

test('a session is refused where there is nothing to play', async (t) => {
  requireTool(t, 'ffprobe');
  let now = Date.now();
  const { local } = await startWithStream(t, { now: () => now });
  const none = await rejection(hlsSession(t, local));
  assert.equal(none, {
    name: 'ResourceNotFoundException',
    message: 'No fragments found in the stream for the streaming request.',
    status: 404,
  });
  await putMedia(t, local, mediaOf('h264-baseline.mp4').whole);
  await hlsSession(t, local);
  now += 32_000;
  assert.is((await rejection(hlsSession(t, local))).name, 'ResourceNotFoundException');
});

test('a token ends with its session, and pages of other origins may use it until then', async (t) => {
  requireTool(t, 'ffprobe');
  let now = Date.now();
  const { local } = await startWithStream(t, { now: () => now });
  await putMedia(t, local, mediaOf('h264-baseline.mp4').whole);
  const url = await hlsSession(t, local, { Expires: 600 });
  const answer = await fetch(url);
  assert.is(answer.headers.get('content-type'), 'application/vnd.apple.mpegurl');
  assert.is(answer.headers.get('access-control-allow-origin'), '*');
  const preflight = await fetch(url, { method: 'OPTIONS' });
  assert.is(preflight.status, 204);
  assert.is(preflight.headers.get('access-control-allow-origin'), '*');
  assert.is(preflight.headers.get('access-control-allow-headers'), '*');

  now += 599_000;
  assert.is((await fetch(url)).status, 200);
  now += 1000;
  const refused = await fetch(url);
  assert.is(refused.status, 403);
  assert.is(refused.headers.get('access-control-allow-origin'), '*');
  assert.equal(await refused.json(), { Message: 'Streaming session token is expired' });
  const invented = await fetch(url.replace(/=.*/, '=abc'));
  assert.equal(
    [invented.status, await invented.json()],
    [403, { Message: 'Streaming session token is invalid' }],
  );
});
