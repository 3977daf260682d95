import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { AwsCredentialIdentity } from '@smithy/types';
import * as assert from 'uvu/assert';
import { memoizeCredentials } from '../../ts/credentials/memoize.js';
import type { CredentialsProvider } from '../../ts/credentials/index.js';
import { KinesisVideoError } from '../../ts/internal/errors.js';
import { suite } from '../support/suite.js';

const test = suite('memoised credentials');

/** A source with a clock: counts how often it is asked and can be made to fail, throw or hang. */
class Source {
  now = 1_000_000_000_000;
  asked = 0;
  /** Life of what it hands out in ms; undefined for ever. */
  life: number | undefined = 3600_000;
  problem: Error | undefined;
  behaviour: 'answers' | 'throws' | 'hangs' | 'repeats' = 'answers';
  requests: { forceRefresh?: boolean; abortSignal?: AbortSignal }[] = [];
  readonly provider: CredentialsProvider;
  #last: AwsCredentialIdentity | undefined;

  constructor(timeout?: number) {
    this.provider = memoizeCredentials((request) => this.#answer(request), {
      origin: 'The credentials of the test',
      explain: (error, renewal) =>
        error instanceof KinesisVideoError
          ? error
          : new KinesisVideoError('STATUS_INTERNAL_ERROR', String(error), { values: { renewal } }),
      clock: { now: () => new Date(this.now), learn: () => false },
      random: () => 1,
      ...(timeout !== undefined && { timeout }),
    });
  }

  async id(request?: Record<string, unknown>): Promise<string> {
    return (await this.provider(request)).accessKeyId;
  }

  #answer(request: object): unknown {
    this.requests.push(request);
    this.asked += 1;
    if (this.behaviour === 'throws') throw new Error('thrown at once');
    if (this.behaviour === 'hangs') return new Promise(() => undefined);
    if (this.behaviour === 'repeats') return this.#last;
    return this.#later();
  }

  async #later(): Promise<AwsCredentialIdentity> {
    const accessKeyId = `AK${this.asked}`;
    await Promise.resolve();
    if (this.problem !== undefined) throw this.problem;
    const expiration = this.life === undefined ? undefined : new Date(this.now + this.life);
    this.#last = { accessKeyId, secretAccessKey: 's', ...(expiration && { expiration }) };
    return this.#last;
  }
}

/** What `work` rejects with, which is to be a KinesisVideoError. */
async function rejection(work: Promise<unknown>): Promise<KinesisVideoError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof KinesisVideoError) return error;
    throw error;
  }
  throw new Error('did not reject');
}

/** Lets a request in the background come to its end. */
const settled = (): Promise<void> => sleep(5);

/** The part of its life after which an hour's credentials are renewed when the jitter is greatest. */
const EARLY_AT = 3600_000 - 38_000 - 600_000;

test('credentials are renewed in the background ahead of expiry, and callers do not wait', async () => {
  const source = new Source();
  assert.is(await source.id(), 'AK1');
  await sleep(1);
  source.now += EARLY_AT - 1;
  assert.is(await source.id(), 'AK1');
  await settled();
  assert.is(source.asked, 1);
  source.now += 2;
  source.behaviour = 'hangs';
  const started = performance.now();
  assert.is(await source.id(), 'AK1');
  assert.is(source.asked, 1, 'what has just arrived is looked at again too soon');
  assert.ok(performance.now() - started < 100);
});

test(
  'what is renewed in the background is used by the next call',
  async () => {
    const source = new Source();
    source.life = 100_000;
    assert.is(await source.id(), 'AK1');
    source.now += 60_000;
    await sleep(4010);
    assert.is(await source.id(), 'AK1');
    await settled();
    assert.is(await source.id(), 'AK2');
    assert.is(source.requests[1]?.forceRefresh, true);
  },
  { timeout: 8000 },
);

test('within the grace callers wait for new credentials', async () => {
  const source = new Source();
  source.life = 800;
  assert.is(await source.id(), 'AK1');
  await sleep(110);
  source.now += 110;
  assert.is(await source.id(), 'AK2');
});

test('callers at the same time share one request', async () => {
  const source = new Source();
  assert.equal(await Promise.all([source.id(), source.id(), source.id()]), ['AK1', 'AK1', 'AK1']);
  assert.is(source.asked, 1);
});

test('credentials without an expiry are kept until they are refused', async () => {
  const source = new Source();
  source.life = undefined;
  const first = await source.provider();
  source.now += 1e12;
  assert.is(await source.id(), 'AK1');
  assert.is(source.provider.invalidate?.(first), true);
  assert.is(await source.id(), 'AK2');
  source.provider.invalidate?.(first);
  assert.is(await source.id(), 'AK2', 'a late refusal of old credentials dropped the new ones');
});

test('forceRefresh gets new credentials', async () => {
  const source = new Source();
  await source.id();
  assert.is(await source.id({ forceRefresh: true }), 'AK2');
});

