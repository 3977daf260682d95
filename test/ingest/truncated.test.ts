/** Recordings that were cut off: what is complete is delivered, then an error says what is missing. */
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import * as assert from 'uvu/assert';
import { openMedia } from '../../ts/ingest/index.js';
import { suite, type TestContext } from '../support/suite.js';
import { requireTool } from '../support/tools.js';
import {
  chunked,
  collect,
  collectUntilError,
  failureOf,
  ffmpeg,
  fixture,
  packetsOf,
  probe,
  scratch,
  summary,
  trackOf,
} from './support.js';

const test = suite('truncated media', { timeout: 20_000 });

/** A copy of a file that ends after a part of it. */
function cut(t: TestContext, path: string, part: number): string {
  const copy = join(scratch(t), `cut-${part}`);
  const bytes = readFileSync(path);
  writeFileSync(copy, bytes.subarray(0, Math.floor(bytes.length * part)));
  return copy;
}

test('an MP4 file that ends in its media gives all packets that are whole, then says what is missing', async (t) => {
  requireTool(t, 'ffprobe');
  const path = fixture('truncated.mp4');
  const input = await openMedia(path);
  const { packets, error } = await collectUntilError(input);
  assert.is(error.code, 'STATUS_UNEXPECTED_EOF');
  assert.match(
    error.message,
    /truncated\.mp4' ends at byte 20175, too early: media from 1\.131 s on is missing; get it once more/,
  );
  for (const track of input.tracks) {
    // ffprobe shows the packet that the cut goes through, too.
    const whole = (probe(path).get(track.trackType) ?? []).length;
    const given = packetsOf(packets, track).length;
    assert.ok(given === whole || given === whole - 1, `${given} of ${whole}`);
  }
  const expected = summary(await collect(await openMedia(fixture('h264-aac-faststart.mp4'))));
  assert.equal(packetsOf(packets, trackOf(input, 'video')).length, 30);
  for (const packet of summary(packets)) {
    assert.ok(expected.some((other) => JSON.stringify(other) === JSON.stringify(packet)));
  }
});

test('an MP4 stream that breaks off gives the same packets as the file', async () => {
  const file = await collectUntilError(await openMedia(fixture('truncated.mp4')));
  const bytes = readFileSync(fixture('truncated.mp4'));
  const stream = await collectUntilError(await openMedia(chunked(bytes, 1000)));
  assert.equal(summary(stream.packets), summary(file.packets));
  assert.is(stream.error.code, 'STATUS_UNEXPECTED_EOF');
  assert.match(stream.error.message, /^The input stream ends too early: media from 1\.131 s on/);
});

test('an MP4 file that ends before its index cannot be read, and says why', async (t) => {
  for (const part of [0.2, 0.5, 0.9]) {
    const error = await failureOf(() => openMedia(cut(t, fixture('h264-aac.mp4'), part)));
    assert.is(error.code, 'STATUS_UNEXPECTED_EOF');
    assert.match(
      error.message,
      /ends at byte \d+, before its index \(moov box\): the recording was cut off/,
    );
  }
});

test('an MP4 file that ends in its index cannot be read, and says why', async (t) => {
  const bytes = readFileSync(fixture('h264-aac-faststart.mp4'));
  const path = join(scratch(t), 'index.mp4');
  writeFileSync(path, bytes.subarray(0, bytes.indexOf('moov') + 300));
  const error = await failureOf(() => openMedia(path));
  assert.is(error.code, 'STATUS_UNEXPECTED_EOF');
  assert.match(error.message, /before its index/);
  const piped = await failureOf(() => openMedia(chunked(readFileSync(path), 64)));
  assert.is(piped.code, 'STATUS_UNEXPECTED_EOF');
});

test('MP4 with its index behind the media is refused from a stream at once, with two remedies', async () => {
  const bytes = readFileSync(fixture('h264-aac.mp4'));
  let read = 0;
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += 512) {
      read += 512;
      yield bytes.subarray(at, at + 512);
    }
  }
  const error = await failureOf(() => openMedia(Readable.from(chunks(), { objectMode: false })));
  assert.is(error.code, 'STATUS_NOT_IMPLEMENTED');
  assert.match(
    error.message,
    /index \(moov box\) behind the media.*give the path of the file instead, or rewrite it with: ffmpeg .* -movflags \+faststart/,
  );
  assert.ok(read < bytes.length / 2, `${read} bytes were read`);
});

