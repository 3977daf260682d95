import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';

const test = suite('package size');

const budget = JSON.parse(readFileSync('.github/size.json', 'utf8')) as Record<string, number>;

/** What `npm run size` says of a package that has these files, and its exit status. */
function judge(files: { path: string; size: number }[]): { status: number | null; output: string } {
  const folder = mkdtempSync(join(tmpdir(), 'kvs-size-'));
  try {
    const packed = join(folder, 'packed.json');
    writeFileSync(packed, JSON.stringify([{ files }]));
    const args = ['.github/scripts/size.mjs', packed];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    return { status, output: stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('a package that keeps to its budget passes', () => {
  const files = [
    { path: 'dist/index.js', size: budget['programs'] ?? 0 },
    { path: 'prebuilds/linux-x64/a.node', size: 250_000 },
    { path: 'README.md', size: 1 },
  ];
  assert.equal(judge(files), { status: 0, output: '' });
});

for (const [part, path] of [
  ['programs', 'dist/index.js'],
  ['declarations', 'dist/index.d.ts'],
  ['native', 'native/src/heap/heap.c'],
  ['texts', 'README.md'],
] as const) {
  test(`one byte too much among the ${part} fails, and the remedy is named`, () => {
    const limit = budget[part] ?? 0;
    const { status, output } = judge([{ path, size: limit + 1 }]);
    assert.is(status, 1);
    assert.is(
      output.trim(),
      `${part}: ${limit + 1} bytes, more than the ${limit} of .github/size.json. ` +
        'If it is worth that, run: npm run size -- --update',
    );
  });
}

test('a binary of more than 250 kB fails', () => {
  const { status, output } = judge([{ path: 'prebuilds/linux-x64/a.node', size: 250_001 }]);
  assert.is(status, 1);
  assert.match(output, /^prebuilds\/linux-x64\/a\.node: 250001 bytes, more than the 250000 /);
});

test('a package of more than 3.5 MB fails, though each part is small enough', () => {
  const files = Array.from({ length: 15 }, (_, n) => ({
    path: `prebuilds/${n}.node`,
    size: 240_000,
  }));
  const { status, output } = judge(files);
  assert.is(status, 1);
  assert.match(output, /^package: 3600000 bytes, more than the 3500000 /);
});

test('a file that no part of the budget counts fails', () => {
  const { status, output } = judge([{ path: 'dist/index.js.map', size: 1 }]);
  assert.is(status, 1);
  assert.match(output, /^dist\/index\.js\.map is in the package and in no part of its budget/);
});
