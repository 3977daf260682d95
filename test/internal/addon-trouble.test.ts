import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { readAddonFile } from '../../ts/internal/addon-file.js';
import {
  diagnose,
  lackOfNeon,
  nameOfSystem,
  type System,
  type Trouble,
} from '../../ts/internal/addon-trouble.js';
import { suite, type TestContext } from '../support/suite.js';

const test = suite('trouble with the addon');

const GLIBC: System = { platform: 'linux', arch: 'x64', libc: 'glibc', libcVersion: '2.36' };
const MUSL: System = { platform: 'linux', arch: 'x64', libc: 'musl' };

function write(t: TestContext, bytes: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'kvs-addon-'));
  t.after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const path = join(folder, 'addon.node');
  writeFileSync(path, bytes);
  return path;
}

/** The header of an ELF file without sections, and behind it names as its tables have them. */
function elf(machine: number, names: readonly string[]): Buffer {
  const header = Buffer.alloc(64);
  header.write('\x7fELF\x02\x01\x01', 'latin1');
  header.writeUInt16LE(machine, 18);
  return Buffer.concat([header, Buffer.from(`\0${names.join('\0')}\0`)]);
}

/** The header of a Mach-O file, little-endian with 64 bits. */
function mach(processor: number): Buffer {
  const header = Buffer.alloc(32);
  header.writeUInt32BE(0xcffaedfe);
  header.writeUInt32LE(processor, 4);
  return header;
}

function pe(machine: number): Buffer {
  const header = Buffer.alloc(72);
  header.write('MZ');
  header.writeUInt32LE(64, 0x3c);
  header.write('PE\0\0', 64, 'latin1');
  header.writeUInt16LE(machine, 68);
  return header;
}

function trouble(t: TestContext, bytes: Uint8Array, system: System, reason = ''): Trouble {
  return diagnose(write(t, bytes), reason, system);
}

test('an addon for glibc on a system with musl, and the other way round', (t) => {
  const forGlibc = trouble(t, elf(62, ['libc.so.6', 'GLIBC_2.17']), MUSL);
  assert.is(forGlibc.kind, 'wrong-libc');
  assert.match(forGlibc.problem, 'the C library glibc, and this one has musl');
  for (const name of ['libc.so', 'libc.musl-x86_64.so.1']) {
    const forMusl = trouble(t, elf(62, [name]), GLIBC);
    assert.match(forMusl.problem, 'the C library musl, and this one has glibc');
  }
});

test('addons for other systems and processors are called by their names', (t) => {
  const cases: [bytes: Buffer, name: string][] = [
    [elf(183, ['libc.so.6']), 'linux-arm64'],
    [elf(40, []), 'linux-arm'],
    [elf(999, []), 'linux-another processor'],
    [mach(0x0100000c), 'darwin-arm64'],
    [pe(0x8664), 'win32-x64'],
  ];
  for (const [bytes, name] of cases) {
    const { kind, problem, advice } = trouble(t, bytes, GLIBC);
    assert.is(kind, 'wrong-architecture');
    assert.is(problem, `is for ${name}, and this is linux-x64`);
    assert.match(advice, /install the package on the machine it runs on/);
  }
});

test('a universal binary is for each of its processors', (t) => {
  const fat = Buffer.alloc(48);
  fat.writeUInt32BE(0xcafebabe);
  fat.writeUInt32BE(2, 4);
  fat.writeUInt32BE(0x01000007, 8);
  fat.writeUInt32BE(0x0100000c, 28);
  assert.equal(readAddonFile(write(t, fat))?.architectures, ['x64', 'arm64']);
  assert.is(trouble(t, fat, { platform: 'darwin', arch: 'arm64' }).kind, 'other');
});

test('a libstdc++ that is too old is named with the version that it has', (t) => {
  const library = write(t, elf(62, ['GLIBCXX_3.4', 'GLIBCXX_3.4.9', 'GLIBCXX_3.4.25']));
  const addon = elf(62, ['libc.so.6', 'GLIBCXX_3.4.21', 'GLIBCXX_3.4.29']);
  const reason = `${library}: version 'GLIBCXX_3.4.29' not found (required by addon.node)`;
  const { kind, problem } = trouble(t, addon, GLIBC, reason);
  assert.is(kind, 'old-system');
  assert.is(
    problem,
    'needs libstdc++ with GLIBCXX_3.4.29, and this system has libstdc++ with GLIBCXX_3.4.25',
  );
});

test('a glibc that is too old is the one that runs', (t) => {
  const addon = elf(62, ['libc.so.6', 'GLIBC_2.4', 'GLIBC_2.38']);
  const reason = "/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found";
  assert.is(
    trouble(t, addon, GLIBC, reason).problem,
    'needs glibc 2.38, and this system has glibc 2.36',
  );
});

test('headers that end in the middle are damaged files, and so are strangers', (t) => {
  const whole = [elf(62, []), mach(0x01000007), pe(0x8664)];
  for (const bytes of whole) {
    for (let length = 0; length < 24; length += 1) {
      const { kind } = trouble(t, bytes.subarray(0, length), GLIBC);
      assert.ok(['damaged', 'wrong-architecture'].includes(kind), `${length} bytes: ${kind}`);
    }
  }
  assert.is(trouble(t, Buffer.from('#!/bin/sh\n'), GLIBC).kind, 'damaged');
});

test('a file that cannot be read is not taken for damaged', () => {
  assert.is(diagnose(join(tmpdir(), 'no', 'such', 'addon.node'), '', GLIBC).kind, 'other');
});

test('an addon that needs NEON is not loaded where the processor has none', () => {
  const cpuinfo = (features: string): string => `processor : 0\nFeatures\t: ${features}\n`;
  const prebuilt = '/app/prebuilds/linux-arm/kinesis-video-producer.armv7.glibc.node';
  const lack = lackOfNeon(prebuilt, cpuinfo('half thumb vfp vfpv3 vfpv3d16'));
  assert.is(lack?.kind, 'no-neon');
  assert.match(lack?.advice ?? '', /npm rebuild/);
  assert.is(lackOfNeon(prebuilt, cpuinfo('half thumb neon vfpv4')), undefined);
  assert.is(lackOfNeon(prebuilt, cpuinfo('fp asimd evtstrm')), undefined);
  assert.is(lackOfNeon(prebuilt, 'flags : sse2'), undefined, 'where nothing is told, it is tried');
  assert.is(lackOfNeon('/app/build/Release/kvs.node', cpuinfo('half vfp')), undefined);
});

test('a system is called by its C library too', () => {
  assert.is(nameOfSystem(GLIBC), 'linux-x64 with glibc 2.36');
  assert.is(nameOfSystem(MUSL), 'linux-x64 with musl');
  assert.is(nameOfSystem({ platform: 'darwin', arch: 'arm64' }), 'darwin-arm64');
});
