/**
 * Joins the modules of ts/ into few files in dist/, beside the declarations that tsc writes.
 *
 *   bundle.mjs
 *
 * A module of its own costs a program that loads it half a millisecond of CPU, most of it for finding
 * the file, and there are some 130 in a producer. What several entry points share goes to dist/chunks,
 * and what is loaded on demand stays apart. Dependencies are not included.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

const entryPoints = [
  'ts/index.ts',
  'ts/ingest/index.ts',
  'ts/local/index.ts',
  'ts/parser/index.ts',
  'ts/consumer/index.ts',
  'ts/cli/main.ts',
  'ts/cli/demo.ts',
  'ts/producer/worker/worker.ts',
];

/** A class that mentions itself is renamed inside, which would show in stacks and in what is printed. */
function keepClassNames(code) {
  const renamed = Array.from(code.matchAll(/^var (\w+) = class _\1\b/gm), ([, name]) => name);
  return renamed.reduce(
    (text, name) => text.replaceAll(new RegExp(`\\b_${name}\\b`, 'g'), name),
    code,
  );
}

const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints,
  outbase: 'ts',
  outdir: 'dist',
  write: false,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  packages: 'external',
  chunkNames: 'chunks/[name]-[hash]',
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'warning',
});
// Those of an earlier build have other names.
rmSync(`${root}/dist/chunks`, { recursive: true, force: true });
for (const { path, text } of outputFiles) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, keepClassNames(text));
}
