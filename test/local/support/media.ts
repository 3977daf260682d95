/** Real media as a producer sends it, with what ffprobe, which we did not write, says is in it. */
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  cluster,
  ebmlHeader,
  el,
  info,
  open,
  simpleBlock,
  text,
  tracks,
  uint,
} from '../../parser/support/mkv.js';

/** One packet of media: its payload by digest, and its presentation time in milliseconds. */
export interface Packet {
  readonly type: 'video' | 'audio';
  readonly time: number;
  readonly md5: string;
  readonly key: boolean;
}

interface SourcePacket extends Packet {
  readonly data: Buffer;
}

/** Media for a PutMedia. */
export interface TestMedia {
  /** What comes before the first Cluster. */
  readonly header: Buffer;
  readonly clusters: readonly Buffer[];
  /** Header and clusters. */
  readonly whole: Buffer;
  /** The first time in each cluster, and the end of the last frame of video (or of sound alone). */
  readonly starts: readonly number[];
  readonly end: number;
  /** What is in each cluster, in decoding order of each track. */
  readonly packets: readonly (readonly Packet[])[];
}

interface Probe {
  streams: {
    codec_type: string;
    codec_name: string;
    extradata?: string;
    [name: string]: unknown;
  }[];
  packets: {
    stream_index: number;
    pts_time: string;
    pos: string;
    size: string;
    flags: string;
    data_hash?: string;
  }[];
}

const CODEC_IDS: Readonly<Record<string, string>> = {
  h264: 'V_MPEG4/ISO/AVC',
  hevc: 'V_MPEGH/ISO/HEVC',
  aac: 'A_AAC',
  pcm_alaw: 'A_MS/ACM',
  pcm_mulaw: 'A_MS/ACM',
};

export function fixture(name: string): string {
  return fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));
}

/** AAC begins with a frame before zero, for its decoder to start from. */
const PRIMING_MS = 22;

/** Packages an MP4 of test/fixtures, or of that path: a cluster for each key frame, times in whole milliseconds. */
export function mediaOf(
  name: string,
  options: { only?: 'video' | 'audio'; from?: number } = {},
): TestMedia {
  const { only, from = PRIMING_MS } = options;
  const path = isAbsolute(name) ? name : fixture(name);
  const probe = probeOnce(path);
  const file = readFileSync(path);
  const kept = probe.streams.flatMap((stream, index) => {
    return only === undefined || stream.codec_type === only ? [index] : [];
  });
  const packets = probe.packets
    .filter(({ stream_index }) => kept.includes(stream_index))
    .map((packet): SourcePacket => {
      const data = file.subarray(Number(packet.pos), Number(packet.pos) + Number(packet.size));
      return {
        type: probe.streams[packet.stream_index]?.codec_type as 'video' | 'audio',
        time: from + Math.round(Number(packet.pts_time) * 1000),
        md5: md5(data),
        key: packet.flags.startsWith('K'),
        data,
      };
    });
  const header = Buffer.concat([
    ebmlHeader(),
    open(
      '18538067',
      [info(), tracks(...kept.map((at, number) => trackEntry(probe.streams[at], number + 1)))],
      'ff',
    ),
  ]);
  const numberOf = (type: string): number => {
    return kept.findIndex((at) => probe.streams[at]?.codec_type === type) + 1;
  };
  const groups = groupByKeyFrame(packets);
  const starts = groups.map((group) => Math.min(...group.map(({ time }) => time)));
  const main = packets.filter(({ type }) => type === packets[0]?.type).map(({ time }) => time);
  const [before = 0, last = 0] = main.sort((a, b) => a - b).slice(-2);
  const clusters = groups.map((group) => {
    const start = Math.min(...group.map(({ time }) => time));
    return cluster(
      start,
      ...group.map(({ type, time, data, key }) => {
        return key
          ? simpleBlock(numberOf(type), time - start, data)
          : notKey(simpleBlock(numberOf(type), time - start, data));
      }),
    );
  });
  return {
    header,
    clusters,
    whole: Buffer.concat([header, ...clusters]),
    starts,
    end: last + (last - before),
    packets: groups.map((group) =>
      group.map(({ type, time, md5: digest, key }) => ({ type, time, md5: digest, key })),
    ),
  };
}

