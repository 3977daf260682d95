/**
 * Why an addon cannot be loaded, and what to do about it. The file tells more than the message of the
 * system does, which for one of the wrong C library may be that an "ELF header" is invalid.
 */
import { readFileSync } from 'node:fs';
import {
  newestVersion,
  readAddonFile,
  type AddonFile,
  type Libc,
  type VersionedLibrary,
} from './addon-file.js';

/** The machine that an addon shall run on. */
export interface System {
  /** As `process.platform`. */
  readonly platform: string;
  /** As `process.arch`. */
  readonly arch: string;
  /** Linux only. */
  readonly libc?: Libc | undefined;
  /** Of glibc. */
  readonly libcVersion?: string | undefined;
}

/** What is wrong with an addon. */
export interface Trouble {
  readonly kind:
    'damaged' | 'wrong-architecture' | 'wrong-libc' | 'old-system' | 'no-neon' | 'other';
  /** A clause of which the file is the subject. */
  readonly problem: string;
  /** What to do, as a clause. */
  readonly advice: string;
}

/** Compiles the addon where there is one already. */
export const REBUILD = '`npm rebuild kinesis-video-producer --build-from-source`';
const INSTALL_HERE =
  'do not copy node_modules between machines, but install the package on the machine it runs on';
const COMPILE = `compile it here with ${REBUILD}, which needs Python, make and a C++ compiler`;

/** This machine. */
export function thisSystem(): System {
  const { platform, arch } = process;
  if (platform !== 'linux') return { platform, arch };
  const libcVersion = glibcVersion();
  const libc = libcVersion === undefined ? 'musl' : 'glibc';
  return { platform, arch, libc, libcVersion };
}

/** The version of glibc in this process; undefined with another C library. */
function glibcVersion(): string | undefined {
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return report.header?.glibcVersionRuntime;
}

/** A system as a person would call it, such as `linux-x64 with glibc 2.36`. */
export function nameOfSystem({ platform, arch, libc, libcVersion }: System): string {
  const library = libc === undefined ? '' : ` with ${libc}${libcVersion ? ` ${libcVersion}` : ''}`;
  return `${platform}-${arch}${library}`;
}

const DAMAGED: Trouble = {
  kind: 'damaged',
  problem: 'is damaged: it is no program, or the end of it is missing',
  advice: 'delete the folder of the package and install it again',
};

/**
 * What makes it dangerous to have the system load `path`: undefined when nothing does. What the loader
 * finds missing in the middle of a file ends the process, and so does an instruction that the
 * processor does not have.
 */
export function danger(path: string): Trouble | undefined {
  try {
    if (readAddonFile(path) === undefined) return DAMAGED;
  } catch {
    // The system says why.
    return undefined;
  }
  return process.arch === 'arm' ? lackOfNeon(path, processorInfo()) : undefined;
}

function processorInfo(): string {
  try {
    return readFileSync('/proc/cpuinfo', 'latin1');
  } catch {
    return '';
  }
}

/** Finds out why `path` could not be loaded on `system`, whose loader gave `reason`. */
export function diagnose(path: string, reason: string, system: System): Trouble {
  let file: AddonFile | undefined;
  try {
    file = readAddonFile(path);
  } catch {
    return { kind: 'other', problem: 'cannot be read', advice: 'let this user read the file' };
  }
  if (file === undefined) return DAMAGED;
  return otherMachine(file, system) ?? tooOld(file, reason, system) ?? unknown(system);
}

function otherMachine(file: AddonFile, system: System): Trouble | undefined {
  const architectures = file.architectures.join(' and ') || 'another processor';
  if (file.platform !== system.platform || !file.architectures.includes(system.arch)) {
    return {
      kind: 'wrong-architecture',
      problem: `is for ${file.platform}-${architectures}, and this is ${system.platform}-${system.arch}`,
      advice: INSTALL_HERE,
    };
  }
  const libc = file.libc();
  if (libc !== undefined && libc !== system.libc) {
    return {
      kind: 'wrong-libc',
      problem: `is for systems with the C library ${libc}, and this one has ${system.libc ?? 'another'}`,
      advice: `${INSTALL_HERE} or in an image of the same system, or ${COMPILE}`,
    };
  }
  return undefined;
}

/** Versions of a library as people call them. */
const VERSION_NAMES = { GLIBC: 'glibc ', GLIBCXX: 'libstdc++ with GLIBCXX_' } as const;

function tooOld(file: AddonFile, reason: string, system: System): Trouble | undefined {
  const [, path, library, wanted] =
    /(\/\S+): version [`'](GLIBC|GLIBCXX)_([0-9.]+)' not found/.exec(reason) ?? [];
  if (path === undefined || wanted === undefined) return undefined;
  const kind = library as VersionedLibrary;
  const had = (kind === 'GLIBC' ? system.libcVersion : undefined) ?? versionAt(path, kind);
  const needed = file.version(kind) ?? wanted;
  const name = VERSION_NAMES[kind];
  return {
    kind: 'old-system',
    problem: `needs ${name}${needed}, and this system has ${had === undefined ? 'an older one' : name + had}`,
    advice: `update the system, or ${COMPILE}`,
  };
}

/**
 * What keeps a prebuilt addon for ARMv7 from running on a processor without NEON, of which /proc says
 * `cpuinfo`; undefined when nothing does.
 */
export function lackOfNeon(path: string, cpuinfo: string): Trouble | undefined {
  const features = /^Features\s*:(.*)$/m.exec(cpuinfo)?.[1]?.trim().split(/\s+/);
  if (!/\.armv7\./.test(path) || features === undefined) return undefined;
  // A kernel of 64 bits calls it so.
  if (features.includes('neon') || features.includes('asimd')) return undefined;
  return {
    kind: 'no-neon',
    problem: 'needs a processor with NEON instructions, and this one has none',
    advice: COMPILE,
  };
}

function versionAt(path: string, library: VersionedLibrary): string | undefined {
  try {
    return newestVersion(readFileSync(path), library);
  } catch {
    return undefined;
  }
}

function unknown(system: System): Trouble {
  return {
    kind: 'other',
    problem: `cannot be loaded on ${nameOfSystem(system)}`,
    advice: 'install the package again on the machine it runs on',
  };
}