test(
  'a failed renewal leaves valid credentials in use, and the source is asked ever less often',
  async () => {
    const source = new Source();
    await source.id();
    source.now += 3600_000 - 30_000;
    await sleep(4010);
    source.problem = new Error('down');
    const asked: number[] = [];
    const end = performance.now() + 1000;
    while (performance.now() < end) {
      assert.is(await source.id(), 'AK1');
      if (asked.at(-1) !== source.asked) asked.push(source.asked);
      await sleep(5);
    }
    // Pauses of 200, 400 and 800 ms.
    assert.is(source.asked, 4);
    source.problem = undefined;
    await sleep(900);
    assert.is(await source.id(), 'AK5');
  },
  { timeout: 10_000 },
);

test('credentials that are valid stay in use when the source hangs', async () => {
  const source = new Source();
  source.life = 1000;
  await source.id();
  source.behaviour = 'hangs';
  source.now += 700;
  await sleep(200);
  const started = performance.now();
  assert.is(await source.id(), 'AK1');
  assert.ok(performance.now() - started < 400, 'the caller waited for longer than they live');
});

test(
  'a source that gives the same again is not asked at every call',
  async () => {
    const source = new Source();
    source.life = 40_000;
    await source.id();
    source.behaviour = 'repeats';
    source.now += 20_000;
    await sleep(4010);
    for (let i = 0; i < 50; i += 1) assert.is(await source.id(), 'AK1');
    assert.is(source.asked, 2);
  },
  { timeout: 8000 },
);

test('a failed renewal is an error once the credentials have expired', async () => {
  const source = new Source();
  await source.id();
  source.now += 3600_001;
  source.problem = new Error('down');
  const error = await rejection(source.id());
  assert.match(error.message, /down/);
  assert.is(error.values['renewal'], true);
});

test('a failed renewal is an error once the service has refused the credentials', async () => {
  const source = new Source();
  source.provider.invalidate?.(await source.provider());
  source.problem = new Error('down');
  assert.match((await rejection(source.id())).message, /down/);
  source.problem = undefined;
  assert.is(await source.id(), 'AK3');
});

test('callers without credentials are made to wait for the pause, once and together', async () => {
  const source = new Source();
  source.problem = new Error('down');
  const started = performance.now();
  for (let i = 0; i < 3; i += 1) {
    const all = [source.id(), source.id(), source.id()];
    for (const one of all) assert.match((await rejection(one)).message, /down/);
  }
  assert.is(source.asked, 3);
  assert.ok(performance.now() - started > 550, 'the pauses of 200 and 400 ms were left out');
});

test('credentials that have expired on arrival are refused', async () => {
  const source = new Source();
  source.life = -1;
  assert.is((await rejection(source.id())).code, 'STATUS_INVALID_TOKEN_EXPIRATION');
});

test('credentials that live for 35 s cause no storm of requests', async () => {
  const source = new Source();
  source.life = 35_000;
  for (let i = 0; i < 200; i += 1) {
    assert.is(await source.id(), 'AK1');
    source.now += 20;
  }
  assert.is(source.asked, 1);
});

test('a source that never answers gives a retryable error, and is told that nobody waits', async () => {
  const source = new Source(30);
  source.behaviour = 'hangs';
  const error = await rejection(source.id());
  assert.is(error.code, 'STATUS_OPERATION_TIMED_OUT');
  assert.is(error.retryable, true);
  assert.match(error.message, /did not arrive within 30 ms/);
  assert.is(source.requests[0]?.abortSignal?.aborted, true);
});

test('a source that throws at once rejects like any other', async () => {
  const source = new Source();
  source.behaviour = 'throws';
  assert.match((await rejection(source.id())).message, /thrown at once/);
});

test('a source may give an object in place of a promise', async () => {
  const provider = memoizeCredentials(() => ({ accessKeyId: 'AK', secretAccessKey: 's' }), {
    origin: 'The credentials of the test',
    explain: (error) => error as KinesisVideoError,
  });
  assert.is((await provider()).accessKeyId, 'AK');
});

test('the timer renews what is in use, and stops when nobody asks any more', async () => {
  let asked = 0;
  const provider = memoizeCredentials(
    () => {
      asked += 1;
      const expiration = new Date(Date.now() + 400);
      return { accessKeyId: `AK${asked}`, secretAccessKey: 's', expiration };
    },
    { origin: 'The credentials of the test', explain: (error) => error as KinesisVideoError },
  );
  await provider();
  await sleep(900);
  assert.is(asked, 2, 'once since it was asked for, and not again');
});

test(
  'the timer does not keep the process alive',
  () => {
    const memoize = new URL('../../ts/credentials/memoize.ts', import.meta.url).href;
    const program = `
    import { memoizeCredentials } from ${JSON.stringify(memoize)};
    const source = () => ({ accessKeyId: 'A', secretAccessKey: 's', expiration: new Date(Date.now() + 60_000) });
    await memoizeCredentials(source, { origin: 'They', explain: (e) => e })();
    console.log('done');`;
    const cwd = fileURLToPath(new URL('../..', import.meta.url));
    const args = ['--import', 'tsx', '--input-type=module', '-e', program];
    const run = spawnSync(process.execPath, args, { cwd, timeout: 8000, encoding: 'utf8' });
    assert.is(run.status, 0, run.stderr);
    assert.is(run.stdout, 'done\n');
  },
  { timeout: 10_000 },
);
