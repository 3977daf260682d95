/**
 * Media that ffmpeg encodes, through the core, into a file that mkvinfo, ffprobe and ffmpeg judge.
 * Nothing here reads media with code of ours.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { StreamDefinition } from '../../../ts/index.js';
import { toNativeConfig } from '../../../ts/producer/native-config.js';
import { resolveDefinition } from '../../../ts/producer/stream-definition.js';
import { lowPart } from '../../../ts/internal/native.js';
import { makeClient, nameOf, readAll, START } from '../../addon/support/native.js';
import type { TestContext } from '../../support/suite.js';
import { requireTool } from '../../support/tools.js';

/** A packet of an encoder; times are milliseconds. */
export interface Packet {
  readonly trackId: number;
  readonly data: Uint8Array;
  readonly keyFrame: boolean;
  readonly presentationTs: number;
  readonly decodingTs: number;
  readonly duration: number;
}

/** A file of one track, and what ffprobe says of it. */
export interface Encoded {
  readonly file: string;
  readonly packets: readonly Packet[];
  readonly extradata: Uint8Array;
}

/** What ffprobe says of a track. */
export interface ProbedTrack {
  readonly codec_name?: string;
  readonly codec_type?: string;
  readonly width?: number;
  readonly height?: number;
  readonly sample_rate?: string;
  readonly channels?: number;
  readonly extradata?: string;
}

/** A packet as ffprobe shows it. */
export interface ProbedPacket {
  readonly stream_index: number;
  readonly pts_time: string;
  readonly duration_time?: string;
  readonly flags: string;
  readonly data_hash: string;
  readonly data?: string;
}

/** How the times in a file differ from those of the packets. */
export interface Timing {
  /** Milliseconds that a time may be off; half a unit of the timecode and what ffprobe rounds. */
  readonly tolerance: number;
  /** Milliseconds that were added. */
  readonly origin: number;
}

/** Times of the epoch, in whole milliseconds. */
export const ABSOLUTE: Timing = { origin: START, tolerance: 0.51 };

/** Ten pictures a group, with pictures that are decoded early unless `NO_B` follows. */
export const X264 = [
  '-c:v',
  'libx264',
  '-preset',
  'fast',
  '-g',
  '10',
  '-x264-params',
  'log-level=none',
];
export const NO_B = ['-bf', '0'];

/** A folder that is removed after the test. */
export function scratch(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'kvs-codec-'));
  t.after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** Runs a program, which must succeed, and returns what it prints. */
export function run(tool: string, ...args: string[]): string {
  return execFileSync(tool, args, { encoding: 'utf8', maxBuffer: 2 ** 28, stdio: 'pipe' });
}

/** A test picture that moves, in Annex-B where the codec has start codes. */
export function picture(t: TestContext, encoder: readonly string[], rate = 25, frames = 50) {
  const source = `testsrc2=size=64x48:rate=${rate}`;
  return encode(t, ['-f', 'lavfi', '-i', source, '-frames:v', String(frames), ...encoder], 'nut');
}

/** A tone of two seconds. */
export function tone(t: TestContext, encoder: readonly string[], rate = 8000, channels = 1) {
  const source = `sine=frequency=440:sample_rate=${rate}:duration=2`;
  return encode(t, ['-f', 'lavfi', '-i', source, '-ac', String(channels), ...encoder], 'nut');
}

/** The same packets as another container holds them, above all with lengths for start codes. */
export function repackage(t: TestContext, { file }: Encoded, format: string, ...args: string[]) {
  return encode(t, ['-i', file, '-c', 'copy', ...args], format);
}

let files = 0;

function encode(t: TestContext, args: readonly string[], format: string): Encoded {
  files += 1;
  const file = join(scratch(t), `${files}.${format}`);
  run('ffmpeg', '-v', 'error', '-nostdin', '-y', ...args, '-f', formatName(format), file);
  const { streams, packets } = probe(file, '-show_data');
  const shown = packets.map((packet) => ({ ...packet, pts: Number(packet.pts_time) * 1000 }));
  const sorted = shown.map(({ pts }) => pts).sort((a, b) => a - b);
  const ahead = Math.max(...shown.map(({ pts }, index) => (sorted[index] as number) - pts));
  return {
    file,
    extradata: fromDump(streams[0]?.extradata),
    packets: shown.map(({ pts, flags, data, duration_time }, index) => ({
      trackId: 1,
      data: fromDump(data),
      keyFrame: flags.startsWith('K'),
      presentationTs: pts,
      decodingTs: (sorted[index] as number) - ahead,
      duration: Number(duration_time ?? 0) * 1000,
    })),
  };
}

function formatName(extension: string): string {
  return extension === 'mkv' ? 'matroska' : extension;
}

/** Tracks and packets of a file. */
export function probe(file: string, ...args: string[]) {
  const hash = ['-show_packets', '-show_streams', '-show_data_hash', 'md5'];
  const output = run('ffprobe', '-v', 'error', ...hash, ...args, '-of', 'json', file);
  return JSON.parse(output) as { streams: ProbedTrack[]; packets: ProbedPacket[] };
}

/** The track of a file that has only one. */
export function onlyTrack(file: string): ProbedTrack {
  const { streams } = probe(file);
  assert.is(streams.length, 1);
  return streams[0] as ProbedTrack;
}

