import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';

const test = suite('lean package', { timeout: 60_000 });

/** A folder like dist/ with these files, after what is done to it before it is packed. */
function leanFolder(files: Readonly<Record<string, string>>, after: (dist: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'kvs-lean-'));
  try {
    const dist = join(folder, 'dist');
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(dist, name)), { recursive: true });
      writeFileSync(join(dist, name), text);
    }
    const { status, stderr } = spawnSync(process.execPath, ['.github/scripts/lean.mjs', dist], {
      encoding: 'utf8',
    });
    assert.is(status, 0, stderr);
    after(dist);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('programs lose their comments and nothing else; declarations nobody can reach go', () => {
  const entry = "export * from './kept.js';\n";
  const files = {
    'index.d.ts': entry,
    'ingest/index.d.ts': "export type A = import('../also.js').A;\n",
    'local/index.d.ts': 'export {};\n',
    'kept.d.ts': "/** Says what it does. */\nexport { type B } from './deeper/index.js';\n",
    'also.d.ts': 'export type A = Uint8Array<ArrayBufferLike>;\n',
    'deeper/index.d.ts': 'export type B = 1;\n',
    'internal/unreached.d.ts': 'export type C = 1;\n',
    'cli/main.js': '#!/usr/bin/env node\n// Why.\nconst a = `// ${1}`; /* what */\nexport { a };\n',
  };
  leanFolder(files, (dist) => {
    const left = Object.keys(files).filter((name) => existsSync(join(dist, name)));
    assert.equal(
      left,
      Object.keys(files).filter((name) => name !== 'internal/unreached.d.ts'),
    );
    assert.is(
      readFileSync(join(dist, 'cli/main.js'), 'utf8'),
      '#!/usr/bin/env node\nconst a = `// ${1}`;\nexport { a };\n',
    );
    assert.is(readFileSync(join(dist, 'kept.d.ts'), 'utf8'), files['kept.d.ts']);
    // TypeScript 5.2 to 5.6 knows no such parameter.
    assert.is(readFileSync(join(dist, 'also.d.ts'), 'utf8'), 'export type A = Uint8Array;\n');
  });
});
