import * as assert from 'uvu/assert';
import { Status } from '../../ts/internal/status.js';
import {
  filesIn,
  linesOf,
  namedTests,
  problemOf,
  sourceOf,
  sourceOfTest,
} from '../support/named-tests.js';
import { suite } from '../support/suite.js';

const test = suite('docs/status-codes.md');

/** The rows of both tables: code, name, and what is said about it. */
const rows = linesOf('docs/status-codes.md').flatMap((line) => {
  const row = /^\| `(0x[0-9a-f]{8})` +\| `(STATUS_\w+)` +\| (.*\S) +\|$/.exec(line);
  return row === null ? [] : [{ code: Number(row[1]), name: row[2] ?? '', text: row[3] ?? '' }];
});

test('every status is in one of the tables, under its code', () => {
  const sorted = rows.toSorted((a, b) => a.code - b.code).map(({ name, code }) => [name, code]);
  assert.equal(sorted, Object.entries(Status));
});

test('each status has a test that exists and asserts it, or a reason why there is none', () => {
  const problems = rows.flatMap(({ name, text }) => {
    const [named, ...others] = namedTests(text);
    if (named === undefined) {
      return /^[A-Z].{15,}\.$/.test(text) ? [] : [`${name} has neither a test nor a reason`];
    }
    if (others.length > 0) return [`${name} has more than one test`];
    const problem = problemOf(named);
    if (problem !== undefined) return [`${name}: ${problem}`];
    return new RegExp(`\\b(KVS_)?${name}\\b`).test(sourceOfTest(named))
      ? []
      : [`${name}: "${named.name}" in ${named.file} does not mention it`];
  });
  assert.equal(problems, []);
});

test('every status that the sources name is reached', () => {
  const reached = new Set(
    rows.filter(({ text }) => namedTests(text).length > 0).map(({ name }) => name),
  );
  const named = new Set(sourceFiles().flatMap(statusesIn));
  const unreached = Object.keys(Status).filter((name) => named.has(name) && !reached.has(name));
  assert.equal(unreached, []);
});

/** What can give a status: all but lists of statuses, of what may be tried again, and of advice. */
function sourceFiles(): string[] {
  const lists = [
    'ts/internal/status.ts',
    'ts/producer/stream-errors.ts',
    'native/src/status/retry.c',
  ];
  return ['native/src', 'native/addon', 'ts']
    .flatMap((folder) => filesIn(folder))
    .filter((file) => !lists.includes(file));
}

function statusesIn(file: string): string[] {
  return Array.from(sourceOf(file)?.matchAll(/\b(?:KVS_)?(STATUS_\w+)/g) ?? [], (m) => m[1] ?? '');
}
