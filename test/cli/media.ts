/** Looks at media files through ffmpeg, ffprobe and mkvinfo, none of which share code with ours. */
import { spawnSync } from 'node:child_process';
import * as assert from 'uvu/assert';

/** A packet as ffprobe reports it. */
export interface ProbedPacket {
  readonly type: string;
  /** Milliseconds. */
  readonly presentationTs: number;
  readonly keyFrame: boolean;
  readonly hash: string;
}

/** Runs a tool and returns its standard output; fails the test when the tool fails. */
export function runTool(name: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(name, args, {
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
  assert.is(error, undefined);
  assert.is(status, 0, `${name} ${args.join(' ')}:\n${stderr}`);
  return stdout;
}

/** The packets of the video or audio track, in the order of the file. */
export function probePackets(path: string, type: 'video' | 'audio'): ProbedPacket[] {
  const output = runTool('ffprobe', [
    ...['-v', 'error', '-select_streams', type.charAt(0), '-show_packets'],
    ...['-show_data_hash', 'md5', '-of', 'json', path],
  ]);
  const { packets } = JSON.parse(output) as {
    packets: { pts_time: string; flags: string; data_hash: string }[];
  };
  return packets.map(({ pts_time, flags, data_hash }) => ({
    type,
    presentationTs: Number(pts_time) * 1000,
    keyFrame: flags.startsWith('K'),
    hash: data_hash,
  }));
}

/** MD5 of each decoded picture, in the order in which they are shown. */
export function decodedPictures(path: string): string[] {
  const output = runTool('ffmpeg', ['-v', 'error', '-i', path, '-an', '-f', 'framemd5', '-']);
  return output
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(',').at(-1)?.trim() ?? '');
}

/** Asserts that ffmpeg decodes the file, and mkvinfo reads it, without a complaint. */
export function assertSound(path: string): void {
  const decoding = spawnSync('ffmpeg', ['-v', 'error', '-i', path, '-f', 'null', '-'], {
    encoding: 'utf8',
  });
  assert.is(decoding.stderr, '');
  const listing = runTool('mkvinfo', [path]);
  assert.not.match(listing, /warning|error|unknown element|invalid/i);
}

/**
 * Asserts that the packets of one type are the same in both files, with times of the copy later by
 * `shift` milliseconds and rounded to whole ones. ffprobe rounds once more where a track has a codec
 * delay of half a millisecond, as that of Opus.
 */
export function assertSamePackets(
  original: string,
  copy: string,
  type: 'video' | 'audio',
  shift: number,
): void {
  const before = probePackets(original, type);
  const after = probePackets(copy, type);
  assert.ok(before.length > 0, `${original} has no ${type}`);
  assert.equal(
    after.map(({ hash }) => hash),
    before.map(({ hash }) => hash),
    `${type} data`,
  );
  assert.equal(
    after.map(({ keyFrame }) => keyFrame),
    before.map(({ keyFrame }) => keyFrame),
    `${type} key frames`,
  );
  for (const [index, packet] of after.entries()) {
    const expected = (before[index]?.presentationTs ?? 0) + shift;
    const distance = Math.abs(packet.presentationTs - expected);
    const tolerance = original.includes('opus') ? 1.01 : 0.51;
    assert.ok(distance <= tolerance, `${type} packet ${index} is ${distance} ms off`);
  }
}
