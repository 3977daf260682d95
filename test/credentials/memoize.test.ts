import type { AwsCredentialIdentity } from '@smithy/types';
import * as assert from 'uvu/assert';
import { memoizeCredentials } from '../../ts/credentials/memoize.js';
import type { CredentialsProvider } from '../../ts/credentials/index.js';
import { KinesisVideoError } from '../../ts/internal/errors.js';
import { suite } from '../support/suite.js';

const test = suite('memoised credentials');

/** A source with a clock: counts how often it is asked and can be made to fail. */
class Source {
  now = 1_000_000_000_000;
  asked = 0;
  /** Life of what it hands out in ms; undefined for ever. */
  life: number | undefined = 3600_000;
  problem: Error | undefined;
  requests: unknown[] = [];
  readonly provider: CredentialsProvider;

  constructor(timeout?: number) {
    this.provider = memoizeCredentials((request) => this.#answer(request), {
      origin: 'The credentials of the test',
      explain: (error, renewal) =>
        error instanceof KinesisVideoError
          ? error
          : new KinesisVideoError('STATUS_INTERNAL_ERROR', String(error), { values: { renewal } }),
      now: () => this.now,
      ...(timeout !== undefined && { timeout }),
    });
  }

  async id(request?: Record<string, unknown>): Promise<string> {
    return (await this.provider(request)).accessKeyId;
  }

  async #answer(request: unknown): Promise<AwsCredentialIdentity> {
    this.requests.push(request);
    this.asked += 1;
    const accessKeyId = `AK${this.asked}`;
    await Promise.resolve();
    if (this.problem !== undefined) throw this.problem;
    const expiration = this.life === undefined ? undefined : new Date(this.now + this.life);
    return { accessKeyId, secretAccessKey: 's', ...(expiration && { expiration }) };
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

test('credentials are kept until a minute before they expire', async () => {
  const source = new Source();
  assert.is(await source.id(), 'AK1');
  source.now += 3600_000 - 60_001;
  assert.is(await source.id(), 'AK1');
  source.now += 2;
  assert.is(await source.id(), 'AK2');
  assert.equal(source.requests, [undefined, { forceRefresh: true }]);
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

test('a failed renewal leaves valid credentials in use and is repeated after a pause', async () => {
  const source = new Source();
  await source.id();
  source.now += 3600_000 - 30_000;
  source.problem = new Error('down');
  assert.is(await source.id(), 'AK1');
  assert.is(await source.id(), 'AK1');
  assert.is(source.asked, 2);
  source.now += 5000;
  source.problem = undefined;
  assert.is(await source.id(), 'AK3');
});

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

test('credentials that have expired on arrival are refused', async () => {
  const source = new Source();
  source.life = -1;
  assert.is((await rejection(source.id())).code, 'STATUS_INVALID_TOKEN_EXPIRATION');
});

test('credentials that live shorter than a minute are used, and renewed at each call', async () => {
  const source = new Source();
  source.life = 40_000;
  assert.is(await source.id(), 'AK1');
  assert.is(await source.id(), 'AK2');
});

test('a source that never answers gives a retryable error', async () => {
  const provider = memoizeCredentials(() => new Promise(() => undefined), {
    origin: 'The credentials of the test',
    explain: (error) => error as KinesisVideoError,
    timeout: 30,
  });
  const error = await rejection(provider());
  assert.is(error.code, 'STATUS_OPERATION_TIMED_OUT');
  assert.is(error.retryable, true);
  assert.match(error.message, /did not arrive within 30 ms/);
});
