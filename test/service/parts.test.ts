import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { KinesisVideoError } from '../../ts/internal/errors.js';
import { serviceError } from '../../ts/service/service-error.js';
import { backoffDelay } from '../../ts/internal/backoff.js';
import { ClockSkew, resolveRegion, sdkError } from '../../ts/service/index.js';
import { suite, type TestContext } from '../support/suite.js';

const test = suite('parts of the service layer', { timeout: 20_000 });

const call = { operation: 'GetMedia', region: 'us-west-2', streamName: 'cam1' };

test('pauses double up to the cap, with as much again at random', () => {
  const least = [0, 1, 2, 7, 50].map((retry) => backoffDelay(retry, { random: () => 0 }));
  assert.equal(least, [100, 200, 400, 10_000, 10_000]);
  assert.is(backoffDelay(1, { factor: 1000, cap: 1500, random: () => 0.5 }), 2250);
  for (let round = 0; round < 100; round += 1) {
    const pause = backoffDelay(0);
    assert.ok(pause >= 100 && pause < 200);
  }
});

test('a clock is corrected when it is more than 4 minutes off, and again when it is set', () => {
  const skew = new ClockSkew();
  const header = (offset: number): string => new Date(Date.now() + offset).toUTCString();
  assert.is(skew.learn(header(3 * 60_000)), false);
  assert.is(skew.learn(undefined), false);
  assert.is(skew.learn('soon'), false);
  assert.is(skew.offset, 0);
  assert.is(skew.learn(header(-3600_000)), true);
  assert.ok(Math.abs(skew.now().getTime() - Date.now() + 3600_000) < 2000);
  assert.is(skew.learn(header(-3600_000)), false);
  assert.is(skew.learn(header(0)), true);
  assert.ok(Math.abs(skew.offset) < 2000);
});

test('a service that answers with the session token has it in no part of the error', () => {
  const sessionToken = 'echo'.repeat(300);
  const identity = { accessKeyId: 'local', secretAccessKey: 'local-secret', sessionToken };
  const signer = { identity, provider: () => Promise.resolve(identity) };
  const echo = { type: sessionToken, message: sessionToken, requestId: sessionToken };
  const error = serviceError(call, { httpStatus: 500, ...echo }, signer);
  const told = JSON.stringify([error.message, error.values, error.requestId, error.stack]);
  assert.not.match(told, /echoecho/);
});

const HOUR = 3_600_000;

/** A machine whose wall clock was set, or that has slept. */
for (const [what, offset, steps, left] of [
  ['was slow and is set right', 10 * HOUR, [10 * HOUR], 0],
  ['was fast and is set right', -10 * HOUR, [-10 * HOUR], 0],
  ['was slow and is set almost right', 10 * HOUR, [10 * HOUR - 200_000], 0],
  ['was slow and is set too far', 10 * HOUR, [11 * HOUR], 0],
  ['was slow and is corrected in two steps', 10 * HOUR, [4 * HOUR, 6 * HOUR], 0],
  ['was slow and is corrected in part', 10 * HOUR, [4 * HOUR], 6 * HOUR],
  ['was slow and is set back', 10 * HOUR, [-HOUR], 10 * HOUR],
  ['was slow and drifts', 10 * HOUR, [20_000], 10 * HOUR],
  ['was right and jumps', 0, [HOUR, -HOUR], 0],
] as const) {
  test(`of a clock that ${what} the machine thinks that it is ${left / HOUR} h off`, () => {
    const clocks = { wall: 1_700_000_000_000, steady: 5 };
    const skew = new ClockSkew({ now: () => clocks.wall, monotonic: () => clocks.steady });
    skew.adopt(offset);
    for (const step of steps) {
      clocks.steady += 1000;
      clocks.wall += 1000 + step;
      assert.is(skew.now().getTime(), clocks.wall + skew.offset);
    }
    assert.is(skew.offset, left);
  });
}

for (const [code, fields, retryable, pattern] of [
  ['ENOTFOUND', { hostname: 'kinesisvideo.us-wst-2.amazonaws.com' }, true, /us-wst-2.*region/],
  ['EHOSTUNREACH', {}, true, /network of this machine/],
  ['ETIMEDOUT', {}, true, /did not answer in time/],
  ['CERT_NOT_YET_VALID', {}, true, /clock of this machine/],
  ['SELF_SIGNED_CERT_IN_CHAIN', {}, false, /NODE_EXTRA_CA_CERTS/],
  ['ERR_SSL_WRONG_VERSION_NUMBER', {}, false, /does not speak TLS/],
  ['ESOMETHINGELSE', {}, true, /closed the connection \(ESOMETHINGELSE/],
] as const) {
  test(`a call that fails with ${code} says where, why and what to do`, () => {
    const error = sdkError(call, Object.assign(new Error('low level'), { code, ...fields }));
    assert.is(error.retryable, retryable);
    assert.match(error.message, /^The service in us-west-2 .*GetMedia/);
    assert.match(error.message, pattern);
    assert.is(error.values['errorCode'], code);
  });
}

/** Sets the variables that name a region, and a config file with `config`, for one test. */
function setRegion(t: TestContext, config: string, values: Record<string, string>): void {
  const folder = mkdtempSync(join(tmpdir(), 'kvs-region-'));
  writeFileSync(join(folder, 'config'), config);
  const before = { ...process.env };
  t.after(() => {
    process.env = before;
    rmSync(folder, { recursive: true });
  });
  for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_PROFILE']) {
    Reflect.deleteProperty(process.env, name);
  }
  Object.assign(process.env, { AWS_CONFIG_FILE: join(folder, 'config'), ...values });
}

test('the region is the given one, else that of the environment, else that of the profile', async (t) => {
  setRegion(t, '[profile camera]\nregion = eu-west-1\n', {
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-2',
    AWS_PROFILE: 'camera',
  });
  assert.is(await resolveRegion('ap-south-1'), 'ap-south-1');
  assert.is(await resolveRegion(), 'us-east-1');
  Reflect.deleteProperty(process.env, 'AWS_REGION');
  assert.is(await resolveRegion(), 'us-east-2');
  Reflect.deleteProperty(process.env, 'AWS_DEFAULT_REGION');
  assert.is(await resolveRegion(), 'eu-west-1');
});

test('without any region the error says where one can be set', async (t) => {
  setRegion(t, '', {});
  try {
    await resolveRegion();
    assert.unreachable();
  } catch (error) {
    assert.instance(error, KinesisVideoError);
    assert.match((error as Error).message, /No AWS region .* pass `region`, set AWS_REGION/);
  }
});

test('importing the service and the credentials loads nothing of the SDK', async () => {
  const program = `
    import { createRequire } from 'node:module';
    await import('./ts/service/index.ts');
    await import('./ts/credentials/index.ts');
    const loaded = Object.keys(createRequire(import.meta.url).cache);
    console.log(JSON.stringify(loaded.filter((file) => /@aws-sdk|@smithy/.test(file))));
    await import('@smithy/signature-v4');
    console.log(Object.keys(createRequire(import.meta.url).cache).length > loaded.length);
  `;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', program],
    { cwd: fileURLToPath(new URL('../..', import.meta.url)) },
  );
  assert.equal(stdout.trim().split('\n'), ['[]', 'true']);
});
