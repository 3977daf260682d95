import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';

const test = suite('types', { timeout: 120_000 });
const TSC = createRequire(import.meta.url).resolve('typescript/bin/tsc');

test('a user of the public API gets its types, and an error for each mistake', () => {
  const args = ['--noEmit', '--target', 'es2022', '--module', 'nodenext', '--strict'];
  const more = ['--exactOptionalPropertyTypes', '--skipLibCheck', '--types', 'node'];
  const lib = ['--lib', 'es2023,esnext.disposable', '--ignoreConfig'];
  const { status, stdout } = spawnSync(
    process.execPath,
    [TSC, ...args, ...more, ...lib, 'test/types/usage.ts'],
    { encoding: 'utf8' },
  );
  assert.is(stdout, '');
  assert.is(status, 0);
});

test('the declarations that are published name nothing internal', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kvs-types-'));
  t.after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const args = ['-p', 'tsconfig.build.json', '--outDir', folder, '--emitDeclarationOnly'];
  const incremental = ['--incremental', 'false', '--tsBuildInfoFile', 'null'];
  const { stdout } = spawnSync(process.execPath, [TSC, ...args, ...incremental], {
    encoding: 'utf8',
  });
  assert.is(stdout, '');
  const stream = readFileSync(join(folder, 'producer', 'stream.d.ts'), 'utf8');
  assert.match(stream, /private constructor\(\)/);
  assert.not.match(stream, /kConstruct\]/);
});
