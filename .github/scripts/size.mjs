/**
 * Compares what the package weighs, unpacked, with its budget in .github/size.json.
 *
 *   size.mjs [--update] [PACKED]
 *
 * PACKED is what `npm pack --json` has written; without it the package is built and packed, but no
 * tarball is left. `--update` grants each part what it weighs and 2 % more. The limits of a binary
 * and of the whole package are not measured but set, so that is not for them.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SLACK = 1.02;
const root = fileURLToPath(new URL('../..', import.meta.url));
const budgetFile = join(root, '.github/size.json');
/** They are others' work, and would hide how our own grows. */
const isPlayer = /^dist\/play\/page\/players\//;
const parts = [
  ['page', /^dist\/play\/(page\/[^/]+|demo\.mp4)$/],
  ['players', isPlayer],
  ['programs', /^dist\/(?!play\/page\/).*\.js$/],
  ['declarations', /^dist\/.*\.d\.ts$/],
  ['native', /^(native\/|binding\.gyp$)/],
  ['texts', /^(package\.json|LICENSE|(docs\/)?[^/]+\.md)$/],
];
const isBinary = /^prebuilds\/.*\.node$/;

function pack() {
  const options = { cwd: root, encoding: 'utf8', shell: process.platform === 'win32' };
  return execFileSync('npm', ['pack', '--dry-run', '--json', '--silent'], options);
}

/** The files of the first package in the output of `npm pack`: an array, or an object by name. */
function filesOf(output) {
  const [packed] = Object.values(JSON.parse(output));
  return packed.files;
}

const sum = (files) => files.reduce((bytes, { size }) => bytes + size, 0);

/** Rows of what is weighed: name, bytes, and the name of its limit. */
function weigh(files) {
  const rows = parts.map(([name, pattern]) => {
    const size = sum(files.filter(({ path }) => pattern.test(path)));
    return { name, size, limit: name };
  });
  const binaries = files.filter(({ path }) => isBinary.test(path));
  for (const { path, size } of binaries) rows.push({ name: path, size, limit: 'binary' });
  const own = files.filter(({ path }) => !isPlayer.test(path));
  rows.push({ name: 'package', size: sum(own), limit: 'package' });
  return rows;
}

/** Files that belong to no part have no budget. */
function strangers(files) {
  const patterns = [isBinary, ...parts.map(([, pattern]) => pattern)];
  return files.filter(({ path }) => !patterns.some((pattern) => pattern.test(path)));
}

function update(rows, budget) {
  const granted = rows.filter(({ limit }) => parts.some(([name]) => name === limit));
  const sizes = granted.map(({ name, size }) => [name, Math.ceil(size * SLACK)]);
  return { ...budget, ...Object.fromEntries(sizes) };
}

const updating = process.argv.includes('--update');
const [packedFile] = process.argv.slice(2).filter((argument) => argument !== '--update');
const files = filesOf(packedFile === undefined ? pack() : readFileSync(packedFile, 'utf8'));
const rows = weigh(files);
let budget = JSON.parse(readFileSync(budgetFile, 'utf8'));
if (updating) {
  budget = update(rows, budget);
  writeFileSync(budgetFile, `${JSON.stringify(budget, null, 2)}\n`);
}

const width = Math.max(...rows.map(({ name }) => name.length));
console.log(`${'bytes unpacked'.padEnd(width)} ${'are'.padStart(8)} ${'may be'.padStart(8)}`);
for (const { name, size, limit } of rows) {
  const numbers = [size, budget[limit]].map((number) => String(number).padStart(8));
  console.log([name.padEnd(width), ...numbers].join(' '));
}
for (const { path } of strangers(files)) {
  console.error(
    `${path} is in the package and in no part of its budget: see "files" in package.json`,
  );
  process.exitCode = 1;
}
for (const { name, size, limit } of rows.filter((row) => !(row.size <= budget[row.limit]))) {
  const remedy = parts.some(([part]) => part === limit)
    ? 'If it is worth that, run: npm run size -- --update'
    : 'It has to become smaller: this limit is a promise to users';
  console.error(
    `${name}: ${size} bytes, more than the ${budget[limit]} of .github/size.json. ${remedy}`,
  );
  process.exitCode = 1;
}
