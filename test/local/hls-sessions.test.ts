import type { GetHLSStreamingSessionURLCommandInput } from '@aws-sdk/client-kinesis-video-archived-media';
import * as assert from 'uvu/assert';
import type { LocalKinesisVideo } from '../../ts/local/index.js';
import { cluster, liveHeader, simpleBlock, videoTrack } from '../parser/support/mkv.js';
import { suite, type TestContext } from '../support/suite.js';
import { requireTool } from '../support/tools.js';
import { rejection, startWithStream } from './support/endpoint.js';
import { decode, mediaOf, packetsIn } from './support/media.js';
import {
  fetchMedia,
  fetchText,
  hlsSession,
  linesOf,
  mediaPlaylistUrls,
  range,
} from './support/playback.js';
import { putMedia } from './support/put-media.js';

const test = suite('HLS sessions', { timeout: 20_000 });

const ORIGIN = 1_735_787_045_250;
const FIRST = ORIGIN + 22;
type Request = Partial<GetHLSStreamingSessionURLCommandInput>;

/** Puts three fragments of a second each, `seconds` after the origin. */
async function record(
  t: TestContext,
  local: LocalKinesisVideo,
  seconds = 0,
  name = 'h264-baseline.mp4',
): Promise<void> {
  const start = String(ORIGIN / 1000 + seconds);
  await putMedia(t, local, mediaOf(name).whole, {
    headers: { 'x-amzn-producer-start-timestamp': start },
  });
}

function byProducer(
  from: number,
  to?: number,
  mode: 'ON_DEMAND' | 'LIVE_REPLAY' = 'ON_DEMAND',
): Request {
  const StartTimestamp = new Date(from);
  const TimestampRange = to === undefined ? { StartTimestamp } : range(from, to);
  return {
    PlaybackMode: mode,
    HLSFragmentSelector: { FragmentSelectorType: 'PRODUCER_TIMESTAMP', TimestampRange },
  };
}

/** The video playlist of a session. */
async function playlistUrl(
  t: TestContext,
  local: LocalKinesisVideo,
  request: Request,
): Promise<string> {
  const url = await hlsSession(t, local, request);
  return mediaPlaylistUrls(url, await fetchText(url))[0] ?? '';
}

/** The lines of a playlist but for its head, without what all tests have alike. */
async function segmentsOf(url: string): Promise<string[]> {
  const lines = linesOf(await fetchText(url));
  const first = lines.indexOf('#EXT-X-INDEPENDENT-SEGMENTS') + 1;
  return lines
    .slice(first, -1)
    .map((line) => line.replace(/&?SessionToken=T(&TrackNumber=1)?|\.mp4/g, '').replace('?&', '?'));
}

const MAP = '#EXT-X-MAP:URI="getMP4InitFragment?SequenceNumber=0"';
const segment = (number: number): string => `getMP4MediaFragment?FragmentNumber=${number}`;

test('on demand, a range has the fragments that begin in it, both ends included', async (t) => {
  requireTool(t, 'ffprobe');
  const { local } = await startWithStream(t);
  await record(t, local);
  const all = await playlistUrl(t, local, byProducer(FIRST, FIRST + 2000));
  assert.equal(await segmentsOf(all), [
    MAP,
    ...[0, 1, 2].flatMap((at) => ['#EXTINF:1,', segment(at)]),
    '#EXT-X-ENDLIST',
  ]);
  const inner = await playlistUrl(t, local, byProducer(FIRST + 1, FIRST + 1999));
  assert.equal(await segmentsOf(inner), [MAP, '#EXTINF:1,', segment(0), '#EXT-X-ENDLIST']);
  const [packet] = packetsIn(await fetchMedia(inner), 'mp4', FIRST);
  assert.is(packet?.time, 1000);
  const limited = await playlistUrl(t, local, {
    ...byProducer(FIRST, FIRST + 2000),
    MaxMediaPlaylistFragmentResults: 2,
  });
  assert.equal(
    (await segmentsOf(limited)).filter((line) => line.startsWith('get')),
    [segment(0), segment(1)],
  );
});

