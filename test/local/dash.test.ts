import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { XMLParser } from 'fast-xml-parser';
import * as assert from 'uvu/assert';
import { suite, type TestContext } from '../support/suite.js';
import { requireTool } from '../support/tools.js';
import { startWithStream, temporaryFolder } from './support/endpoint.js';
import { listFragments } from './support/fragments.js';
import {
  assertSamePackets,
  complaintsOf,
  decode,
  mediaOf,
  packetsIn,
  fixture,
} from './support/media.js';
import { dashSession, fetchBytes, fetchText, range } from './support/playback.js';
import { putMedia } from './support/put-media.js';

const test = suite('DASH', { timeout: 20_000 });

const ORIGIN = 1_735_787_045_250;
const AT_ORIGIN = { headers: { 'x-amzn-producer-start-timestamp': String(ORIGIN / 1000) } };
const ON_DEMAND = {
  PlaybackMode: 'ON_DEMAND',
  DASHFragmentSelector: {
    FragmentSelectorType: 'PRODUCER_TIMESTAMP',
    TimestampRange: range(ORIGIN, ORIGIN + 3_600_000),
  },
} as const;

type Element = Record<string, string> & { [name: string]: Element[] };

/** A manifest as a tree: attributes begin with @, and children are lists. */
function parse(xml: string): Element {
  const isList = (name: string, _path: unknown, _leaf: boolean, attribute: boolean): boolean => {
    return !attribute && name !== 'MPD';
  };
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    parseAttributeValue: false,
    isArray: isList,
  });
  const { MPD } = parser.parse(xml) as { MPD: Element };
  return MPD;
}

function child(element: Element | undefined, ...path: string[]): Element {
  const found = path.reduce<Element | undefined>((at, name) => at?.[name]?.[0], element);
  if (found === undefined) throw new Error(`There is no ${path.join('/')}`);
  return found;
}

/** Plays one adaptation set as a player does: the init segment, then each segment by its number. */
async function play(url: string, adaptation: Element): Promise<Buffer> {
  const template = child(adaptation, 'Representation', 'SegmentTemplate');
  const segments = child(template, 'SegmentTimeline')['S'] ?? [];
  const resource = (name = ''): Promise<Buffer> => fetchBytes(new URL(name, url));
  const pieces = [await resource(template['@initialization'])];
  for (const at of segments.keys()) {
    const number = Number(template['@startNumber']) + at;
    pieces.push(await resource(template['@media']?.replace('$Number$', String(number))));
  }
  return Buffer.concat(pieces);
}

for (const name of ['h264-aac.mp4', 'h265-aac.mp4']) {
  test(`on demand, the frames and times of ${name} are those that were put`, async (t) => {
    requireTool(t, 'ffmpeg', 'ffprobe');
    const { local } = await startWithStream(t);
    const media = mediaOf(name);
    await putMedia(t, local, media.whole, AT_ORIGIN);
    const url = await dashSession(t, local, ON_DEMAND);
    assert.match(url, /\/dash\/v1\/getDASHManifest\.mpd\?SessionToken=[\w-]{100,}$/);
    const manifest = parse(await fetchText(url));
    assert.equal(
      [manifest['@type'], manifest['@profiles'], manifest['@mediaPresentationDuration']],
      [
        'static',
        'urn:mpeg:dash:profile:isoff-live:2011',
        `PT${(media.end - (media.starts[0] ?? 0)) / 1000}S`,
      ],
    );
    const sets = child(manifest, 'Period')['AdaptationSet'] ?? [];
    assert.equal(
      sets.map((set) => set['@mimeType']),
      ['video/mp4', 'audio/mp4'],
    );
    const [video] = sets;
    const representation = child(video, 'Representation');
    assert.equal(
      ['width', 'height', 'frameRate'].map((key) => representation[`@${key}`]),
      ['320', '180', '25'],
    );
    for (const set of sets) {
      const bytes = await play(url, set);
      const packets = packetsIn(bytes, 'mp4', ORIGIN);
      assertSamePackets(
        packets,
        media.packets.flat().filter(({ type }) => type === packets[0]?.type),
      );
      decode(bytes, 'mp4');
    }
  });
}

for (const codec of ['pcm_alaw', 'pcm_mulaw']) {
  test(`sound in ${codec} is played beside H.264`, async (t) => {
    requireTool(t, 'ffmpeg', 'ffprobe');
    const { local } = await startWithStream(t);
    const path = join(temporaryFolder(t), 'sound.mov');
    const recode = ['-c:v', 'copy', '-c:a', codec, '-ar', '8000', '-ac', '1', path];
    execFileSync('ffmpeg', ['-v', 'error', '-i', fixture('h264-aac.mp4'), ...recode]);
    const media = mediaOf(path);
    await putMedia(t, local, media.whole, AT_ORIGIN);
    const url = await dashSession(t, local, ON_DEMAND);
    const sets = child(parse(await fetchText(url)), 'Period')['AdaptationSet'] ?? [];
    const codecs = sets.map((set) => child(set, 'Representation')['@codecs']);
    assert.equal(codecs, ['avc1.640015', codec.replace('pcm_m', '').replace('pcm_', '')]);
    const bytes = await play(url, sets[1] ?? {});
    decode(bytes, 'mp4');
    const sound = media.packets.flat().filter(({ type }) => type === 'audio');
    assertSamePackets(packetsIn(bytes, 'mp4', ORIGIN), sound);
  });
}

