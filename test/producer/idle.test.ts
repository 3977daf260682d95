import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { startLocalKinesisVideo } from './support/local.js';
import { suite } from '../support/suite.js';
import { collect, makeStream, putAll, until } from './support/client.js';
import { startFake, type FakeUpload } from './support/fake-service.js';
import { frames, START } from './support/media.js';

const test = suite('producer idle', { timeout: 40_000 });
const PROGRAM = fileURLToPath(new URL('./support/program.ts', import.meta.url));

const readAndAck = (upload: FakeUpload): void => {
  upload.readAndAck();
};

/** Runs a program that streams to `endpoint` in the way that `way` names. */
async function run(endpoint: string, way: string): Promise<{ status: number; output: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, endpoint, way], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
  });
  let output = '';
  for (const pipe of [child.stdout, child.stderr]) {
    pipe.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const [status] = (await once(child, 'close')) as [number];
  return { status, output };
}

test('a stream with nothing to send makes no connection and keeps no process alive', async (t) => {
  const fake = await startFake(t, readAndAck);
  assert.equal(await run(fake.endpoint, 'idle'), { status: 0, output: 'created\n' });
  assert.is(fake.uploads.length, 0);
});

test('a process that waits for stop stays alive until all is delivered', async (t) => {
  const local = await startLocalKinesisVideo({ ackDelay: 300 });
  t.after(() => local.close());
  const expected = { status: 0, output: 'created\ntrue 30\n' };
  assert.equal(await run(local.endpoint, 'stop'), expected);
});

test('a process can exit in the middle of an upload', async (t) => {
  const fake = await startFake(t, (upload) => {
    upload.accept();
  });
  assert.equal(await run(fake.endpoint, 'exit'), { status: 7, output: 'created\n' });
});

test('a stream that failed unseen does not crash its process', async (t) => {
  const fake = await startFake(t, (upload) => {
    upload.refuse(403, 'AccessDeniedException');
  });
  assert.equal(await run(fake.endpoint, 'leave'), { status: 0, output: 'created\n' });
});

test('what the service closes for idleness is opened with the next frame, without an error', async (t) => {
  const local = await startLocalKinesisVideo({ idleTimeout: 200 });
  t.after(() => local.close());
  const stream = await makeStream(t, local.endpoint);
  const errors = collect(stream, 'error');
  const states = collect(stream, 'state');
  const pause = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 600));
  await putAll(stream, frames({ count: 25 }));
  await until(t, () => stream.metrics.sessions > 0 && stream.state === 'idle');
  const { sessions } = stream.metrics;
  await pause();
  assert.is(stream.metrics.sessions, sessions, 'an idle stream does not connect again and again');

  await putAll(stream, frames({ count: 25, start: START + 10_000 }));
  const result = await stream.stop();
  assert.is(result.complete, true);
  assert.is(result.deliveredFrames, 50);
  assert.equal(errors, []);
  assert.ok(states.some(([state]) => state === 'idle'));
});
