/** What openMedia refuses, and what it says then. */
import { chmodSync, createReadStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import * as assert from 'uvu/assert';
import { openMedia, type MediaFormat, type OpenMediaOptions } from '../../ts/ingest/index.js';
import { suite } from '../support/suite.js';
import { requireTool } from '../support/tools.js';
import { chunked, collect, failureOf, ffmpeg, fixture, scratch } from './support.js';

/** The user that owns nothing, on every system with `seteuid`. */
const NOBODY = 65534;

const test = suite('openMedia', { timeout: 20_000 });

async function assertRefused(
  source: string | Readable,
  code: string,
  message: RegExp,
  options?: OpenMediaOptions,
): Promise<void> {
  const error = await failureOf(() => openMedia(source, options));
  assert.is(error.code, code);
  assert.match(error.message, message);
}

test('a file that is not there is named', async (t) => {
  const path = join(scratch(t), 'nothing.mp4');
  await assertRefused(
    path,
    'STATUS_OPEN_FILE_FAILED',
    /^Cannot open '.*nothing\.mp4': there is no such file; check the path\.$/,
  );
});

test('a folder is told from a file', async (t) => {
  await assertRefused(
    scratch(t),
    'STATUS_OPEN_FILE_FAILED',
    /it is a folder; give the path of a file in it/,
  );
});

test('a file that may not be read is told from one that is not there', async (t) => {
  const path = join(scratch(t), 'secret.mp4');
  writeFileSync(path, 'secret');
  chmodSync(path, 0);
  if (process.getuid?.() === 0) {
    // The super-user may read every file; nobody may not.
    process.seteuid?.(NOBODY);
    t.after(() => process.seteuid?.(0));
  }
  await assertRefused(path, 'STATUS_OPEN_FILE_FAILED', /may not read it; change its permissions/);
});

test('an empty file and an empty stream say that they are empty', async (t) => {
  const path = join(scratch(t), 'empty.mp4');
  writeFileSync(path, '');
  await assertRefused(path, 'STATUS_UNEXPECTED_EOF', /empty\.mp4' is empty/);
  await assertRefused(
    Readable.from([]),
    'STATUS_UNEXPECTED_EOF',
    /There is nothing in the input stream/,
  );
});

test('an empty path and a source of another type are wrong arguments', async () => {
  await assertRefused('', 'STATUS_INVALID_ARG', /The path of the media file is empty/);
  for (const source of [undefined, 5, {}, Buffer.alloc(4)]) {
    await assertRefused(
      source as unknown as string,
      'STATUS_INVALID_ARG',
      /Expected a path or a Readable/,
    );
  }
});

test('options out of range, misspelt and unknown are refused before the file is opened', async () => {
  const path = fixture('nothing.mp4');
  for (const [options, message] of [
    [{ frameRate: 0 }, /a number of frames a second .* for frameRate but received 0/],
    [{ frameRate: Number.NaN }, /for frameRate but received NaN/],
    [{ frameRate: '25' }, /for frameRate/],
    [{ format: 'avi' }, /for format but received "avi"/],
    [{ tracks: 'subtitles' }, /for tracks/],
    [{ signal: {} }, /an AbortSignal for signal/],
    [{ framerate: 25 }, /did you mean "frameRate"\?/],
  ] as const) {
    await assertRefused(path, 'STATUS_INVALID_ARG', message, options as OpenMediaOptions);
  }
});

test('what is no media says so and names what can be given', async (t) => {
  const path = join(scratch(t), 'letter.txt');
  writeFileSync(path, 'Dear reader, this is not a film.\n'.repeat(100));
  await assertRefused(
    path,
    'STATUS_NOT_IMPLEMENTED',
    /letter\.txt' is not in a format that can be sent; give MP4, /,
  );
  await assertRefused(
    chunked(Buffer.from('short'), 1),
    'STATUS_NOT_IMPLEMENTED',
    /is not in a format/,
  );
});

test('formats that cannot be sent are called by their names, with a remedy', async () => {
  const transport = Buffer.alloc(188 * 4);
  for (let at = 0; at < transport.length; at += 188) transport[at] = 0x47;
  for (const [bytes, message] of [
    [transport, /is an MPEG-2 transport stream, which cannot be sent; convert it with: ffmpeg/],
    [Buffer.from('RIFF\x10\0\0\0AVI LIST'), /is an AVI file/],
    [Buffer.from('RIFF\x10\0\0\0WAVEfmt '), /is a WAV file/],
    [Buffer.from('FLV\x01\x05\0\0\0\x09\0\0\0'), /is an FLV file/],
    [Buffer.from('\0\0\x01\xba\x44\0\x04\0\x04\x01\0\0', 'latin1'), /is an MPEG program stream/],
    [Buffer.from('OggS\0\x02\0\0\0\0\0\0\0'), /is an Ogg file/],
    [Buffer.from('\xff\xd8\xff\xe0\0\x10JFIF\0\x01', 'latin1'), /is a JPEG image/],
  ] as const) {
    await assertRefused(chunked(bytes, 5), 'STATUS_NOT_IMPLEMENTED', message);
  }
});

test('a codec that cannot be sent is named, with the way to convert it', async (t) => {
  requireTool(t, 'ffmpeg');
  const path = join(scratch(t), 'studio.mov');
  ffmpeg('-i', fixture('h264-aac.mov'), '-t', '0.2', '-c:v', 'prores_ks', '-c:a', 'copy', path);
  await assertRefused(
    path,
    'STATUS_NOT_IMPLEMENTED',
    /^The video of '.*studio\.mov' is ProRes: .* can be sent; encode it anew with: ffmpeg -i INPUT -c:v libx264/,
  );
  // The sound alone is fine when it is asked for.
  const audio = await openMedia(path, { tracks: 'audio' });
  assert.is(audio.contentType, 'audio/aac');
  assert.ok((await collect(audio)).length > 5);
});

test('sound that cannot be sent is left out beside video, with the reason', async (t) => {
  requireTool(t, 'ffmpeg');
  const path = join(scratch(t), 'pcm.mov');
  ffmpeg('-i', fixture('h264-aac.mov'), '-c:v', 'copy', '-c:a', 'pcm_s16le', path);
  const input = await openMedia(path);
  assert.is(input.contentType, 'video/h264');
  const [skipped] = input.skippedTracks;
  assert.is(skipped?.trackType, 'audio');
  assert.is(skipped?.codec, 'PCM');
  assert.match(skipped?.reason ?? '', /H\.264, H\.265, .*, Opus can be sent/);
  assert.is((await collect(input)).length, 75);
  await assertRefused(path, 'STATUS_NOT_IMPLEMENTED', /^The audio of '.*pcm\.mov' is PCM: /, {
    tracks: 'audio',
  });
});

test('an encrypted file says so', async (t) => {
  requireTool(t, 'ffmpeg');
  const path = join(scratch(t), 'locked.mp4');
  const key = ['-encryption_key', '76a6c65c5ea762046bd749a2e632ccbb'];
  const id = ['-encryption_kid', 'a7e61c373e219033c21091fa607bf3b8'];
  ffmpeg(
    '-i',
    fixture('h264-aac.mp4'),
    '-c',
    'copy',
    '-encryption_scheme',
    'cenc-aes-ctr',
    ...key,
    ...id,
    path,
  );
  await assertRefused(
    path,
    'STATUS_NOT_IMPLEMENTED',
    /The video of '.*locked\.mp4' is h264: it is encrypted, and the service does not decrypt it; /,
  );
});

test('a file with subtitles alone has no track to send', async (t) => {
  requireTool(t, 'ffmpeg');
  const folder = scratch(t);
  const text = join(folder, 'words.srt');
  writeFileSync(text, '1\n00:00:00,000 --> 00:00:01,000\nHello\n');
  for (const [name, codec] of [
    ['words.mp4', 'mov_text'],
    ['words.mkv', 'srt'],
  ] as const) {
    const path = join(folder, name);
    ffmpeg('-i', text, '-c:s', codec, path);
    await assertRefused(path, 'STATUS_NOT_FOUND', /has no video or audio track/);
  }
});

test('asking for a kind of track that is not there is an error', async () => {
  for (const [name, tracks] of [
    ['aac.m4a', 'video'],
    ['h264-baseline.mp4', 'audio'],
  ] as const) {
    await assertRefused(fixture(name), 'STATUS_NOT_FOUND', new RegExp(`has no ${tracks} track`), {
      tracks,
    });
  }
});

test('a format that is forced on other content is an error that does not hang', async () => {
  const content = [
    'h264-aac.mp4',
    'h264-aac.mkv',
    'h264-baseline.h264',
    'h265-bframes.h265',
    'make-media.sh',
  ];
  const formats: Readonly<Record<string, MediaFormat>> = {
    'h264-aac.mp4': 'mkv',
    'h264-aac.mkv': 'mp4',
    'h264-baseline.h264': 'aac',
    'h265-bframes.h265': 'mkv',
    'make-media.sh': 'mp4',
  };
  for (const name of content) {
    const format = formats[name] ?? 'mp4';
    for (const source of [fixture(name), createReadStream(fixture(name))]) {
      const error = await failureOf(() => openMedia(source, { format }));
      assert.is(error.code, 'STATUS_FORMAT_ERROR', `${name} as ${format}: ${error.message}`);
    }
  }
});

test('a stream of strings or objects is refused', async () => {
  const text = createReadStream(fixture('make-media.sh'), { encoding: 'utf8' });
  await assertRefused(text, 'STATUS_INVALID_ARG', /are of type string instead of bytes/);
  await assertRefused(
    Readable.from([{}, {}]),
    'STATUS_INVALID_ARG',
    /are of type object instead of bytes/,
  );
});
