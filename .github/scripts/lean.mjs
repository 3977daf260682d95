/**
 * Makes dist/ lean before it is packed: programs without comments and with long lines, whose names
 * are those of the sources; and of the declarations, one file for each entry point with what users
 * can name.
 */
import { mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { transformSync } from 'esbuild';
import { extract, root } from './lib/entry-points.mjs';

const dist = join(root, 'dist');

function files(ending) {
  return readdirSync(dist, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(dist, name));
}

function joinDeclarations() {
  const folder = mkdtempSync(join(dist, 'joined-'));
  const joined = new Map();
  const outputOf = ({ name, declarations }) => {
    joined.set(declarations, join(folder, `${name}.d.ts`));
    return { dtsRollup: { enabled: true, untrimmedFilePath: joined.get(declarations) } };
  };
  // What is wrong with them is for `npm run api:check` to say.
  extract(outputOf, () => undefined);
  const all = files('.d.ts').filter((file) => dirname(file) !== folder);
  for (const file of all) rmSync(file);
  for (const [declarations, file] of joined) renameSync(file, declarations);
  rmSync(folder, { recursive: true });
}

function compact(code) {
  const options = { minifyWhitespace: true, lineLimit: 120, legalComments: 'none' };
  return transformSync(code, { ...options, loader: 'js', target: 'node20.19', charset: 'utf8' })
    .code;
}

joinDeclarations();
for (const file of files('.js')) writeFileSync(file, compact(readFileSync(file, 'utf8')));
// It says that all declarations are there, and the next build would believe it.
rmSync(join(dist, 'build.tsbuildinfo'), { force: true });
