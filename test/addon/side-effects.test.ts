import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { addonPath } from '../../ts/internal/binding.js';
import { startLocalKinesisVideo } from '../../ts/local/index.js';
import { programArguments } from '../support/programs.js';
import { suite, type TestContext } from '../support/suite.js';
import { requireTool } from '../support/tools.js';

const test = suite('addon side effects', { timeout: 30_000 });

const PROGRAM = programArguments('./support/side-effects', import.meta.url);

/** What reaches beyond the caller: signals, the environment, random seeds, threads, sockets. */
const FORBIDDEN =
  /^(signal|sigaction|sigprocmask|pthread_sigmask|setenv|putenv|setlocale|umask|chdir|s?rand(om)?|pthread_create|thrd_create|socket|atexit|__malloc_hook|mallopt)(@|$)/;

/** A local endpoint: that of KVS_TEST_ENDPOINT where the runtime at hand cannot have one. */
async function endpointFor(t: TestContext): Promise<string> {
  const given = process.env['KVS_TEST_ENDPOINT'];
  if (given !== undefined) return given;
  const local = await startLocalKinesisVideo();
  t.after(() => local.close());
  return local.endpoint;
}

test('streaming leaves signals, environment, umask and folder of the process alone', async (t) => {
  if (process.platform !== 'linux') t.skip('the state of a process is in /proc on Linux only');
  const args = [...PROGRAM, await endpointFor(t)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { before, after, complete } = JSON.parse(stdout) as Record<string, unknown>;
  assert.is(complete, true);
  assert.equal(after, before);
});

test('the addon imports nothing that could change the process for others', (t) => {
  if (process.platform !== 'linux') t.skip('only the addon of Linux is looked into');
  requireTool(t, 'nm');
  const args = ['-D', '--undefined-only', '--format=posix', addonPath()];
  const { stdout } = spawnSync('nm', args, { encoding: 'utf8' });
  const imported = stdout.split('\n').map((line) => line.split(' ')[0] ?? '');
  assert.ok(imported.includes('napi_create_function'), stdout);
  assert.equal(
    imported.filter((name) => FORBIDDEN.test(name)),
    [],
  );
});
