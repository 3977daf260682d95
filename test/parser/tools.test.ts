import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { readFrames } from '../../ts/parser/index.js';
import { suite, type TestContext } from '../support/suite.js';
import { requireTool } from '../support/tools.js';

const test = suite('Frames of files that other programs write', { timeout: 30_000 });

const SOURCE = fileURLToPath(new URL('../fixtures/h264-aac.mkv', import.meta.url));

interface Packet {
  readonly stream_index: number;
  readonly pts_time: string;
  readonly flags: string;
  readonly data_hash: string;
}

function run(name: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(name, args, { encoding: 'utf8', maxBuffer: 1e8 });
  assert.is(status, 0, `${name} ${args.join(' ')}\n${stderr}`);
  return stdout;
}

function target(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'kvs-parser-'));
  t.after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return join(folder, 'copy.mkv');
}

/** A frame, whoever tells of it. */
interface Told {
  readonly time: number;
  readonly what: string;
}

/** Asserts that our parser reads the frames of each track that ffprobe does, in the same order. */
async function assertSameFrames(file: string, chunkSize: number): Promise<void> {
  const ours = new Map<number, Told[]>();
  for await (const frame of readFrames(createReadStream(file, { highWaterMark: chunkSize }))) {
    const hash = createHash('md5').update(frame.data).digest('hex');
    const isKey = frame.keyFrame || frame.track?.type === 'audio';
    add(ours, frame.trackNumber, { time: frame.timestamp, what: `${isKey ? 'K' : '_'} ${hash}` });
  }
  const listing = run('ffprobe', [
    ...['-v', 'error', '-show_packets', '-show_data_hash', 'md5', '-of', 'json', file],
  ]);
  const { packets } = JSON.parse(listing) as { packets: Packet[] };
  const theirs = new Map<number, Told[]>();
  for (const { stream_index: stream, pts_time: time, flags, data_hash: hash } of packets) {
    const what = `${flags.charAt(0)} ${hash.replace('MD5:', '')}`;
    add(theirs, stream + 1, { time: Number(time) * 1000, what });
  }
  assert.equal([...ours.keys()].sort(), [...theirs.keys()].sort());
  for (const [track, frames] of ours) {
    const expected = theirs.get(track) ?? [];
    assert.ok(frames.length > 70, `${frames.length} frames`);
    assert.equal(
      frames.map(({ what }) => what),
      expected.map(({ what }) => what),
    );
    // ffprobe adds up whole milliseconds for the frames of a lace, of which there are up to eight.
    for (const [index, { time }] of frames.entries()) {
      assert.ok(
        Math.abs(time - (expected[index]?.time ?? 0)) <= 3,
        `${track}: ${time} is ${expected[index]?.time}`,
      );
    }
  }
}

function add(tracks: Map<number, Told[]>, track: number, frame: Told): void {
  tracks.set(track, [...(tracks.get(track) ?? []), frame]);
}

test('ffmpeg, with clusters of unknown size', async (t) => {
  requireTool(t, 'ffmpeg', 'ffprobe');
  const file = target(t);
  run('ffmpeg', ['-v', 'error', '-i', SOURCE, '-c', 'copy', '-live', '1', file]);
  await assertSameFrames(file, 313);
});

test('mkvmerge, with block groups, lacing and stripped headers', async (t) => {
  requireTool(t, 'mkvmerge', 'ffprobe');
  const file = target(t);
  const compression = ['--compression', '0:none', '--compression', '1:none'];
  run('mkvmerge', ['-q', '-o', file, '--cluster-length', '500ms', ...compression, SOURCE]);
  await assertSameFrames(file, 1000);
});

test('GStreamer, while it streams', async (t) => {
  requireTool(t, 'gst-launch-1.0', 'ffprobe');
  const file = target(t);
  run('gst-launch-1.0', [
    ...['-q', 'videotestsrc', 'num-buffers=160', '!', 'video/x-raw,width=64,height=48'],
    ...['!', 'jpegenc', '!', 'matroskamux', 'streamable=true', '!', 'filesink'],
    `location=${file}`,
  ]);
  await assertSameFrames(file, 4096);
});