test('fragmented MP4 that is cut anywhere gives its whole packets, then an error', async (t) => {
  requireTool(t, 'ffmpeg');
  const path = join(scratch(t), 'fragmented.mp4');
  ffmpeg(
    '-i',
    fixture('h264-aac.mp4'),
    '-c',
    'copy',
    '-movflags',
    'frag_keyframe+empty_moov',
    path,
  );
  const expected = summary(await collect(await openMedia(path)));
  const size = readFileSync(path).length;
  let most = 0;
  for (const at of [size - 1, size - 200, Math.floor(size * 0.7), Math.floor(size * 0.4)]) {
    truncateSync(path, at);
    const { packets, error } = await collectUntilError(await openMedia(path));
    assert.is(error.code, 'STATUS_UNEXPECTED_EOF', `cut at ${at} of ${size}`);
    most = Math.max(most, packets.length);
    for (const packet of summary(packets)) {
      assert.ok(
        expected.some(
          (other) => other.data === packet.data && other.presentationTs === packet.presentationTs,
        ),
      );
    }
    const piped = await collectUntilError(await openMedia(chunked(readFileSync(path), 777)));
    assert.is(piped.error.code, 'STATUS_UNEXPECTED_EOF');
    assert.is(piped.packets.length, packets.length);
  }
  assert.ok(most > 180, `${most} of ${expected.length}`);
});

test('a media segment without its initialization segment says what is missing', async (t) => {
  requireTool(t, 'ffmpeg');
  const path = join(scratch(t), 'segment.mp4');
  ffmpeg(
    '-i',
    fixture('h264-baseline.mp4'),
    '-c',
    'copy',
    '-movflags',
    'frag_keyframe+empty_moov',
    path,
  );
  const bytes = readFileSync(path);
  const segment = bytes.subarray(bytes.indexOf('moof') - 4);
  writeFileSync(path, segment);
  for (const source of [path, chunked(segment, 100)]) {
    const error = await failureOf(() => openMedia(source));
    assert.is(error.code, 'STATUS_FORMAT_ERROR');
    assert.match(error.message, /put the initialization segment in front of it/);
  }
});

test('Matroska that is cut anywhere gives its whole packets, then an error with the place', async (t) => {
  const path = fixture('h264-aac.mkv');
  const expected = summary(await collect(await openMedia(path)));
  for (const part of [0.3, 0.6, 0.9]) {
    const { packets, error } = await collectUntilError(await openMedia(cut(t, path, part)));
    assert.is(error.code, 'STATUS_UNEXPECTED_EOF');
    assert.match(
      error.message,
      /is cut off: .* \(at byte \d+\); get it once more, whole, or repair it/,
    );
    assert.ok(packets.length > expected.length * (part - 0.2), `${packets.length} packets`);
    const known = new Set(expected.map(({ data }) => data));
    assert.ok(summary(packets).every(({ data }) => known.has(data)));
  }
});

test('Matroska that ends in its headers cannot be opened', async (t) => {
  const bytes = readFileSync(fixture('h264-aac.mkv'));
  const path = join(scratch(t), 'short.mkv');
  for (const size of [20, 100, bytes.indexOf(Buffer.from([0x16, 0x54, 0xae, 0x6b])) + 20]) {
    writeFileSync(path, bytes.subarray(0, size));
    assert.is((await failureOf(() => openMedia(path))).code, 'STATUS_UNEXPECTED_EOF');
  }
});

test('damage in the middle of Matroska is told with its place, after what comes before', async () => {
  const bytes = Buffer.from(readFileSync(fixture('h264-aac.mkv')));
  const at = Math.floor(bytes.length / 2);
  bytes.fill(0, at, at + 2000);
  const { packets, error } = await collectUntilError(await openMedia(chunked(bytes, 4096)));
  assert.is(error.code, 'STATUS_FORMAT_ERROR');
  assert.match(
    error.message,
    /^The input stream is not sound Matroska: .* \(at byte \d+\); repair it with/,
  );
  assert.ok(packets.length > 80, `${packets.length} packets`);
});
