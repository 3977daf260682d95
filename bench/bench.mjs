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
  --help            print this

Trials:
${TRIALS.map(({ name, title }) => `  ${name.padEnd(16)}  ${title}`).join('\n')}
`;

const log = (line) => void process.stderr.write(`${line}\n`);

function readOptions() {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      compare: { type: 'string' },
      only: { type: 'string', multiple: true, default: [] },
      output: { type: 'string', default: join(root, 'build', 'bench') },
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
  const report = JSON.parse(readFileSync(resolve(process.env.INIT_CWD ?? '.', file), 'utf8'));
  checkReport(report, file);
  return report;
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
  const { json, quick, compare, only, output, help } = readOptions();
  if (help) {
    process.stdout.write(usage());
    return;
  }
  const trials = selectTrials(only);
  const earlier = compare === undefined ? undefined : readReport(compare);
  await buildPackage();
  installPeers(log);
  const report = await measure(trials, quick);

  mkdirSync(output, { recursive: true });
  const jsonText = `${JSON.stringify(report, undefined, 2)}\n`;
  const markdown = reportMarkdown(report);
  writeFileSync(join(output, 'report.json'), jsonText);
  writeFileSync(join(output, 'report.md'), markdown);
  process.stdout.write(json ? jsonText : markdown);
  if (earlier !== undefined) {
    const comparison = comparisonMarkdown(earlier, report);
    writeFileSync(join(output, 'comparison.md'), comparison);
    (json ? process.stderr : process.stdout).write(`\n${comparison}`);
  }
  log(`\nThe report is in ${output}`);
  // A figure is never a failure; a trial that could not be measured is one.
  if (report.failed.length > 0) process.exitCode = 1;
}

try {
  await main();
} catch (error) {
  log(`bench: ${error.message}`);
  process.exitCode = 2;
}
