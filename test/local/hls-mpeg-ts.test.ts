import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { requireTool } from '../support/tools.js';
import { rejection, startWithStream } from './support/endpoint.js';
import { decode, filteredPackets, mediaOf, secondsOf } from './support/media.js';
import {
  fetchMedia,
  fetchText,
  hlsSession,
  linesOf,
  mediaPlaylistUrls,
  range,
} from './support/playback.js';
import { putMedia } from './support/put-media.js';

const test = suite('HLS in MPEG-TS', { timeout: 20_000 });

const ORIGIN = 1_735_787_045_250;
const REQUEST = {
  ContainerFormat: 'MPEG_TS',
  PlaybackMode: 'ON_DEMAND',
  HLSFragmentSelector: {
    FragmentSelectorType: 'PRODUCER_TIMESTAMP',
    TimestampRange: range(ORIGIN, ORIGIN + 60_000),
  },
} as const;
const AT_ORIGIN = { headers: { 'x-amzn-producer-start-timestamp': String(ORIGIN / 1000) } };
/** Delimiters and parameter sets are added where they were not. */
const WITHOUT_PARAMETER_SETS = 'filter_units=remove_types=7-9';

/** Goes through the packets as a receiver does, which ffprobe would forgive too much. */
function checkPackets(bytes: Buffer): Set<number> {
  const counters = new Map<number, number>();
  assert.is(bytes.length % 188, 0);
  for (let at = 0; at < bytes.length; at += 188) {
    assert.is(bytes[at], 0x47);
    const pid = bytes.readUInt16BE(at + 1) & 0x1fff;
    const control = bytes.readUInt8(at + 3);
    const jumps =
      (control & 0x20) !== 0 &&
      bytes.readUInt8(at + 4) > 0 &&
      (bytes.readUInt8(at + 5) & 0x80) !== 0;
    const before = counters.get(pid);
    const isTable = pid === 0 || pid === 0x1000;
    if (before !== undefined && !jumps && !isTable) {
      assert.is(control & 15, (before + 1) & 15, `continuity of pid ${pid} at ${at}`);
    }
    counters.set(pid, control & 15);
  }
  return new Set(counters.keys());
}

for (const [name, tracks] of [
  ['h264-aac.mp4', 2],
  ['h264-open-gop.mp4', 1],
] as const) {
  test(`one playlist has all tracks of ${name}, whose frames and times are those that were put`, async (t) => {
    requireTool(t, 'ffmpeg', 'ffprobe');
    const { local } = await startWithStream(t);
    const media = mediaOf(name);
    await putMedia(t, local, media.whole, AT_ORIGIN);
    const url = await hlsSession(t, local, REQUEST);
    const master = await fetchText(url);
    const urls = mediaPlaylistUrls(url, master);
    assert.is(urls.length, 1);
    assert.equal(linesOf(await fetchText(urls[0] ?? '')), [
      '#EXTM3U',
      '#EXT-X-VERSION:3',
      '#EXT-X-PLAYLIST-TYPE:VOD',
      '#EXT-X-TARGETDURATION:1',
      '#EXT-X-MEDIA-SEQUENCE:0',
      '#EXT-X-INDEPENDENT-SEGMENTS',
      ...secondsOf(media).flatMap((seconds, at) => [
        `#EXTINF:${seconds},`,
        `getTSFragment.ts?FragmentNumber=${at}&SessionToken=T`,
      ]),
      '#EXT-X-ENDLIST',
      '',
    ]);

    const bytes = await fetchMedia(urls[0] ?? '');
    assert.is(checkPackets(bytes).size, 2 + tracks);
    decode(bytes, 'ts');
    const put = {
      type: 'video',
      filter: `h264_mp4toannexb,${WITHOUT_PARAMETER_SETS}`,
      bias: 0,
    } as const;
    const got = { ...put, filter: WITHOUT_PARAMETER_SETS, bias: ORIGIN };
    const video = filteredPackets(bytes, 'ts', got);
    assert.equal(video, filteredPackets(media.whole, 'mkv', put));
    if (tracks === 1) return;
    const audio = filteredPackets(bytes, 'ts', {
      type: 'audio',
      filter: 'aac_adtstoasc',
      bias: ORIGIN,
    });
    const expected = media.packets.flat().filter(({ type }) => type === 'audio');
    assert.equal(
      audio,
      expected.map(({ time, md5 }) => ({ time, md5 })),
    );
  });
}

test('sound alone has the clock in its own packets', async (t) => {
  requireTool(t, 'ffmpeg', 'ffprobe');
  const { local } = await startWithStream(t);
  await putMedia(t, local, mediaOf('aac.m4a').whole, AT_ORIGIN);
  const url = await hlsSession(t, local, REQUEST);
  const master = await fetchText(url);
  assert.match(master, /#EXT-X-STREAM-INF:CODECS="mp4a\.40\.2",BANDWIDTH=\d+\n/);
  const bytes = await fetchMedia(mediaPlaylistUrls(url, master)[0] ?? '');
  assert.is(checkPackets(bytes).size, 3);
  decode(bytes, 'ts');
});

test('H.265 is refused, since players expect none in MPEG-TS', async (t) => {
  requireTool(t, 'ffprobe');
  const { local } = await startWithStream(t);
  await putMedia(t, local, mediaOf('h265-aac.mp4').whole, AT_ORIGIN);
  const { name, message, status } = await rejection(hlsSession(t, local, REQUEST));
  assert.equal([name, status], ['UnsupportedStreamMediaTypeException', 400]);
  assert.match(message, 'number 1 (V_MPEGH/ISO/HEVC) and number 2 (A_AAC)');
});