/** Video is cut at its key frames, sound where it is cut, or each second when there is no video. */
function groupByKeyFrame(packets: readonly SourcePacket[]): SourcePacket[][] {
  const video = packets.filter(({ type }) => type === 'video');
  const audio = packets.filter(({ type }) => type === 'audio');
  const groups: SourcePacket[][] = [];
  for (const packet of video) {
    if (packet.key) groups.push([]);
    groups.at(-1)?.push(packet);
  }
  const starts = groups.map((group) => Math.min(...group.map(({ time }) => time)));
  for (const packet of audio) {
    const second = Math.floor((packet.time - (audio[0]?.time ?? 0)) / 1000);
    const at =
      video.length > 0
        ? Math.max(
            0,
            starts.findLastIndex((start) => start <= packet.time),
          )
        : second;
    (groups[at] ??= []).push(packet);
  }
  return groups;
}

/** Takes the key frame flag from a SimpleBlock with a size of 8 bytes. */
function notKey(block: Buffer): Buffer {
  const copy = Buffer.from(block);
  copy.writeUInt8(0, 12);
  return copy;
}

function trackEntry(stream: Probe['streams'][number] | undefined, number: number): Buffer {
  if (stream === undefined) throw new Error('There is no such stream');
  const isVideo = stream.codec_type === 'video';
  const rate = Buffer.alloc(8);
  rate.writeDoubleBE(Number(stream['sample_rate'] ?? 0));
  const details = isVideo
    ? el('e0', [
        el('b0', uint(Number(stream['width']), 2)),
        el('ba', uint(Number(stream['height']), 2)),
      ])
    : el('e1', [el('b5', rate), el('9f', uint(Number(stream['channels']), 1))]);
  return el('ae', [
    el('d7', uint(number, 1)),
    el('73c5', uint(number)),
    el('83', uint(isVideo ? 1 : 2, 1)),
    el('86', text(CODEC_IDS[stream.codec_name] ?? '')),
    el('63a2', codecPrivateOf(stream)),
    details,
  ]);
}

const probes = new Map<string, Probe>();

function probeOnce(path: string): Probe {
  let probe = probes.get(path);
  if (probe === undefined) {
    probe = ffprobe(path, '-show_streams', '-show_packets', '-show_data');
    probes.set(path, probe);
  }
  return probe;
}

/** Seconds that each fragment is played for, as playlists have them. */
export function secondsOf({ starts, end }: TestMedia): number[] {
  return starts.map((start, at) => ((starts[at + 1] ?? end) - start) / 1000);
}

function codecPrivateOf(stream: Probe['streams'][number]): Buffer {
  const tag = ['pcm_alaw', 'pcm_mulaw'].indexOf(stream.codec_name);
  if (tag < 0) return fromHexDump(stream.extradata ?? '');
  const rate = Number(stream['sample_rate']);
  const channels = Number(stream['channels']);
  const wave = Buffer.alloc(18);
  wave.writeUInt16LE(6 + tag, 0);
  wave.writeUInt16LE(channels, 2);
  wave.writeUInt32LE(rate, 4);
  wave.writeUInt32LE(rate * channels, 8);
  wave.writeUInt16LE(channels, 12);
  wave.writeUInt16LE(8, 14);
  return wave;
}

/** Lines such as `00000010: fdf8 f800  ....`. */
function fromHexDump(dump: string): Buffer {
  const digits = dump.split('\n').map((line) => line.slice(10, 50).replaceAll(' ', ''));
  return Buffer.from(digits.join(''), 'hex');
}

export function ffprobe(path: string, ...options: string[]): Probe {
  const text = execFileSync('ffprobe', ['-v', 'error', ...options, '-of', 'json', path], {
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 28,
  });
  return JSON.parse(text.toString()) as Probe;
}