test('ffmpeg plays a session on demand without complaints', async (t) => {
  requireTool(t, 'ffmpeg', 'ffprobe');
  const { local } = await startWithStream(t);
  await putMedia(t, local, mediaOf('h264-aac.mp4').whole, AT_ORIGIN);
  assert.is(await complaintsOf(await dashSession(t, local, ON_DEMAND)), '');
});

async function twoRecordings(t: TestContext): Promise<Awaited<ReturnType<typeof startWithStream>>> {
  const endpoint = await startWithStream(t);
  const { whole } = mediaOf('h264-baseline.mp4');
  await putMedia(t, endpoint.local, whole, AT_ORIGIN);
  // A minute later: the first recording is three seconds long.
  const later = { headers: { 'x-amzn-producer-start-timestamp': String(ORIGIN / 1000 + 60) } };
  await putMedia(t, endpoint.local, whole, later);
  return endpoint;
}

test('the time line has no gap where recording stopped, and tells the true times besides', async (t) => {
  requireTool(t, 'ffmpeg', 'ffprobe');
  const { local } = await twoRecordings(t);
  const url = await dashSession(t, local, {
    ...ON_DEMAND,
    DisplayFragmentTimestamp: 'ALWAYS',
    DisplayFragmentNumber: 'ALWAYS',
  });
  const manifest = parse(await fetchText(url));
  const set = child(manifest, 'Period', 'AdaptationSet');
  const template = child(set, 'Representation', 'SegmentTemplate');
  const first = ORIGIN + 22;
  assert.is(template['@presentationTimeOffset'], String(first));
  const fragments = await listFragments(local);
  const segments = child(template, 'SegmentTimeline')['S'] ?? [];
  assert.equal(
    segments,
    fragments.map(({ FragmentNumber, ProducerTimestamp }, at) => ({
      '@t': String(first + at * 1000),
      '@d': '1000',
      '@kvs:ts': new Date(Math.round(ProducerTimestamp * 1000)).toISOString(),
      '@kvs:fn': FragmentNumber,
    })),
  );
  const bytes = await play(url, set);
  decode(bytes, 'mp4');
  const times = packetsIn(bytes, 'mp4', first).map(({ time }) => time);
  assert.equal(
    times,
    Array.from({ length: 150 }, (_, at) => at * 40),
  );
});

test('a live manifest is available from the time at which the server got its fragments', async (t) => {
  requireTool(t, 'ffmpeg', 'ffprobe');
  const { local } = await startWithStream(t);
  await putMedia(t, local, mediaOf('h264-aac.mp4').whole);
  const url = await dashSession(t, local, { MaxManifestFragmentResults: 2 });
  const manifest = parse(await fetchText(url));
  const [, second] = await listFragments(local);
  assert.equal(
    [manifest['@type'], manifest['@minimumUpdatePeriod'], manifest['@timeShiftBufferDepth']],
    ['dynamic', 'PT1S', 'PT2S'],
  );
  const arrived = (second?.ServerTimestamp ?? 0) * 1000;
  assert.is(Date.parse(manifest['@availabilityStartTime'] ?? ''), Math.round(arrived));
  const template = child(manifest, 'Period', 'AdaptationSet', 'Representation', 'SegmentTemplate');
  assert.is(template['@startNumber'], '0');
  assert.is(child(template, 'SegmentTimeline')['S']?.length, 2);
  const headers = (await fetch(url)).headers;
  assert.is(headers.get('content-type'), 'application/dash+xml');
  assert.is(headers.get('access-control-allow-origin'), '*');
});

test('a session without gaps takes no change of codec private data', async (t) => {
  requireTool(t, 'ffprobe');
  const { local } = await startWithStream(t);
  await putMedia(t, local, mediaOf('h264-baseline.mp4').whole, AT_ORIGIN);
  await putMedia(t, local, mediaOf('h264-open-gop.mp4', { from: 10_000 }).whole, AT_ORIGIN);
  const url = await dashSession(t, local, ON_DEMAND);
  const manifest = parse(await fetchText(url));
  const template = child(manifest, 'Period', 'AdaptationSet', 'Representation', 'SegmentTemplate');
  const media = (number: number): URL => {
    return new URL(template['@media']?.replace('$Number$', String(number)) ?? '', url);
  };
  assert.is((await fetch(media(2))).status, 200);
  const refused = await fetch(media(3));
  assert.equal(
    [refused.status, refused.headers.get('x-amzn-errortype')],
    [400, 'InvalidCodecPrivateDataException'],
  );
});
