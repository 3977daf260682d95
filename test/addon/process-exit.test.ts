import { spawnSync } from 'node:child_process';
import * as assert from 'uvu/assert';
import { programArguments } from '../support/programs.js';
import { suite } from '../support/suite.js';

const test = suite('addon process exit', { timeout: 30_000 });
const PROGRAM = programArguments('./support/exit', import.meta.url);

function run(way: string): { status: number | null; signal: string | null; stderr: string } {
  const args = [...PROGRAM, way];
  const { status, signal, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { status, signal, stderr };
}

test('a process with open streams leaves when it has nothing else to do', () => {
  assert.equal(run('leave'), { status: 0, signal: null, stderr: '' });
});

test('process.exit in the middle of streaming keeps its exit status', () => {
  assert.equal(run('exit'), { status: 5, signal: null, stderr: '' });
});

test('streams can be used and closed while the process exits', () => {
  assert.equal(run('exit-in-listener'), { status: 0, signal: null, stderr: '' });
});

test('an uncaught exception ends the process with its message and no crash', () => {
  const { status, signal, stderr } = run('throw');
  assert.is(status, 1);
  assert.is(signal, null);
  assert.match(stderr, /Error: on purpose/);
});
