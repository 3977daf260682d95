/** What the tests of reading media have in common. */
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { MediaInput, MediaPacket, MediaTrack } from '../../ts/ingest/index.js';
import { KinesisVideoError } from '../../ts/internal/errors.js';
import type { TestContext } from '../support/suite.js';

/** Fails the test. */
export function fail(message: string): never {
  throw new Error(message);
}

/** The path of a file in test/fixtures. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
}

/** A folder that is removed after the test. */
export function scratch(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'kvs-ingest-'));
  t.after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** Runs ffmpeg without a console. */
export function ffmpeg(...args: string[]): void {
  execFileSync('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...args], { stdio: 'pipe' });
}

/** A stream of `bytes` in chunks of `size` bytes. */
export function chunked(bytes: Uint8Array, size: number): Readable {
  function* chunks() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  return Readable.from(chunks(), { objectMode: false });
}

/** All packets of an input. */
export async function collect(input: MediaInput): Promise<MediaPacket[]> {
  const packets: MediaPacket[] = [];
  for await (const packet of input.packets()) packets.push(packet);
  return packets;
}

/** The packets up to the error that ends them. */
export async function collectUntilError(
  input: MediaInput,
): Promise<{ packets: MediaPacket[]; error: KinesisVideoError }> {
  const packets: MediaPacket[] = [];
  try {
    for await (const packet of input.packets()) packets.push(packet);
  } catch (error) {
    return { packets, error: asKinesisVideoError(error) };
  }
  return fail('the packets came to a good end');
}

/** Packets in a form that `assert.equal` compares and prints well. */
export function summary(packets: readonly MediaPacket[]) {
  return packets.map(({ data, ...rest }) => ({ ...rest, data: md5(data) }));
}

/** The error that `work` rejects with, which must be one of ours. */
export async function failureOf(work: () => Promise<unknown>): Promise<KinesisVideoError> {
  try {
    await work();
  } catch (error) {
    return asKinesisVideoError(error);
  }
  return fail('it did not fail');
}

function asKinesisVideoError(error: unknown): KinesisVideoError {
  if (!(error instanceof KinesisVideoError)) throw error;
  return error;
}

export function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}

/** A packet as ffprobe shows it. */
export interface ProbedPacket {
  readonly codec_type: string;
  readonly pts_time?: string;
  readonly dts_time?: string;
  readonly duration_time?: string;
  readonly flags: string;
  readonly size: string;
  readonly data_hash: string;
}

/** The packets of a file by type of track, as ffprobe shows them. */
export function probe(file: string, ...args: string[]): Map<string, ProbedPacket[]> {
  const command = ['-v', 'quiet', '-show_packets', '-show_data_hash', 'md5', '-of', 'json'];
  const output = execFileSync('ffprobe', [...command, ...args, file], { maxBuffer: 2 ** 28 });
  const { packets } = JSON.parse(output.toString()) as { packets: ProbedPacket[] };
  const byType = new Map<string, ProbedPacket[]>();
  for (const packet of packets) {
    byType.set(packet.codec_type, [...(byType.get(packet.codec_type) ?? []), packet]);
  }
  return byType;
}

/** The packets of one track. */
export function packetsOf(packets: readonly MediaPacket[], track: MediaTrack | undefined) {
  return packets.filter(({ trackId }) => trackId === track?.trackId);
}

/** The track of a type. */
export function trackOf(input: MediaInput, type: MediaTrack['trackType']): MediaTrack {
  const track = input.tracks.find(({ trackType }) => trackType === type);
  if (track === undefined) return fail(`there is no ${type} track`);
  return track;
}

/** Fails unless two times are the same to a microsecond, which ffprobe rounds to, or to `tolerance`. */
export function assertTime(
  actual: number,
  seconds: string | undefined,
  what: string,
  tolerance = 0.001,
): void {
  const expected = Number(seconds) * 1000;
  if (!(Math.abs(actual - expected) <= tolerance)) {
    fail(`${what} is ${actual} ms, ffprobe says ${expected} ms`);
  }
}
