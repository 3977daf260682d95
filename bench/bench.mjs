/** `npm run bench`: see usage() below, and docs/benchmarks.md for how to read what it says. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checkReport } from './harness/compare.mjs';
import {
  describeCommit,
  describeMachine,
  describeState,
  describeVersions,
} from './harness/machine.mjs';
import { comparisonMarkdown, reportMarkdown } from './harness/markdown.mjs';
import { CURVE_TRIALS, curvePictures, ratioPicture } from './harness/pictures.mjs';
import { buildPackage, installPeers } from './harness/prepare.mjs';
import { makeReport } from './harness/report.mjs';
import { runTrial } from './harness/run-trial.mjs';
import { TRIALS } from './trials/index.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

const usage = () => `Usage: npm run bench -- [OPTION]...

Measures this producer and what it is compared with, and writes report.json, report.md and a chart
into build/bench. Progress goes to standard error.

  --json            print the report as JSON, with npm run --silent bench -- --json
  --quick           few and short rounds: shows that everything works, and no more than that
  --compare FILE    print what has changed since the report in FILE, and whether that is beyond the spread
  --only NAME       run the trials with NAME in their name; may be given several times
  --output FOLDER   write there instead
  --curves FOLDER   draw what costs as streams and frames grow as pictures there; without --only, run
                    the trials for them alone
  --no-prepare      compile and install nothing: measure what is there
  --help            print this

Trials:
${TRIALS.map(({ name, title }) => `  ${name.padEnd(16)}  ${title}`).join('\n')}
`;

/** Compiling and installing go to standard error as well: what is printed is the report alone. */
const log = (line) => void process.stderr.write(`${line}\n`);

function readOptions() {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      compare: { type: 'string' },
      only: { type: 'string', multiple: true, default: [] },
      curves: { type: 'string' },
      output: { type: 'string', default: join(root, 'build', 'bench') },
      'no-prepare': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  return values;
}

function selectTrials(only) {
  const selected = TRIALS.filter(
    ({ name }) => only.length === 0 || only.some((part) => name.includes(part)),
  );
  if (selected.length > 0) return selected;
  throw new Error(`No trial has ${only.join(' or ')} in its name: --help lists them`);
}

function readReport(file) {
  const report = JSON.parse(readFileSync(fromUser(file), 'utf8'));
  checkReport(report, file);
  return report;
}

/** Paths are relative to where npm was started. */
const fromUser = (path) => resolve(process.env.INIT_CWD ?? '.', path);

function writeFiles(path, files) {
  const folder = fromUser(path);
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  log(`Written: ${Object.keys(files).join(', ')} in ${folder}`);
}

async function measure(trials, quick) {
  const started = new Date();
  const machine = describeMachine();
  const outcomes = [];
  for (const trial of trials) {
    log(trial.title);
    const onCase = (_, item) => log(`  ${Object.values(item).join(' ')}`);
    outcomes.push(await runTrial(trial, { quick, onCase }));
  }
  machine.after = describeState();
  const facts = { versions: describeVersions(), commit: describeCommit() };
  return makeReport({ quick, started, finished: new Date(), machine, ...facts, outcomes });
}

async function main() {
  const options = readOptions();
  const { json, quick, compare, help } = options;
  if (help) {
    process.stdout.write(usage());
    return;
  }
  const only =
    options.only.length === 0 && options.curves !== undefined ? CURVE_TRIALS : options.only;
  const trials = selectTrials(only);
  const earlier = compare === undefined ? undefined : readReport(compare);
  if (!options['no-prepare']) {
    buildPackage();
    installPeers(log);
  }
  const report = await measure(trials, quick);

  const markdown = reportMarkdown(report);
  const jsonText = `${JSON.stringify(report, undefined, 2)}\n`;
  const files = { 'report.json': jsonText, 'report.md': markdown };
  if (report.bar.some(({ times }) => times !== undefined)) {
    files['report.svg'] = ratioPicture(report.bar);
  }
  process.stdout.write(json ? jsonText : markdown);
  if (earlier !== undefined) {
    files['comparison.md'] = comparisonMarkdown(earlier, report);
    (json ? process.stderr : process.stdout).write(`\n${files['comparison.md']}`);
  }
  writeFiles(options.output, files);
  if (options.curves !== undefined) {
    const pictures = curvePictures(report.measurements);
    writeFiles(options.curves, Object.fromEntries(pictures.map(({ file, svg }) => [file, svg])));
  }
  // A figure is never a failure; a trial that could not be measured is one.
  if (report.failed.length > 0) process.exitCode = 1;
}

try {
  await main();
} catch (error) {
  log(`bench: ${error.message}`);
  process.exitCode = 2;
}
