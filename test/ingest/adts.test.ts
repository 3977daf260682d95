/** AAC with ADTS headers. */
import { createReadStream, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
  scratch,
  summary,
} from './support.js';

const test = suite('ADTS', { timeout: 20_000 });

function adts(t: TestContext): string {
  requireTool(t, 'ffmpeg');
  const path = join(scratch(t), 'sound.aac');
  ffmpeg('-i', fixture('aac.m4a'), '-c', 'copy', path);
  return path;
}

test('an ADTS stream gives the frames of the MP4 file it came from, from time 0', async (t) => {
  const path = adts(t);
  const boxed = await collect(await openMedia(fixture('aac.m4a')));
  for (const source of [path, createReadStream(path), chunked(readFileSync(path), 1)]) {
    const input = await openMedia(source);
    assert.is(input.format, 'aac');
    assert.is(input.contentType, 'audio/aac');
    const [track] = input.tracks;
    // AAC-LC, 48 kHz, two channels.
    assert.equal([...(track?.codecPrivateData ?? [])], [0x11, 0x90]);
    assert.is(track?.samplingFrequency, 48_000);
    assert.is(track?.channels, 2);
    const packets = summary(await collect(input));
    assert.equal(
      packets.map(({ data }) => data),
      summary(boxed).map(({ data }) => data),
    );
    assert.is(packets[0]?.presentationTs, 0);
    assert.is(packets[3]?.presentationTs, 64);
  }
});

test('an ADTS stream that is cut off gives its whole frames, then an error with the place', async (t) => {
  const bytes = readFileSync(adts(t));
  for (const missing of [1, 40, 100]) {
    const input = await openMedia(chunked(bytes.subarray(0, bytes.length - missing), 500));
    const { packets, error } = await collectUntilError(input);
    assert.is(packets.length, 141);
    assert.is(error.code, 'STATUS_UNEXPECTED_EOF');
    assert.match(error.message, /ends inside the AAC frame at byte \d+/);
  }
});

test('damage in an ADTS stream is told with its place', async (t) => {
  const bytes = readFileSync(adts(t));
  bytes.fill(0, 5000, 9000);
  const path = join(scratch(t), 'damaged.aac');
  writeFileSync(path, bytes);
  const { packets, error } = await collectUntilError(await openMedia(path));
  assert.ok(packets.length > 10);
  assert.is(error.code, 'STATUS_FORMAT_ERROR');
  assert.match(error.message, /is damaged at byte \d+, where an AAC frame should begin/);
});

test('an ADTS stream has no video to ask for', async (t) => {
  const error = await failureOf(() => openMedia(adts(t), { tracks: 'video' }));
  assert.is(error.code, 'STATUS_NOT_FOUND');
});
