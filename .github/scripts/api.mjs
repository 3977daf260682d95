/**
 * Writes what the public API consists of into docs/api, a file for each entry point of the package,
 * so that a change of it shows in a diff. Reads the declarations in dist/.
 *
 *   api.mjs            writes the reports
 *   api.mjs --check    fails when they differ from those that are committed
 *
 * Fails, too, when something public has no doc comment, or names a type that users cannot import.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { extract, root } from './lib/entry-points.mjs';

const committed = join(root, 'docs/api');
const checking = process.argv.includes('--check');

/** A constant whose values a type is made of: users need the type, not the constant. */
function isConstant({ messageId, text }) {
  return messageId === 'ae-forgotten-export' && /^The symbol "[A-Z_]+"/.test(text);
}

/** Writes the reports into a folder, and returns what is wrong with the API. */
function writeReports(folder) {
  const problems = new Set();
  const outputOf = ({ name }) => ({
    apiReport: {
      enabled: true,
      reportFolder: folder,
      reportTempFolder: join(folder, 'temp'),
      reportFileName: `${name}.api.md`,
      // Else a new value of a type that is made of a constant would not show.
      includeForgottenExports: true,
    },
  });
  extract(outputOf, (message) => {
    if (isConstant(message)) return;
    const file = message.sourceFilePath && relative(root, message.sourceFilePath);
    const source = file?.replace(/^dist/, 'ts').replace(/\.d\.ts$/, '.ts');
    problems.add([source, message.text].filter(Boolean).join(': '));
  });
  rmSync(join(folder, 'temp'), { recursive: true, force: true });
  return problems;
}

/** Prints how two folders differ; returns whether they do. */
function differ(before, after) {
  const args = ['diff', '--no-index', '--exit-code', '--', before, after];
  return spawnSync('git', args, { stdio: ['ignore', 'inherit', 'inherit'] }).status !== 0;
}

function fail(sentence) {
  console.error(sentence);
  process.exitCode = 1;
}

const folder = checking ? mkdtempSync(join(tmpdir(), 'kvs-api-')) : committed;
try {
  if (!checking) rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const problem of writeReports(folder)) fail(problem);
  if (checking && differ(committed, folder)) {
    fail('The public API differs from docs/api. If it should, run: npm run api');
  }
} finally {
  if (checking) rmSync(folder, { recursive: true, force: true });
}
