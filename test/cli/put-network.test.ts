import * as assert from 'uvu/assert';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { suite, type TestContext } from '../support/suite.js';
import { fixture, kvs, startLocal, summaryOf, type Run, requireSignals } from './kvs.js';
import { hangUp, startProxy, swallow } from './proxy.js';

const test = suite('kvs put and the network', { timeout: 60_000 });

const CLIP = fixture('clip.mp4');

/** Asserts that a run has failed with one sentence. */
function assertSentence(run: Run, sentence: RegExp): void {
  assert.is(run.status, 1, run.stderr);
  const said = run.stderr.split('\n').filter((line) => line.startsWith('kvs: '));
  assert.is(said.length, 1, run.stderr);
  assert.match(said[0] ?? '', sentence);
}

test('an endpoint that nobody serves is reported at once', async (t) => {
  const run = await kvs(t, ['put', CLIP, '--stream', 'a', '--endpoint', 'http://127.0.0.1:1']);
  assertSentence(run, /127\.0\.0\.1:1 cannot be reached .*check the endpoint/);
});

test('an endpoint that takes connections and says nothing is given up in time', async (t) => {
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const args = ['put', CLIP, '--stream', 'a', '--endpoint', endpoint, '--stall-timeout', '1'];
  const run = await kvs(t, args);
  assertSentence(run, /did not answer|within/);
  assert.ok(run.milliseconds < 8000, `${run.milliseconds} ms`);
});

test('credentials that the service does not accept are named as the cause', async (t) => {
  const { endpoint } = await startLocal(t);
  const env = {
    AWS_ACCESS_KEY_ID: 'AKIAWRONGWRONGWRONG0',
    AWS_SECRET_ACCESS_KEY: 'wrongwrongwrong',
  };
  const run = await kvs(t, ['put', CLIP, '--stream', 'a', '--endpoint', endpoint], { env });
  assertSentence(run, /does not know the access key .*AWS_ACCESS_KEY_ID/);
  assert.not.match(run.stderr, /wrongwrongwrong/);
});

test('without a region for AWS the remedy is told', async (t) => {
  const run = await kvs(t, ['put', CLIP, '--stream', 'a']);
  assertSentence(run, /No AWS region is configured: give --region/);
});

test('AWS_REGION decides for the local endpoint too', async (t) => {
  const { endpoint } = await startLocal(t, { region: 'eu-central-1' });
  const args = ['put', CLIP, '--stream', 'a', '--endpoint', endpoint];
  const run = await kvs(t, args, { env: { AWS_REGION: 'eu-central-1' } });
  assert.is(run.status, 0, run.stderr);
});

test('the endpoint of AWS_ENDPOINT_URL is used', async (t) => {
  const { endpoint } = await startLocal(t);
  const run = await kvs(t, ['put', CLIP, '--stream', 'a'], { env: { AWS_ENDPOINT_URL: endpoint } });
  assert.is(run.status, 0, run.stderr);
});

for (const [what, misdeed] of [
  ['takes media and confirms nothing', swallow],
  ['hangs up', hangUp],
] as const) {
  test(`an upload that the service ${what} ends with what was not delivered`, async (t) => {
    const endpoint = await startProxy(t, (await startLocal(t)).endpoint, misdeed);
    const args = ['put', CLIP, '--stream', 'a', '--endpoint', endpoint, '--stall-timeout', '2'];
    const run = await kvs(t, [...args, '--json']);
    assertSentence(run, /no progress for 2 s with 576 frames to deliver.*--stall-timeout/);
    assert.match(run.stderr, /576 frames from 0:00\.0 to 0:0[78]\.\d undelivered/);
    const { undeliveredFrames, undelivered, frames, exitStatus } = summaryOf(run);
    assert.is(undeliveredFrames, 576);
    assert.is(frames, 576);
    assert.is(exitStatus, 1);
    const { firstPresentationTs, lastPresentationTs } = undelivered as Record<string, number>;
    assert.ok((lastPresentationTs ?? 0) - (firstPresentationTs ?? 0) > 7900);
    assert.ok(run.milliseconds < 10_000, `${run.milliseconds} ms`);
  });
}

/** Uploads the clip while somebody deletes its stream. */
async function putWhileDeleted(t: TestContext, ...options: string[]): Promise<Run> {
  const { endpoint } = await startLocal(t);
  const place = ['--stream', 'a', '--endpoint', endpoint];
  assert.is((await kvs(t, ['create', ...place])).status, 0);
  let deletion: Promise<Run> | undefined;
  const run = await kvs(t, ['put', CLIP, ...place, '--realtime', '--json', ...options], {
    onOutput: (stdout) => {
      if (stdout.includes('"PERSISTED"')) deletion ??= kvs(t, ['delete', ...place]);
    },
  });
  assert.is((await deletion)?.status, 0);
  return run;
}

test('an upload to a stream that is deleted meanwhile creates it again', async (t) => {
  const run = await putWhileDeleted(t, '--verbose');
  assert.match(run.stderr, /connects again: .*(is not active|does not exist)/, run.stderr);
  assert.is(run.status, 0);
  assert.is(summaryOf(run).undeliveredFrames, 0);
});