test('discontinuities are marked where they are asked for', async (t) => {
  requireTool(t, 'ffprobe');
  const { local } = await startWithStream(t);
  await record(t, local);
  await record(t, local, 60);
  const marked = async (DiscontinuityMode: Request['DiscontinuityMode']): Promise<number[]> => {
    const request = {
      ...byProducer(FIRST, FIRST + 90_000),
      ...(DiscontinuityMode && { DiscontinuityMode }),
    };
    const lines = await segmentsOf(await playlistUrl(t, local, request));
    const numbers = lines.filter((line) => /^get|DISCONTINUITY/.test(line));
    return numbers.flatMap((line, at) => {
      return line === '#EXT-X-DISCONTINUITY' ? [Number(numbers[at + 1]?.split('=')[1])] : [];
    });
  };
  assert.equal(await marked(undefined), []);
  assert.equal(await marked('NEVER'), []);
  assert.equal(await marked('ON_DISCONTINUITY'), [3]);
  assert.equal(await marked('ALWAYS'), [0, 1, 2, 3, 4, 5]);
});

test('the target duration is that of the longest fragment', async (t) => {
  requireTool(t, 'ffprobe');
  const { local } = await startWithStream(t);
  await record(t, local);
  const short = await playlistUrl(t, local, byProducer(FIRST, FIRST + 90_000));
  await record(t, local, 60, 'clip.mp4');
  const long = await playlistUrl(t, local, byProducer(FIRST, FIRST + 90_000));
  for (const [url, seconds] of [
    [short, 1],
    [long, 2],
  ] as const) {
    assert.ok(linesOf(await fetchText(url)).includes(`#EXT-X-TARGETDURATION:${seconds}`));
  }
});

test('timestamps are shown by the chosen clock', async (t) => {
  requireTool(t, 'ffprobe');
  const { local } = await startWithStream(t);
  await record(t, local);
  const request = {
    ...byProducer(FIRST, FIRST + 1000),
    DisplayFragmentTimestamp: 'ALWAYS',
  } as const;
  const lines = await segmentsOf(await playlistUrl(t, local, request));
  assert.equal(
    lines.filter((line) => line.includes('TIME')),
    [
      `#EXT-X-PROGRAM-DATE-TIME:${new Date(FIRST).toISOString()}`,
      `#EXT-X-PROGRAM-DATE-TIME:${new Date(FIRST + 1000).toISOString()}`,
    ],
  );
});

test('of fragments with the same producer time the newest is played', async (t) => {
  requireTool(t, 'ffprobe');
  const { local } = await startWithStream(t);
  await record(t, local, 0, 'h264-open-gop.mp4');
  await record(t, local);
  const url = await playlistUrl(t, local, byProducer(FIRST - 1, FIRST));
  const expected = mediaOf('h264-baseline.mp4').packets[0]?.map(({ md5 }) => md5);
  assert.equal(
    packetsIn(await fetchMedia(url), 'mp4').map(({ md5 }) => md5),
    expected,
  );
});

test('codec private data may change, and have an init segment each', async (t) => {
  requireTool(t, 'ffmpeg', 'ffprobe');
  const { local } = await startWithStream(t);
  await record(t, local);
  await record(t, local, 3, 'h264-open-gop.mp4');
  const url = await playlistUrl(t, local, byProducer(FIRST, FIRST + 60_000));
  const lines = await segmentsOf(url);
  assert.equal(
    lines.filter((line) => /MAP|^get/.test(line)),
    [MAP, ...[0, 1, 2].map(segment), MAP.replace('=0', '=3'), ...[3, 4, 5].map(segment)],
  );
  const playlist = await fetchText(url);
  const [, second = ''] = Array.from(playlist.matchAll(/MAP:URI="(.*)"/g), ([, uri]) => uri);
  const media = playlist.split('\n').filter((line) => line.includes('FragmentNumber=3'))[0] ?? '';
  const bytes = await Promise.all(
    [second, media].map(async (uri) => (await fetch(new URL(uri, url))).arrayBuffer()),
  );
  decode(Buffer.concat(bytes.map((one) => Buffer.from(one))), 'mp4');
});

test('tracks must not change', async (t) => {
  requireTool(t, 'ffprobe');
  const { local } = await startWithStream(t);
  await record(t, local);
  await record(t, local, 3, 'h264-aac.mp4');
  const url = await playlistUrl(t, local, byProducer(FIRST, FIRST + 60_000));
  const [, , , fourth = ''] = (await fetchText(url))
    .split('\n')
    .filter((line) => /^get/.test(line));
  const refused = await fetch(new URL(fourth, url));
  assert.is(refused.status, 400);
  assert.match(
    ((await refused.json()) as { Message: string }).Message,
    'changed from 1:h264 to 1:h264 2:aac',
  );
});

