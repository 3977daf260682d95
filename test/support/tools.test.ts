import * as assert from 'uvu/assert';
import { suite } from './suite.js';
import { requireTool } from './tools.js';

const test = suite('requireTool');

const probe = {
  skip: (reason: string): never => {
    throw new Error(reason);
  },
  after: () => undefined,
  signal: new AbortController().signal,
};

test('a program that is installed is let pass', () => {
  requireTool(probe, 'node');
});

test('a program that is missing skips the test and is named', () => {
  assert.throws(() => {
    requireTool(probe, 'node', 'no-such-program');
  }, /^no-such-program is not installed$/);
});
