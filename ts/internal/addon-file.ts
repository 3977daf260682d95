/** What a compiled addon says of itself: what it was made for, and what it needs. */
import { readFileSync } from 'node:fs';

/** C libraries of Linux, which addons of one cannot do without. */
export type Libc = 'glibc' | 'musl';

/** The libraries whose versions an addon may ask for, by what their versions begin with. */
export type VersionedLibrary = 'GLIBC' | 'GLIBCXX';

/** A file that the system's loader could load on the right machine. */
export interface AddonFile {
  /** As `process.platform` calls it. */
  readonly platform: 'linux' | 'darwin' | 'win32';
  /** As `process.arch` calls it; several in a universal binary, none that are not known here. */
  readonly architectures: readonly string[];
  /** The C library that it asks for; undefined where it is not Linux, or none is named. */
  libc(): Libc | undefined;
  /** The newest version of a library that it asks for. */
  version(library: VersionedLibrary): string | undefined;
}

const ELF_MACHINES: Readonly<Record<number, string>> = {
  3: 'ia32',
  8: 'mips',
  21: 'ppc64',
  22: 's390x',
  40: 'arm',
  62: 'x64',
  183: 'arm64',
  243: 'riscv64',
  258: 'loong64',
};
const MACH_MACHINES: Readonly<Record<number, string>> = { 0x01000007: 'x64', 0x0100000c: 'arm64' };
const PE_MACHINES: Readonly<Record<number, string>> = {
  0x014c: 'ia32',
  0x8664: 'x64',
  0xaa64: 'arm64',
};

/** Of systems where addons name no C library. */
const NO_LIBRARIES = { libc: () => undefined, version: () => undefined } as const;

/**
 * Reads an addon. Undefined when it is no program of any system, or the end of it is missing.
 *
 * @throws the system's error when there is no such file, or it cannot be read
 */
export function readAddonFile(path: string): AddonFile | undefined {
  const bytes = readFileSync(path);
  try {
    return readElf(bytes) ?? readMach(bytes) ?? readPe(bytes);
  } catch (error) {
    // A header that ends in the middle.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The newest version that `bytes`, a library or what needs it, names; undefined when it names none. */
export function newestVersion(bytes: Buffer, library: VersionedLibrary): string | undefined {
  const names = bytes
    .toString('latin1')
    .matchAll(new RegExp(`\\0${library}_([0-9.]+)(?=\\0)`, 'g'));
  return Array.from(names, ([, version]) => version as string)
    .sort(compareVersions)
    .at(-1);
}

function compareVersions(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

function known(machines: Readonly<Record<number, string>>, numbers: readonly number[]): string[] {
  return numbers.flatMap((number) => machines[number] ?? []);
}

function readElf(bytes: Buffer): AddonFile | undefined {
  if (bytes.toString('latin1', 0, 4) !== '\x7fELF') return undefined;
  const is64 = bytes.readUInt8(4) === 2;
  const isBig = bytes.readUInt8(5) === 2;
  const u16 = (at: number): number => (isBig ? bytes.readUInt16BE(at) : bytes.readUInt16LE(at));
  const u32 = (at: number): number => (isBig ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at));
  // The table of sections is the last thing in a file, of which only the low 32 bits matter.
  const sections = is64 ? u32(isBig ? 44 : 40) : u32(32);
  const tail = is64 ? 58 : 46;
  if (sections + u16(tail) * u16(tail + 2) > bytes.length) return undefined;
  return {
    platform: 'linux',
    architectures: known(ELF_MACHINES, [u16(18)]),
    libc: () => libcOf(bytes),
    version: (library) => newestVersion(bytes, library),
  };
}

/** Which C library it names: musl's has neither a number nor versions. */
function libcOf(bytes: Buffer): Libc | undefined {
  if (bytes.includes('\0libc.so\0') || bytes.includes('\0libc.musl-')) return 'musl';
  return bytes.includes('\0libc.so.6\0') ? 'glibc' : undefined;
}

function readMach(bytes: Buffer): AddonFile | undefined {
  let numbers: number[];
  switch (bytes.length < 4 ? 0 : bytes.readUInt32BE(0)) {
    case 0xcffaedfe:
      numbers = [bytes.readUInt32LE(4)];
      break;
    case 0xcafebabe:
      numbers = Array.from({ length: bytes.readUInt32BE(4) }, (_, index) =>
        bytes.readUInt32BE(8 + index * 20),
      );
      break;
    default:
      return undefined;
  }
  return { platform: 'darwin', architectures: known(MACH_MACHINES, numbers), ...NO_LIBRARIES };
}

function readPe(bytes: Buffer): AddonFile | undefined {
  if (bytes.toString('latin1', 0, 2) !== 'MZ') return undefined;
  const header = bytes.readUInt32LE(0x3c);
  if (bytes.readUInt32BE(header) !== 0x50450000) return undefined;
  const numbers = [bytes.readUInt16LE(header + 4)];
  return { platform: 'win32', architectures: known(PE_MACHINES, numbers), ...NO_LIBRARIES };
}
