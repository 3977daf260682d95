import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { CANARY } from './canary.js';
import { suite, type TestContext } from './suite.js';

const test = suite('test harness', { timeout: 20_000 });

const support = new URL('.', import.meta.url);
const runner = fileURLToPath(new URL('../run.ts', import.meta.url));
const prelude = `
  import { suite } from '${new URL('suite.ts', support).href}';
  const test = suite('subject', { timeout: 300 });
`;

interface Ending {
  code: number | null;
  output: string;
}

/** Writes the test files given by name and text to a folder that the test removes. */
function writeFiles(t: TestContext, files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'kvs-harness-'));
  t.after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, `${name}.test.ts`), text);
  }
  return folder;
}

async function run(file: string, env: Record<string, string>): Promise<Ending> {
  const child = spawn(process.execPath, ['--import', 'tsx', file], {
    env: { ...process.env, KVS_NO_SKIP: '0', ...env },
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, output };
}

/** Runs one file whose tests are `body`. */
function runBody(t: TestContext, body: string): Promise<Ending> {
  return run(join(writeFiles(t, { only: prelude + body }), 'only.test.ts'), {});
}

/** Runs the test files given by name and text with `test/run.ts`. */
function runFiles(
  t: TestContext,
  files: Record<string, string>,
  env: Record<string, string> = {},
): Promise<Ending> {
  return run(runner, { KVS_TEST_ROOT: writeFiles(t, files), ...env });
}

function lastLine(output: string): string | undefined {
  return output.trimEnd().split('\n').at(-1)?.trim();
}

/** Asserts that the run failed with these totals and that its output explains why. */
function assertFailed(ending: Ending, totals: string, explanation: RegExp): void {
  assert.is(lastLine(ending.output), totals, ending.output);
  assert.match(ending.output, explanation);
  assert.is(ending.code, 1);
}

test('tests that pass make the run succeed, and the files are summed up', async (t) => {
  const ending = await runFiles(t, {
    one: `${prelude} test('a', () => {}); test('b', async () => {});`,
    two: `${prelude} test('a', () => {});`,
  });
  assert.is(ending.output.trimEnd().split('\n').at(-1), '3 passed, 0 failed, 0 skipped');
  assert.is(ending.code, 0);
});

test('one failing file fails the run', async (t) => {
  const ending = await runFiles(t, {
    one: `${prelude} test('a', () => {});`,
    two: `${prelude} test('a', () => { throw new Error('the reason'); });`,
  });
  assertFailed(ending, '1 passed, 1 failed, 0 skipped', /FAIL .*two\.test\.ts[^]*the reason/);
});

test('a test that throws fails the run and its error is shown', async (t) => {
  const ending = await runBody(t, `test('a', () => { throw new Error('the reason'); });`);
  assertFailed(ending, '0 passed, 1 failed, 0 skipped', /the reason/);
});

test('a test that throws something other than an Error fails', async (t) => {
  const ending = await runBody(t, `test('a', () => { throw undefined; }); test('b', () => {});`);
  assertFailed(ending, '1 passed, 1 failed, 0 skipped', /undefined was thrown/);
});

test('a promise that never settles fails when the time is up', async (t) => {
  const ending = await runBody(t, `test('a', () => new Promise(() => {}));`);
  assertFailed(ending, '0 passed, 1 failed, 0 skipped', /did not finish within 300 ms/);
});

test('a test may have more time than its suite', async (t) => {
  const ending = await runBody(
    t,
    `test('a', () => new Promise((r) => setTimeout(r, 500)), { timeout: 5000 });`,
  );
  assert.is(lastLine(ending.output), '1 passed, 0 failed, 0 skipped');
});

test('a test that blocks the event loop is killed and fails', async (t) => {
  const ending = await runFiles(
    t,
    { busy: `${prelude} test('a', () => { for (;;); });` },
    { KVS_TEST_FILE_TIMEOUT: '2000' },
  );
  assertFailed(ending, '0 passed, 1 failed, 0 skipped', /killed after 2000 ms/);
});

test('an error thrown by a timer fails the test that is running', async (t) => {
  const ending = await runBody(
    t,
    `test('a', () => {
       setTimeout(() => { throw new Error('from a timer'); }, 10);
       return new Promise((r) => setTimeout(r, 100));
     });`,
  );
  assertFailed(ending, '0 passed, 1 failed, 0 skipped', /from a timer/);
});

test('an error thrown after the last test fails the file', async (t) => {
  const ending = await runBody(
    t,
    `test('a', () => { setTimeout(() => { throw new Error('too late'); }, 100); });`,
  );
  assertFailed(ending, '1 passed, 1 failed, 0 skipped', /outside of any test: Error: too late/);
});

test('a rejection that nobody handles fails the file', async (t) => {
  const ending = await runBody(
    t,
    `test('a', () => { setTimeout(() => void Promise.reject(new Error('lost')), 100); });`,
  );
  assertFailed(ending, '1 passed, 1 failed, 0 skipped', /lost/);
});

test('a handle that is left open fails the file and is named', async (t) => {
  const ending = await runBody(t, `test('a', () => { setInterval(() => {}, 1000); });`);
  assertFailed(ending, '1 passed, 1 failed, 0 skipped', /kept alive by: .*Timeout/);
});

test('a process that leaves in the middle fails although its status is 0', async (t) => {
  const ending = await runBody(t, `test('a', () => process.exit(0)); test('b', () => {});`);
  assertFailed(ending, '0 passed, 1 failed, 0 skipped', /left before .* during "subject: a"/);
});

test('a process that dies by a signal fails', async (t) => {
  const ending = await runFiles(t, {
    dead: `${prelude} test('a', () => process.kill(process.pid, 'SIGKILL'));`,
  });
  assertFailed(ending, '0 passed, 1 failed, 0 skipped', /SIGKILL/);
});

test('a test that is registered too late fails the file', async (t) => {
  const ending = await runBody(
    t,
    `test('a', () => {}); setTimeout(() => test('b', () => {}), 100);`,
  );
  assertFailed(ending, '1 passed, 1 failed, 0 skipped', /"b" was registered after/);
});

test('a file without tests fails', async (t) => {
  assertFailed(await runBody(t, ''), '0 passed, 1 failed, 0 skipped', /ran no test/);
  const empty = await runFiles(t, { empty: '' });
  assertFailed(empty, '0 passed, 1 failed, 0 skipped', /ran 0 tests and ended/);
});

test('a file that prints the secret of the tests fails', async (t) => {
  const canary = new URL('canary.ts', support).href;
  const print = `import { canaryCredentials } from '${canary}'; test('a', () => {`;
  const ending = await runFiles(t, {
    quiet: `${prelude} ${print} console.log(canaryCredentials.accessKeyId); });`,
    loud: `${prelude} ${print} console.error(canaryCredentials); });`,
  });
  // The output of this file is searched too.
  const output = ending.output.replaceAll(CANARY, 'the canary');
  assertFailed(
    { ...ending, output },
    '2 passed, 1 failed, 0 skipped',
    /FAIL .*loud[^]*shows the secret/,
  );
});

test('a run without files fails', async (t) => {
  assertFailed(await runFiles(t, {}), '0 passed, 1 failed, 0 skipped', /No test file matches/);
});

test('clean-ups run last to first, after a failure too, and can fail the test', async (t) => {
  const ending = await runBody(
    t,
    `test('a', (t) => {
       t.after(() => console.log('first registered'));
       t.after(() => console.log('second registered'));
       throw new Error('the body');
     });
     test('b', (t) => { t.after(() => { throw new Error('the clean-up'); }); });`,
  );
  assertFailed(ending, '0 passed, 2 failed, 0 skipped', /second registered\nfirst registered/);
  assert.match(ending.output, /the body/);
  assert.match(ending.output, /the clean-up/);
});

test('the signal of a test is aborted when its time is up', async (t) => {
  const ending = await runBody(
    t,
    `test('a', (t) => new Promise(() => {
       t.signal.addEventListener('abort', () => console.log('told to stop'));
     }));`,
  );
  assertFailed(ending, '0 passed, 1 failed, 0 skipped', /told to stop/);
});

const skipping = `
  test('a', () => {});
  test('b', (t) => t.skip('the tool is missing'));
  test.skip('c', () => {});
`;

test('skipped tests are counted and say why', async (t) => {
  const ending = await runBody(t, skipping);
  assert.is(lastLine(ending.output), '1 passed, 0 failed, 2 skipped');
  assert.match(ending.output, /skipped: subject: b \(the tool is missing\)/);
  assert.is(ending.code, 0);
});

test('with KVS_NO_SKIP a skipped test is a failure', async (t) => {
  const ending = await runFiles(t, { skipping: prelude + skipping }, { KVS_NO_SKIP: '1' });
  assertFailed(ending, '1 passed, 2 failed, 0 skipped', /the tool is missing/);
});
