/** Addons that the system refuses to load, made of the one that it loads, which is an ELF file. */
import { newestVersion } from '../../../ts/internal/addon-file.js';

/** Byte order and sizes are in the header: 2 at these places is big-endian and 64 bits. */
const BYTE_ORDER = 5;
const MACHINE = 18;
const X64 = 62;
const ARM64 = 183;

function isBigEndian(addon: Buffer): boolean {
  return addon[BYTE_ORDER] === 2;
}

/** For another processor: arm64, or x64 on that. */
export function forOtherProcessor(addon: Buffer): { bytes: Buffer; architecture: string } {
  const bytes = Buffer.from(addon);
  const architecture = process.arch === 'arm64' ? 'x64' : 'arm64';
  const machine = architecture === 'arm64' ? ARM64 : X64;
  if (isBigEndian(addon)) bytes.writeUInt16BE(machine, MACHINE);
  else bytes.writeUInt16LE(machine, MACHINE);
  return { bytes, architecture };
}

/** One that asks for the C library as it is called where it is musl. */
export function forMusl(addon: Buffer): Buffer {
  return replaceAll(addon, Buffer.from('\0libc.so.6\0'), Buffer.from('\0libc.so\0\0\0'));
}

/** One that asks for a version of glibc that is not there yet, with as many digits as what it needs. */
export function forFutureGlibc(addon: Buffer): { bytes: Buffer; version: string } {
  const needed = newestVersion(addon, 'GLIBC');
  if (needed === undefined) throw new Error('the addon needs no version of glibc');
  const version = needed.replace(/[0-9]/g, '9');
  const renamed = replaceAll(
    addon,
    Buffer.from(`\0GLIBC_${needed}\0`),
    Buffer.from(`\0GLIBC_${version}\0`),
  );
  // The loader compares hashes of the names first.
  const hash = (name: string): Buffer => {
    const bytes = Buffer.alloc(4);
    if (isBigEndian(addon)) bytes.writeUInt32BE(elfHash(name));
    else bytes.writeUInt32LE(elfHash(name));
    return bytes;
  };
  return {
    bytes: replaceAll(renamed, hash(`GLIBC_${needed}`), hash(`GLIBC_${version}`)),
    version,
  };
}

function replaceAll(bytes: Buffer, from: Buffer, to: Buffer): Buffer {
  const result = Buffer.from(bytes);
  let at = result.indexOf(from);
  if (at < 0) throw new Error(`the addon has no ${JSON.stringify(from.toString('latin1'))}`);
  for (; at >= 0; at = result.indexOf(from, at + 1)) to.copy(result, at);
  return result;
}

/** The hash of names in the System V ABI. */
function elfHash(name: string): number {
  let hash = 0;
  for (const byte of Buffer.from(name)) {
    hash = (hash * 16 + byte) % 2 ** 32;
    const high = Math.floor(hash / 2 ** 28);
    if (high !== 0) hash = (hash ^ (high * 16)) >>> 0;
    hash %= 2 ** 28;
  }
  return hash;
}
