import * as assert from 'uvu/assert';
import { join } from 'node:path';
import { suite, type TestContext } from '../support/suite.js';
import { requireTool } from '../support/tools.js';
import { fixture, kvs, startLocal, summaryOf, temporaryFolder, type Run } from './kvs.js';
import { assertSamePackets, assertSound, decodedPictures, probePackets, runTool } from './media.js';

const test = suite('kvs put and get of files', { timeout: 60_000 });

const START = 1_700_000_000_000;

interface Upload {
  readonly put: Run;
  /** The options that say where the stream is. */
  readonly place: readonly string[];
}

/** Uploads with `args` to an endpoint of its own. */
async function send(t: TestContext, args: readonly string[], input?: string): Promise<Upload> {
  const { endpoint } = await startLocal(t);
  const place = ['--stream', 'journey', '--endpoint', endpoint];
  const options = ['--json', '--start-time', String(START)];
  const put = await kvs(t, ['put', ...args, ...place, ...options], input ? { input } : {});
  assert.is(put.status, 0, put.stderr);
  return { put, place };
}

/** Uploads with `args`, reads the stream back, and returns the file that came back. */
async function journey(
  t: TestContext,
  args: readonly string[],
  input?: string,
): Promise<Upload & { readonly copy: string }> {
  const upload = await send(t, args, input);
  const copy = join(temporaryFolder(t), 'copy.mkv');
  const get = await kvs(t, ['get', ...upload.place, '-o', copy]);
  assert.is(get.status, 0, get.stderr);
  return { ...upload, copy };
}

const CONTAINERS: readonly (readonly [name: string, what: string, types: ('video' | 'audio')[]])[] =
  [
    ['h264-baseline.mp4', 'H.264 without B-frames in MP4', ['video']],
    ['h264-aac.mp4', 'H.264 with B-frames and AAC in MP4', ['video', 'audio']],
    ['h264-aac-faststart.mp4', 'an MP4 with its index in front', ['video', 'audio']],
    ['h264-open-gop.mp4', 'H.264 with open groups of pictures', ['video']],
    ['h264-aac.mkv', 'H.264 and AAC in Matroska', ['video', 'audio']],
    ['h264-aac.mov', 'H.264 and AAC in QuickTime', ['video', 'audio']],
    ['h265-aac.mp4', 'H.265 and AAC in MP4', ['video', 'audio']],
    ['vp8-opus.webm', 'VP8 and Opus in WebM', ['video', 'audio']],
    ['aac.m4a', 'AAC alone', ['audio']],
  ];

for (const [name, what, types] of CONTAINERS) {
  test(`${what} comes back byte for byte, at its times, and plays`, async (t) => {
    requireTool(t, 'ffprobe', 'ffmpeg', 'mkvinfo');
    const { put, copy } = await journey(t, [fixture(name)]);
    for (const type of types) assertSamePackets(fixture(name), copy, type, START);
    assertSound(copy);
    const { frames, fragments, persistedFragments, drops, undeliveredFrames } = summaryOf(put);
    const packets = types.reduce((sum, type) => sum + probePackets(copy, type).length, 0);
    assert.is(frames, packets);
    assert.is(persistedFragments, fragments);
    assert.is(drops, 0);
    assert.is(undeliveredFrames, 0);
  });
}

const ENCODED: readonly (readonly [what: string, name: string, ...options: string[]])[] = [
  ['H.264 and G.711', 'g711.mkv', '-c:v', 'copy', '-ar', '8000', '-c:a', 'pcm_mulaw'],
  ['M-JPEG and PCM', 'mjpeg.mkv', '-c:v', 'mjpeg', '-c:a', 'pcm_s16le'],
  ['VP9 and Opus in MP4', 'vp9-opus.mp4', '-s', '64x48', '-c:v', 'libvpx-vp9', '-c:a', 'libopus'],
];

for (const [what, name, ...options] of ENCODED) {
  test(`${what} come back byte for byte, at their times, and play`, async (t) => {
    requireTool(t, 'ffprobe', 'ffmpeg', 'mkvinfo');
    const file = join(temporaryFolder(t), name);
    runTool('ffmpeg', ['-v', 'error', '-i', fixture('h264-aac.mp4'), ...options, file]);
    const { put, copy } = await journey(t, [file]);
    for (const type of ['video', 'audio'] as const) {
      assertSamePackets(file, copy, type, START);
    }
    assertSound(copy);
    const { drops, fragments, persistedFragments } = summaryOf(put);
    assert.is(persistedFragments, fragments);
    assert.is(drops, 0);
  });
}

const STREAMS: readonly (readonly [name: string, what: string])[] = [
  ['h264-baseline.h264', 'H.264 without B-frames'],
  ['h264-bframes-aud.h264', 'H.264 with B-frames'],
  ['h265-bframes.h265', 'H.265 with B-frames'],
];

for (const [name, what] of STREAMS) {
  test(`${what} piped in with start codes shows the same pictures, 40 ms apart`, async (t) => {
    requireTool(t, 'ffprobe', 'ffmpeg', 'mkvinfo');
    const { copy } = await journey(t, ['-'], fixture(name));
    assert.equal(decodedPictures(copy), decodedPictures(fixture(name)));
    assertSound(copy);
    const times = probePackets(copy, 'video')
      .map(({ presentationTs }) => presentationTs)
      .sort((a, b) => a - b);
    assert.equal(
      times,
      times.map((_time, index) => START + 40 * index),
    );
  });
}

test('--frame-rate sets the times of a raw stream', async (t) => {
  requireTool(t, 'ffprobe');
  const { copy } = await journey(t, ['-', '--frame-rate', '50'], fixture('h264-baseline.h264'));
  const packets = probePackets(copy, 'video');
  assert.is(packets.length, 75);
  assert.is(packets.at(-1)?.presentationTs, START + 74 * 20);
});

test('--tracks video leaves the sound out', async (t) => {
  requireTool(t, 'ffprobe');
  const { put, copy } = await journey(t, [fixture('h264-aac.mp4'), '--tracks', 'video']);
  assertSamePackets(fixture('h264-aac.mp4'), copy, 'video', START);
  assert.is(summaryOf(put)['frames'], 75);
  assert.is(probePackets(copy, 'audio').length, 0);
});

test('--fragment-duration sets where fragments are cut', async (t) => {
  const short = await send(t, [fixture('h264-aac.mp4'), '--fragment-duration', '1000']);
  assert.is(summaryOf(short.put)['fragments'], 3);
  const long = await send(t, [fixture('h264-aac.mp4'), '--fragment-duration', '20000']);
  assert.is(summaryOf(long.put)['fragments'], 1);
});

test('--relative sends times that begin at zero and are stored at the start time', async (t) => {
  const { put } = await send(t, [fixture('h264-baseline.mp4'), '--relative']);
  const timecodes = put.lines
    .filter(({ type, ackType }) => type === 'ack' && ackType === 'PERSISTED')
    .map(({ fragmentTimecode }) => fragmentTimecode);
  assert.equal(timecodes, [0, 2000]);
});

test('what was read back can be sent again, and keeps its length', async (t) => {
  requireTool(t, 'ffprobe');
  const { copy } = await journey(t, [fixture('h264-aac.mp4')]);
  const again = await journey(t, [copy]);
  assertSamePackets(copy, again.copy, 'video', 0);
});