/** The packets in a file, as ffprobe finds them; `bias` (ms) is taken from their times. */
export function packetsIn(bytes: Uint8Array, extension: string, bias = 0): Packet[] {
  return withFile(bytes, extension, (path) => {
    const probe = ffprobe(path, '-show_streams', '-show_packets', '-show_data_hash', 'md5');
    return probe.packets.map((packet) => ({
      type: probe.streams.find((stream) => stream['index'] === packet.stream_index)
        ?.codec_type as Packet['type'],
      time: Math.round(Number(packet.pts_time) * 1000 - bias),
      md5: (packet.data_hash ?? '').replace('MD5:', ''),
      key: packet.flags.startsWith('K'),
    }));
  });
}

/**
 * The packets of one track after a bitstream filter of ffmpeg has brought them into a form in which
 * containers do not differ. Times are in milliseconds; `bias` is taken from them, in the 33 bits of
 * MPEG-TS for a time base of 90 kHz.
 */
export function filteredPackets(
  bytes: Uint8Array,
  extension: string,
  options: { type: Packet['type']; filter: string; bias: number },
): { time: number; md5: string }[] {
  const { type, filter, bias } = options;
  const specifier = type === 'video' ? 'v' : 'a';
  const text = withFile(bytes, extension, (path) => {
    const args = ['-map', `0:${specifier}`, '-c', 'copy', `-bsf:${specifier}`, filter, '-copyts'];
    return execFileSync('ffmpeg', ['-v', 'error', '-i', path, ...args, '-f', 'framemd5', '-'], {
      encoding: 'utf8',
    });
  });
  const rate = Number(/^#tb 0: 1\/(\d+)/m.exec(text)?.[1]);
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => {
    const [, , pts = '', , , digest = ''] = line.split(',').map((field) => field.trim());
    const ticks =
      rate === 90_000 ? unwrap(Number(pts) - bias * 90) : Number(pts) - (bias * rate) / 1000;
    return { time: Math.round((ticks * 1000) / rate), md5: digest };
  });
}

function unwrap(ticks: number): number {
  return ((ticks % 2 ** 33) + 2 ** 33) % 2 ** 33;
}

/** Fails with the first difference. */
export function assertSamePackets(actual: readonly Packet[], expected: readonly Packet[]): void {
  const texts = [actual, expected].map((packets) => packets.map((one) => JSON.stringify(one)));
  const [found = [], wanted = []] = texts;
  const at = wanted.findIndex((text, index) => text !== found[index]);
  if (at >= 0) {
    throw new Error(`Packet ${at} is ${found[at]} instead of ${wanted[at]}`);
  }
  if (found.length > wanted.length)
    throw new Error(`There are ${found.length} packets, not ${wanted.length}`);
}

/** Decodes everything and fails when ffmpeg has anything to complain of. */
export function decode(bytes: Uint8Array, extension: string): void {
  const complaints = withFile(bytes, extension, (path) => {
    return spawnSync('ffmpeg', decoding(path), { encoding: 'utf8' }).stderr;
  });
  if (complaints !== '') throw new Error(`ffmpeg says: ${complaints}`);
}

/** A player that gets nothing more waits for ever, and does not heed a polite signal either. */
const PLAY_TIMEOUT_MS = 35_000;

/** Plays a URL with ffmpeg, for `seconds` of media, and returns what it complains of. */
export async function complaintsOf(url: string, seconds = 60): Promise<string> {
  // Not in this thread, which the endpoint may run in.
  const { stderr } = await promisify(execFile)('ffmpeg', decoding(url, '-t', String(seconds)), {
    timeout: PLAY_TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  return stderr;
}

function decoding(input: string, ...options: string[]): string[] {
  return ['-v', 'error', '-nostdin', '-i', input, ...options, '-f', 'null', '-'];
}

export function withFile<T>(bytes: Uint8Array, extension: string, work: (path: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'kvs-media-'));
  try {
    const path = join(folder, `media.${extension}`);
    writeFileSync(path, bytes);
    return work(path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}
