import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { startFake } from './support/fake-service.js';

const test = suite('producer teardown', { timeout: 60_000 });
const PROGRAM = fileURLToPath(new URL('./support/teardown-program.ts', import.meta.url));
/** A program that has to be killed hangs; it takes a second or two to start. */
const TIME_LIMIT = 40_000;

interface End {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stderr: string;
}

async function run(endpoint: string, transport: string, way: string): Promise<End> {
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, endpoint, transport, way], {
    stdio: ['ignore', 'inherit', 'pipe'],
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
    timeout: TIME_LIMIT,
    killSignal: 'SIGKILL',
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const [status, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { status, signal, stderr };
}

const WAYS = {
  exit: 'process.exit in the middle of an upload ends the process with its status',
  'exit-in-listener': 'so does process.exit in a listener of the stream',
  'exit-while-stopping': 'so does process.exit while the stream stops',
  'destroy-in-exit': 'a client can be destroyed while the process exits',
  destroy: 'a destroyed client keeps no process alive',
  garbage: 'clients that nothing refers to while they upload crash nothing and end with their work',
  terminate: 'a worker that the whole producer runs in can be terminated at any moment',
};

for (const transport of ['main', 'worker']) {
  for (const [way, title] of Object.entries(WAYS)) {
    test(`${title} (transport ${transport})`, async (t) => {
      const fake = await startFake(t, (upload) => {
        upload.readAndAck();
        // A real service ends an answer that nothing is sent for.
        upload.request.setTimeout(500, () => upload.response.end());
      });
      const end = await run(fake.endpoint, transport, way);
      assert.equal(end, { status: 7, signal: null, stderr: '' });
    });
  }

  test(`an error that nobody catches ends the process with its text (transport ${transport})`, async (t) => {
    const fake = await startFake(t, (upload) => {
      upload.readAndAck();
    });
    const { status, signal, stderr } = await run(fake.endpoint, transport, 'throw');
    assert.is(status, 1);
    assert.is(signal, null);
    assert.match(stderr, /Error: on purpose/);
  });

  test(`a signal ends the process at once (transport ${transport})`, async (t) => {
    const fake = await startFake(t, (upload) => {
      upload.readAndAck();
    });
    const { signal, stderr } = await run(fake.endpoint, transport, 'kill');
    assert.is(signal, 'SIGTERM');
    assert.is(stderr, '');
  });
}
