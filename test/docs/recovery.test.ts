import { readFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { continuousRetry } from '../../ts/index.js';
import { suite } from '../support/suite.js';
import { linesOf } from '../support/named-tests.js';

const test = suite('docs/recovery.md');

const DOCUMENT = 'docs/recovery.md';

/** The words in code that stand first in the rows of the tables. */
function rowNames(): Set<string> {
  return new Set(linesOf(DOCUMENT).flatMap((line) => /^\| `([\w-]+)`/.exec(line)?.slice(1) ?? []));
}

test('the diagram is the one of the supervisor', () => {
  const boxes = (text: string): string[] => text.match(/[│┌└].*[│┐┘▶◀].*/g) ?? [];
  const source = readFileSync('ts/producer/supervisor.ts', 'utf8');
  const drawn = boxes(readFileSync(DOCUMENT, 'utf8')).map((line) => line.trim());
  const original = boxes(source).map((line) => line.replace(/^ \* +/, '').trim());
  assert.ok(original.length > 8);
  assert.equal(drawn, original);
});

test('every retry callback is explained', () => {
  const names = rowNames();
  for (const name of Object.keys(continuousRetry())) assert.ok(names.has(name), name);
});

test('every action and every state of health is explained, and no other', () => {
  const names = rowNames();
  const typeNames = (file: string, type: string): string[] => {
    const [, body = ''] =
      new RegExp(`export type ${type} =([^;]*);`).exec(readFileSync(file, 'utf8')) ?? [];
    return Array.from(body.matchAll(/'([^']+)'/g), ([, name = '']) => name);
  };
  const documented = [
    ...typeNames('ts/producer/retry-callbacks.ts', 'RetryAction'),
    ...typeNames('ts/producer/health.ts', 'HealthState'),
    ...Object.keys(continuousRetry()),
  ];
  assert.equal([...names].sort(), documented.sort());
});
