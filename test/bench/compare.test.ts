import * as assert from 'uvu/assert';
import { checkReport, compare, differencesOf } from '../../bench/harness/compare.mjs';
import { comparisonMarkdown } from '../../bench/harness/markdown.mjs';
import { suite } from '../support/suite.js';

const test = suite('benchmark comparison');

const measurement = (name: string, unit: string, rounds: readonly number[]) => {
  const sorted = [...rounds].sort((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? NaN;
  const better = unit === 'MB/s' ? ('higher' as const) : ('lower' as const);
  const median = at(Math.floor(sorted.length / 2));
  return { name, unit, better, median, low: at(0), high: at(sorted.length - 1) };
};
const report = (...measurements: ReturnType<typeof measurement>[]) => ({ measurements });
const only = <T>(items: readonly T[]): T => {
  assert.is(items.length, 1);
  return items[0] as T;
};
const verdict = (unit: string, before: readonly number[], after: readonly number[]) => {
  const reports = [before, after].map((rounds) => report(measurement('a/b/kvs', unit, rounds)));
  return only(
    compare(reports[0] as ReturnType<typeof report>, reports[1] as ReturnType<typeof report>)
      .changes,
  );
};

test('a change counts when every round is better than every round before', () => {
  assert.is(verdict('ns', [100, 110, 120], [80, 90, 99]).verdict, 'better');
  assert.is(verdict('ns', [100, 110, 120], [121, 130, 140]).verdict, 'worse');
  assert.is(verdict('MB/s', [100, 110, 120], [121, 130, 140]).verdict, 'better');
  assert.is(verdict('MB/s', [100, 110, 120], [80, 90, 99]).verdict, 'worse');
});

test('a change within the spread of either report is none, however large that of the medians', () => {
  assert.is(verdict('ns', [100, 110, 500], [499, 600, 700]).verdict, 'same');
  assert.is(verdict('MB/s', [100, 110, 120], [10, 20, 101]).verdict, 'same');
});

test('counts that are the same but for a trifle have not changed', () => {
  assert.is(verdict('instructions/frame', [1000], [1005]).verdict, 'same');
  assert.is(verdict('instructions/frame', [1000], [1030]).verdict, 'worse');
});

test('the ratio says how many times as good it has become, whichever way is better', () => {
  assert.is(verdict('ns', [100], [50]).ratio, 2);
  assert.is(verdict('MB/s', [100], [50]).ratio, 0.5);
});

test('a change is judged only where both runs had rounds of full length', () => {
  const machine = { cpu: 'A', cores: 2, system: 'linux 6' };
  const run = (quick: boolean, rounds: readonly number[]) => ({
    ...report(measurement('a/b/kvs', 'ns', rounds)),
    ...{ quick, machine, versions: { node: 'v20' }, started: '2026-01-01T00:00:00.000Z' },
  });
  const [fast, slow] = [[80, 90, 99] as const, [100, 110, 120] as const];
  assert.match(comparisonMarkdown(run(false, fast), run(false, slow)), 'WORSE');
  for (const [before, after] of [
    [true, true],
    [true, false],
    [false, true],
  ] as const) {
    const text = comparisonMarkdown(run(before, fast), run(after, slow));
    assert.match(text, 'not judged');
    assert.not.match(text, 'WORSE');
  }
});

test('what only one of the reports has measured is named', () => {
  const before = report(measurement('a', 'ns', [1]), measurement('b', 'ns', [1]));
  const after = report(measurement('b', 'ns', [1]), measurement('c', 'ns', [1]));
  const { changes, onlyBefore, onlyAfter } = compare(before, after);
  assert.is(only(changes).name, 'b');
  assert.equal(onlyBefore, ['a']);
  assert.equal(onlyAfter, ['c']);
});

test('measurements in different units are not compared', () => {
  const before = report(measurement('a', 'ns', [1]));
  const after = report(measurement('a', 'ms', [1]));
  assert.throws(() => compare(before, after), /a was measured in ns, and now in ms/);
});

test('another machine, Node.js or length of the rounds is told', () => {
  const facts = { quick: false, versions: { node: 'v20' } };
  const before = { ...facts, machine: { cpu: 'A', cores: 2, system: 'linux 6' } };
  const after = { ...facts, quick: true, machine: { cpu: 'B', cores: 2, system: 'linux 6' } };
  assert.equal(differencesOf(before, before), []);
  assert.equal(differencesOf(before, after), ['cpu was A and is B', 'quick was false and is true']);
});

test('a file that holds something else is refused with its name', () => {
  assert.throws(() => {
    checkReport({ name: 'x' }, 'x.json');
  }, /x\.json is no report of this benchmark/);
  assert.throws(() => {
    checkReport({ benchmark: 'kinesis-video-producer', schema: 99 }, 'y.json');
  }, /y\.json has the form 99/);
});