/** The bytes of a dump with an offset, eight columns of two bytes, and characters. */
function fromDump(dump = ''): Uint8Array {
  const lines = dump.split('\n').filter((line) => line !== '');
  return Buffer.from(lines.map((line) => line.slice(10, 50).replaceAll(' ', '')).join(''), 'hex');
}

/** What the session of a stream sends for the packets, as a file. */
export function send(
  t: TestContext,
  definition: Omit<StreamDefinition, 'streamName'>,
  packets: readonly Packet[],
  metadata: (put: (name: string, value: string) => void, index: number) => void = () => undefined,
): string {
  const resolved = resolveDefinition({
    streamName: 'cam',
    segmentUuid: new Uint8Array(16).fill(7),
    ...definition,
  });
  const stream = makeClient(t).createStream(toNativeConfig(resolved, true));
  if (typeof stream === 'number') throw new Error(`no stream: ${nameOf(stream)}`);
  packets.forEach(({ data, keyFrame, trackId, ...times }, index) => {
    metadata((name, value) => {
      assert.is(nameOf(stream.putMetadata(name, value, false)), 'SUCCESS');
    }, index);
    const { presentationTs, decodingTs, duration } = times;
    const [pts, dts] = [presentationTs + START, decodingTs + START];
    const status = stream.putFrame(data, keyFrame ? 1 : 0, trackId, pts, dts, duration);
    assert.is(nameOf(lowPart(status)), 'SUCCESS', `frame ${index}`);
  });
  // Frames may still wait for those of another track.
  assert.is(nameOf(stream.stop()), 'SUCCESS');
  files += 1;
  const file = join(scratch(t), `${files}.mkv`);
  writeFileSync(file, readAll(stream));
  return file;
}

/**
 * Packets of several tracks in the order of their times, by which a key frame comes before what
 * has its timecode. The tracks are numbered from 1 in the order given.
 */
export function mix(...tracks: readonly (readonly Packet[])[]): Packet[] {
  return tracks
    .flatMap((packets, index) => packets.map((packet) => ({ ...packet, trackId: index + 1 })))
    .sort((a, b) => Math.round(a.decodingTs) - Math.round(b.decodingTs) || a.trackId - b.trackId);
}

/** What mkvinfo lists of the file; fails when it complains of anything. */
export function listing(file: string): string {
  const { status, stdout, stderr } = spawnSync('mkvinfo', ['--all', file], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  assert.is(status, 0, `mkvinfo: ${stderr}`);
  assert.is(stderr, '');
  assert.not.match(stdout, /warning|error|unknown element|EbmlVoid|invalid|\bDummy\b/i);
  return stdout;
}

/** Fails unless ffmpeg decodes the file without a word. */
export function assertDecodes(file: string): void {
  const args = ['-v', 'error', '-nostdin', '-xerror', '-i', file, '-f', 'null', '-'];
  const { status, stderr } = spawnSync('ffmpeg', args, { encoding: 'utf8' });
  assert.is(stderr, '');
  assert.is(status, 0);
}

/** A hash of each decoded picture, or of all decoded samples, of the first track of that type. */
export function decoded(file: string, type: 'video' | 'audio'): string[] {
  const pictures = type === 'video';
  const form = pictures ? ['-map', '0:v:0', '-f', 'framemd5'] : [];
  const samples = pictures ? [] : ['-map', '0:a:0', '-f', 'md5'];
  const output = run('ffmpeg', '-v', 'error', '-nostdin', '-i', file, ...form, ...samples, '-');
  const lines = output.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => (line.split(',').at(-1) as string).trim());
}

/** Fails unless the track of the file has the packets, at their times. */
export function assertPackets(
  file: string,
  trackIndex: number,
  expected: readonly Packet[],
  { origin, tolerance }: Timing,
  compare: 'bytes' | 'times' = 'bytes',
): void {
  const { packets } = probe(file);
  const actual = packets.filter(({ stream_index }) => stream_index === trackIndex);
  assert.is(actual.length, expected.length, 'packets');
  actual.forEach(({ pts_time, flags, data_hash }, index) => {
    const { data, keyFrame, presentationTs } = expected[index] as Packet;
    const time = presentationTs + origin;
    const what = `packet ${index}: ${pts_time} s for ${time} ms`;
    assert.ok(Math.abs(Number(pts_time) * 1000 - time) <= tolerance, what);
    assert.is(flags.startsWith('K'), keyFrame, `packet ${index} is a key frame`);
    const md5 = createHash('md5').update(data).digest('hex');
    if (compare === 'bytes') assert.is(data_hash, `MD5:${md5}`, `packet ${index}`);
  });
}

/** Skips the test without the programs, or without an encoder of ffmpeg. */
export function requireTools(t: TestContext, encoder?: string): void {
  requireTool(t, 'ffmpeg', 'ffprobe', 'mkvinfo');
  if (encoder === undefined) return;
  const known = run('ffmpeg', '-v', 'error', '-encoders').includes(` ${encoder} `);
  if (!known) t.skip(`ffmpeg has no encoder ${encoder}`);
}

/** Fails unless the file has a video track of 64x48 whose pictures are those of the source. */
export function assertSamePictures(file: string, source: Encoded, codec: string, count = 50): void {
  const track = probe(file).streams[0] ?? {};
  assert.is(track.codec_name, codec);
  assert.is(track.width, 64);
  assert.is(track.height, 48);
  assertDecodes(file);
  const pictures = decoded(file, 'video');
  assert.is(pictures.length, count);
  assert.equal(pictures, decoded(source.file, 'video'));
}
