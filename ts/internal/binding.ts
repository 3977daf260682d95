/**
 * Loads the native addon: the only file that does. It is loaded on first use, so that importing the
 * package for its other parts does not need a binary.
 */
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import {
  danger,
  diagnose,
  nameOfSystem,
  REBUILD,
  thisSystem,
  type Trouble,
} from './addon-trouble.js';
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

/** The file that `binding()` loads. */
export function addonPath(): string {
  return resolveAddon(packageRoot());
}

/** Loads the addon of the package at `root`: its own build if there is one, else a prebuilt one. */
export function loadBinding(root: string): NativeBinding {
  let path: string;
  try {
    path = resolveAddon(root);
  } catch (cause) {
    throw missingBuild(root, cause);
  }
  const trouble = danger(path);
  if (trouble !== undefined) throw unusableBuild(path, trouble, undefined);
  try {
    return require(path) as NativeBinding;
  } catch (cause) {
    return loadOther(path) ?? throwUnloadable(path, cause);
  }
}

function resolveAddon(root: string): string {
  const loader = require('node-gyp-build') as { resolve(root: string): string };
  return unpackedPath(loader.resolve(root));
}

/**
 * Loads the prebuilt addon for the other C library, where there is one. node-gyp-build takes every
 * system but Alpine for one with glibc.
 */
function loadOther(path: string): NativeBinding | undefined {
  const other = path.replace(/\.(glibc|musl)\.node$/, (_, libc) =>
    libc === 'glibc' ? '.musl.node' : '.glibc.node',
  );
  if (other === path || !existsSync(other) || danger(other) !== undefined) return undefined;
  try {
    return require(other) as NativeBinding;
  } catch {
    // What is wrong with the one that was meant to fit matters more.
    return undefined;
  }
}

function missingBuild(root: string, cause: unknown): KinesisVideoError {
  const platform = nameOfSystem(thisSystem());
  const prebuilds = prebuildsIn(join(root, 'prebuilds'));
  const advice =
    prebuilds.length === 0
      ? 'build it with `npm run build:native`, or `npm rebuild kinesis-video-producer` where it is a dependency'
      : `build it with ${REBUILD}, which needs Python, make and a C++ compiler`;
  const have = prebuilds.length === 0 ? 'none is built yet' : `there are ${prebuilds.join(', ')}`;
  return new KinesisVideoError(
    'STATUS_OPEN_FILE_FAILED',
    `The native part of kinesis-video-producer is missing for ${platform}, Node.js ${process.versions.node} (${have}): ${advice}.`,
    { values: { reason: 'missing', platform, root, prebuilds }, advice, cause },
  );
}

/** The prebuilt addons as a person would call them, such as `linux-arm armv7 musl`. */
function prebuildsIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .flatMap((platform) =>
      readdirSync(join(folder, platform))
        .filter((name) => name.endsWith('.node'))
        .sort()
        .map((name) => [platform, ...name.split('.').slice(1, -1)].join(' ')),
    );
}

function throwUnloadable(path: string, cause: unknown): never {
  const reason = cause instanceof Error ? cause.message : String(cause);
  throw unusableBuild(path, diagnose(path, reason, thisSystem()), cause);
}

function unusableBuild(path: string, trouble: Trouble, cause: unknown): KinesisVideoError {
  const { kind, problem, advice } = trouble;
  const reason = cause instanceof Error ? ` The system says: ${cause.message}` : '';
  return new KinesisVideoError(
    'STATUS_OPEN_FILE_FAILED',
    `The native part of kinesis-video-producer, ${path}, ${problem}: ${advice}.${reason}`,
    { values: { reason: kind, platform: nameOfSystem(thisSystem()), path }, advice, cause },
  );
}
