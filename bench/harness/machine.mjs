/** Where and with what a report was made: without it a figure says nothing. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What a file or a command says, without the end of the line; undefined where there is none. */
function said(read) {
  try {
    return read().toString('utf8').replaceAll('\0', '').trim() || undefined;
  } catch {
    return undefined;
  }
}

const inFile = (path) => said(() => readFileSync(path));
const byCommand = (command, ...args) =>
  said(() => execFileSync(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] }));

/** The processor, memory and system; on Linux and a Raspberry Pi also what slows them down. */
export function describeMachine() {
  const cpu = cpus();
  return {
    model: inFile('/proc/device-tree/model'),
    cpu: cpu[0]?.model ?? inFile('/proc/device-tree/compatible'),
    cores: cpu.length,
    arch: arch(),
    memoryMiB: Math.round(totalmem() / 2 ** 20),
    system: `${platform()} ${release()}`,
    governor: inFile('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor'),
    ...describeState(),
  };
}

/** What changes while a benchmark runs: other programs, heat, and a processor that protects itself. */
export function describeState() {
  const millidegrees = inFile('/sys/class/thermal/thermal_zone0/temp');
  return {
    load: Math.round(loadavg()[0] * 100) / 100,
    celsius: millidegrees === undefined ? undefined : Number(millidegrees) / 1000,
    throttled: byCommand('vcgencmd', 'get_throttled'),
  };
}

/** Versions of Node.js, of this package and of what it is compared with. */
export function describeVersions() {
  const packageVersion = (folder) => {
    const text = inFile(join(root, folder, 'package.json'));
    return text === undefined ? undefined : JSON.parse(text).version;
  };
  const firstLine = (text) => text?.split('\n')[0];
  return {
    'kinesis-video-producer': packageVersion('.'),
    node: process.version,
    openssl: process.versions.openssl,
    mediabunny: packageVersion('bench/node_modules/mediabunny'),
    'webm-muxer': packageVersion('bench/node_modules/webm-muxer'),
    ffmpeg: byCommand('ffmpeg', '-version')?.match(/^ffmpeg version (\S+)/)?.[1],
    gstreamer: byCommand('gst-launch-1.0', '--version')?.match(/GStreamer ([\d.]+)/)?.[1],
    valgrind: byCommand('valgrind', '--version')?.replace('valgrind-', ''),
    compiler: firstLine(byCommand(process.env.CC ?? 'cc', '--version')),
  };
}

/** The commit, and whether files were changed since. */
export function describeCommit() {
  const commit = byCommand('git', 'rev-parse', '--short', 'HEAD');
  if (commit === undefined) return {};
  return { commit, modified: byCommand('git', 'status', '--porcelain') !== undefined };
}
