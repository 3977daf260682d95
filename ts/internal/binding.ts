/**
 * Loads the native addon: the only file that does. It is loaded on first use, so that importing the
 * package for its other parts does not need a binary.
 */
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { unpackedPath } from './asar.js';
import { KinesisVideoError } from './errors.js';
import type { NativeBinding } from './native.js';
import { packageRoot } from './package-root.js';

const require = createRequire(import.meta.url);

let loaded: NativeBinding | undefined;

/**
 * The native addon of this environment.
 *
 * @throws KinesisVideoError STATUS_OPEN_FILE_FAILED when there is none that fits, with what to do
 */
export function binding(): NativeBinding {
  loaded ??= loadBinding(packageRoot());
  return loaded;
}

/** Loads the addon of the package at `root`: its own build if there is one, else a prebuilt one. */
export function loadBinding(root: string): NativeBinding {
  let path: string;
  try {
    path = resolveAddon(root);
  } catch (cause) {
    throw missingBuild(root, cause);
  }
  try {
    return require(path) as NativeBinding;
  } catch (cause) {
    throw unloadableBuild(path, cause);
  }
}

function resolveAddon(root: string): string {
  const loader = require('node-gyp-build') as { resolve(root: string): string };
  return unpackedPath(loader.resolve(root));
}

function missingBuild(root: string, cause: unknown): KinesisVideoError {
  const prebuilds = join(root, 'prebuilds');
  const platforms = existsSync(prebuilds) ? readdirSync(prebuilds).sort() : [];
  const advice =
    platforms.length === 0
      ? 'build it with `npm run build:native`, or `npm rebuild kinesis-video-producer` where it is a dependency'
      : 'build it with `npm rebuild kinesis-video-producer --build-from-source`, which needs Python and a C++ compiler';
  const have = platforms.length === 0 ? 'none is built yet' : `there are ${platforms.join(', ')}`;
  return new KinesisVideoError(
    'STATUS_OPEN_FILE_FAILED',
    `The native part of kinesis-video-producer is missing for ${platformName()} (${have}): ${advice}.`,
    { values: { platform: platformName(), root, platforms }, advice, cause },
  );
}

function unloadableBuild(path: string, cause: unknown): KinesisVideoError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const [problem, advice] = diagnose(reason);
  return new KinesisVideoError(
    'STATUS_OPEN_FILE_FAILED',
    `The native part of kinesis-video-producer, ${path}, ${problem} on ${platformName()}: ${advice}. ` +
      `The system says: ${reason}`,
    { values: { platform: platformName(), path }, advice, cause },
  );
}

/** What is wrong with an addon that is there, told by the message of the system's loader. */
function diagnose(reason: string): [problem: string, advice: string] {
  if (/GLIBC(XX)?_[0-9.]+/.test(reason)) {
    return [
      'needs a newer C or C++ library than there is',
      'update the system, or build the addon on it with `npm rebuild kinesis-video-producer --build-from-source`',
    ];
  }
  if (
    /invalid ELF header|wrong ELF class|file too short|not a mach-o|incompatible arch|not a valid Win32/i.test(
      reason,
    )
  ) {
    return [
      'was made for another platform or is damaged',
      'do not copy node_modules between machines: install the package on the machine it runs on',
    ];
  }
  return ['cannot be loaded', 'install the package again on the machine it runs on'];
}

function platformName(): string {
  return `${process.platform}-${process.arch}, Node.js ${process.versions.node}`;
}
