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
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CompilerState, Extractor, ExtractorConfig } from '@microsoft/api-extractor';

const root = fileURLToPath(new URL('../..', import.meta.url));
const committed = join(root, 'docs/api');
const checking = process.argv.includes('--check');

/** The entry points that have types: `./local` gives the report `local.api.md`. */
const entries = Object.entries(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).exports)
  .filter(([, { types }]) => types !== undefined)
  .map(([path, { types }]) => ({
    name: path === '.' ? 'index' : path.slice('./'.length),
    file: resolve(root, types),
  }));

function configOf({ name, file }, reportFolder) {
  const report = { logLevel: 'warning' };
  return ExtractorConfig.prepare({
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: file,
      newlineKind: 'lf',
      compiler: { tsconfigFilePath: join(root, 'tsconfig.json') },
      apiReport: {
        enabled: true,
        reportFolder,
        reportTempFolder: join(reportFolder, 'temp'),
        reportFileName: `${name}.api.md`,
        // Else a new value of a type that is made of a constant would not show.
        includeForgottenExports: true,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: report },
        extractorMessageReporting: {
          default: report,
          'ae-undocumented': report,
          // All that is exported is public.
          'ae-missing-release-tag': { logLevel: 'none' },
        },
        tsdocMessageReporting: { default: report },
      },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(root, 'package.json'),
  });
}

/** A constant whose values a type is made of: users need the type, not the constant. */
function isConstant({ messageId, text }) {
  return messageId === 'ae-forgotten-export' && /^The symbol "[A-Z_]+"/.test(text);
}

/** Writes the reports into a folder, and returns what is wrong with the API. */
function writeReports(folder) {
  const problems = [];
  const messageCallback = (message) => {
    message.handled = true;
    if (message.category === 'console' || message.logLevel === 'none') return;
    if (isConstant(message)) return;
    const file = message.sourceFilePath && relative(root, message.sourceFilePath);
    const source = file?.replace(/^dist/, 'ts').replace(/\.d\.ts$/, '.ts');
    problems.push([source, message.text].filter(Boolean).join(': '));
  };
  const [first, ...others] = entries.map((entry) => configOf(entry, folder));
  // One analysis of all files serves all entry points.
  const compilerState = CompilerState.create(first, {
    additionalEntryPoints: others.map((config) => config.mainEntryPointFilePath),
  });
  for (const config of [first, ...others]) {
    Extractor.invoke(config, { compilerState, localBuild: true, messageCallback });
  }
  rmSync(join(folder, 'temp'), { recursive: true, force: true });
  return [...new Set(problems)];
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
