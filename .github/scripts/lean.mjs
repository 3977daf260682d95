/**
 * Makes dist/ lean before it is packed: takes the comments out of the programs, whose declarations
 * have the same ones, and removes the declarations that no entry point of the package leads to.
 * Those that stay are made fit for TypeScript from 5.2 on.
 *
 *   lean.mjs FOLDER
 */
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const folder = resolve(process.argv[2] ?? 'dist');
const root = fileURLToPath(new URL('../..', import.meta.url));
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** The declarations that a user's program can need: those of the entry points, and what they import. */
function reachable() {
  const entries = Object.values(exports).flatMap(({ types }) => (types ? [types] : []));
  const waiting = entries.map((entry) => resolve(folder, '..', entry));
  const found = new Set(waiting);
  for (const file of waiting) {
    for (const { fileName } of ts.preProcessFile(readFileSync(file, 'utf8')).importedFiles) {
      if (!fileName.startsWith('.')) continue;
      const imported = resolve(dirname(file), fileName.replace(/\.js$/, '.d.ts'));
      if (!found.has(imported)) waiting.push(imported);
      found.add(imported);
    }
  }
  return found;
}

const compilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  removeComments: true,
};

/** Before TypeScript 5.7 `Uint8Array` took no parameter; this one is its default since. */
const withoutDefaults = (text) => text.replaceAll('<ArrayBufferLike>', '');

const needed = reachable();
for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
  const file = join(folder, name);
  if (name.endsWith('.js')) {
    const { outputText } = ts.transpileModule(readFileSync(file, 'utf8'), { compilerOptions });
    writeFileSync(file, outputText);
  } else if (needed.has(file)) {
    writeFileSync(file, withoutDefaults(readFileSync(file, 'utf8')));
  } else if (name.endsWith('.d.ts')) {
    rmSync(file);
  }
}