test('an upload that may not create its stream ends with the reason when it is deleted', async (t) => {
  const run = await putWhileDeleted(t, '--no-create', '--stop-timeout', '20');
  assertSentence(run, /Stream "a" does not exist or is not active: .*`kvs create`/);
  const { persistedFragments, undeliveredFrames } = summaryOf(run);
  assert.is(persistedFragments, 1);
  assert.ok(Number(undeliveredFrames) > 0);
  assert.ok(run.milliseconds < 20_000, `${run.milliseconds} ms`);
});

test('--stop-timeout limits the wait for the last fragments', async (t) => {
  const { endpoint } = await startLocal(t, { ackDelay: 20_000 });
  const args = ['put', CLIP, '--stream', 'a', '--endpoint', endpoint, '--stop-timeout', '1'];
  assertSentence(await kvs(t, args), /within 1 s after the last frame.*--stop-timeout/);
});

test('an endpoint with its own certificate is trusted with --ca, and not without', async (t) => {
  const certificate = fixture('tls/localhost-cert.pem');
  const { endpoint } = await startLocal(t, {
    host: 'localhost',
    tls: { key: readFileSync(fixture('tls/localhost-key.pem')), cert: readFileSync(certificate) },
  });
  const args = ['put', CLIP, '--stream', 'a', '--endpoint', endpoint];
  const trusting = await kvs(t, [...args, '--ca', certificate]);
  assert.is(trusting.status, 0, trusting.stderr);
  assertSentence(await kvs(t, args), /certificate/);
});

/** Streams the clip at its own speed, and interrupts it once a fragment is persisted. */
async function interruptAfterFirst(
  t: TestContext,
  endpoint: string,
  signal: NodeJS.Signals,
): Promise<Run> {
  let sent = false;
  return kvs(t, ['put', CLIP, '--stream', 'a', '--endpoint', endpoint, '--realtime', '--json'], {
    onOutput: (stdout, child) => {
      if (sent || !stdout.includes('"PERSISTED"')) return;
      sent = true;
      child.kill(signal);
    },
  });
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`${signal} ends the reading, and what was read is stored`, async (t) => {
    requireSignals(t);
    const { endpoint } = await startLocal(t);
    const run = await interruptAfterFirst(t, endpoint, signal);
    assert.is(run.status, 0, run.stderr);
    const { frames, fragments, persistedFragments, undeliveredFrames } = summaryOf(run);
    assert.ok(Number(frames) > 50 && Number(frames) < 400, `${String(frames)} frames`);
    assert.is(persistedFragments, fragments);
    assert.is(undeliveredFrames, 0);
  });
}

test('a second interrupt gives up at once, with a summary', async (t) => {
  requireSignals(t);
  const { endpoint } = await startLocal(t, { ackDelay: 20_000 });
  let interrupted = false;
  const run = await kvs(t, ['put', CLIP, '--stream', 'a', '--endpoint', endpoint, '--json'], {
    onOutput: (stdout, child) => {
      if (interrupted || !stdout.includes('"start"')) return;
      interrupted = true;
      child.kill('SIGINT');
      setTimeout(() => child.kill('SIGINT'), 500);
    },
  });
  assert.is(run.status, 130, run.stderr);
  assert.is(summaryOf(run)['exitStatus'], 130);
  assert.ok(run.milliseconds < 15_000, `${run.milliseconds} ms`);
});

/** Prints a line once the process listens to SIGINT, which nothing else shows from outside. */
const TELL_WHEN_LISTENING = `--import=data:text/javascript,${encodeURIComponent(`
  process.on('newListener', (name) => {
    if (name === 'SIGINT') setImmediate(() => console.log('listening'));
  });
`)}`;

test('a pipe that stays open and silent can be interrupted', async (t) => {
  requireSignals(t);
  const { endpoint } = await startLocal(t);
  const run = await kvs(t, ['put', '-', '--stream', 'a', '--endpoint', endpoint], {
    keepInputOpen: true,
    env: { NODE_OPTIONS: TELL_WHEN_LISTENING },
    onOutput: (_stdout, child) => {
      child.kill('SIGINT');
    },
  });
  assert.is(run.status, 130);
});

test('--realtime takes as long as the media', async (t) => {
  const { endpoint } = await startLocal(t);
  const args = ['put', fixture('h264-aac.mp4'), '--stream', 'a', '--endpoint', endpoint];
  const run = await kvs(t, [...args, '--realtime', '--json']);
  assert.is(run.status, 0, run.stderr);
  const { durationMs } = summaryOf(run);
  assert.ok(Number(durationMs) > 2900 && Number(durationMs) < 5000, `${String(durationMs)} ms`);
});

test('a reader of --json that goes away does not end the upload', async (t) => {
  const { endpoint } = await startLocal(t);
  const args = ['put', CLIP, '--stream', 'a', '--endpoint', endpoint, '--json'];
  const run = await kvs(t, args, {
    onOutput: (_stdout, child) => {
      child.stdout?.destroy();
    },
  });
  assert.is(run.status, 0, run.stderr);
  assert.match(run.stderr, /4 of 4 fragments persisted/);
});