test('a replay adds a fragment when the one before has been played, and ends with its range', async (t) => {
  requireTool(t, 'ffprobe');
  let now = Date.now();
  const { local } = await startWithStream(t, { now: () => now });
  await record(t, local);
  await record(t, local, 3);
  const request = byProducer(FIRST, FIRST + 4500, 'LIVE_REPLAY');
  const url = await playlistUrl(t, local, { ...request, MaxMediaPlaylistFragmentResults: 3 });
  const listed = async (): Promise<string[]> => {
    const lines = await segmentsOf(url);
    return lines.filter((line) => /^get|END/.test(line));
  };
  assert.equal(await listed(), [0, 1, 2].map(segment));
  now += 999;
  assert.equal(await listed(), [0, 1, 2].map(segment));
  now += 1;
  assert.equal(await listed(), [1, 2, 3].map(segment));
  now += 1000;
  assert.equal(await listed(), [2, 3, 4].map(segment));
  // The sixth begins behind the range, so that nothing else can come.
  assert.equal(await listed(), [...[2, 3, 4].map(segment), '#EXT-X-ENDLIST']);
});

test('a session that makes no sense is refused', async (t) => {
  const { local } = await startWithStream(t);
  const refusal = async (request: Request): Promise<string> => {
    const { name, message, status } = await rejection(hlsSession(t, local, request));
    assert.equal([name, status], ['InvalidArgumentException', 400]);
    return message;
  };
  const hour = 3_600_000;
  assert.match(
    await refusal({ PlaybackMode: 'ON_DEMAND' }),
    "'HLSFragmentSelector' must not be absent",
  );
  assert.match(
    await refusal({ ...byProducer(FIRST, FIRST + 1), PlaybackMode: 'LIVE' }),
    'must not be given when PlaybackMode is LIVE',
  );
  assert.match(await refusal(byProducer(FIRST)), 'EndTimestamp');
  assert.match(await refusal(byProducer(FIRST, FIRST)), 'must be later than StartTimestamp');
  assert.match(await refusal(byProducer(FIRST, FIRST + 24 * hour + 1)), 'within 24 hours');
  const future = { TimestampRange: range(Date.now() - hour, Date.now() + hour) };
  assert.match(
    await refusal({ PlaybackMode: 'ON_DEMAND', HLSFragmentSelector: future }),
    'must be in the past',
  );
  assert.match(await refusal({ Expires: 299 }), 'from 300 to 43200');
  assert.match(await refusal({ Expires: 43_201 }), 'from 300 to 43200');
  assert.match(await refusal({ MaxMediaPlaylistFragmentResults: 5001 }), 'from 1 to 5000');
  const none = await rejection(hlsSession(t, local, byProducer(FIRST, FIRST + 1)));
  assert.equal([none.name, none.status], ['ResourceNotFoundException', 404]);
});

test('media that players cannot decode are refused by name', async (t) => {
  const { local } = await startWithStream(t);
  const refusal = async (...entries: Buffer[]): Promise<[string, string]> => {
    const blocks = entries.map((_, at) => simpleBlock(at + 1, 0));
    const media = Buffer.concat([liveHeader(...entries), cluster(0, ...blocks)]);
    await putMedia(t, local, media);
    const { name, message } = await rejection(
      hlsSession(t, local, { MaxMediaPlaylistFragmentResults: 1 }),
    );
    return [name, message];
  };
  assert.equal(await refusal(videoTrack()), [
    'MissingCodecPrivateDataException',
    'Track 1 (V_MPEG4/ISO/AVC) has no codec private data; send them with the track',
  ]);
  const annexB = Buffer.from('000000016742c01e', 'hex');
  assert.equal(await refusal(videoTrack(1, annexB)), [
    'InvalidCodecPrivateDataException',
    'The codec private data of track 1 (8 bytes) are not a valid avcC record; adapt them when putting the media (NAL adaptation)',
  ]);
  const [name, message] = await refusal(
    Buffer.from(
      videoTrack(1, annexB).toString('latin1').replace('V_MPEG4/ISO/AVC', 'V_VP8/ISO/ABCDE'),
      'latin1',
    ),
  );
  assert.is(name, 'UnsupportedStreamMediaTypeException');
  assert.match(message, 'Track 1 is V_VP8/ISO/ABCDE');
});
