import * as assert from 'uvu/assert';
import { KinesisVideoError, type StatusName, type StreamState } from '../../ts/index.js';
import { MISSING_GRACE, remedyFor, type Remedy } from '../../ts/producer/remedies.js';
import {
  Supervisor,
  TRANSITIONS,
  type StreamFailure,
  type SupervisorOptions,
  type Verdict,
} from '../../ts/producer/supervisor.js';
import { suite, type TestContext } from '../support/suite.js';
import { until } from './support/client.js';

const test = suite('supervisor', { timeout: 15_000 });

function failure(
  code: StatusName,
  { retryable = true, ...values }: { retryable?: boolean } & Record<string, unknown> = {},
): KinesisVideoError {
  return new KinesisVideoError(code, 'It failed.', { retryable, values });
}

const LOST = failure('STATUS_SERVICE_CALL_UNKNOWN_ERROR');
const DENIED = failure('STATUS_SERVICE_CALL_NOT_AUTHORIZED_ERROR', {
  retryable: false,
  errorType: 'AccessDeniedException',
});

/** A supervisor with what it has told. */
function watch(t: TestContext, changes: Partial<SupervisorOptions> = {}) {
  const told = {
    states: [] as StreamState[],
    connections: [] as (string | undefined)[],
    retries: [] as StreamFailure[],
    fatal: [] as KinesisVideoError[],
    forgotten: 0,
  };
  const supervisor = new Supervisor({
    restartOnError: true,
    decide: ({ verdict }) => verdict,
    forgetEndpoint: () => {
      told.forgotten += 1;
    },
    onState: (state) => told.states.push(state),
    onConnected: () => told.connections.push('connected'),
    onDisconnected: (error) => told.connections.push(error?.code ?? 'ended'),
    onRetry: (retry) => told.retries.push(retry),
    onFatal: (error) => told.fatal.push(error),
    ...changes,
  });
  t.after(() => {
    supervisor.end();
  });
  return { supervisor, told };
}

test('every state can be reached from every other, so that no stream is stuck', () => {
  for (const start of Object.keys(TRANSITIONS) as (keyof typeof TRANSITIONS)[]) {
    const reached = new Set<string>([start]);
    for (const state of reached) {
      const steps = TRANSITIONS[state as keyof typeof TRANSITIONS];
      for (const next of Object.values(steps)) reached.add(next);
    }
    assert.is(reached.size, Object.keys(TRANSITIONS).length, start);
  }
});

test('a stream connects, loses its connection, waits, connects again and rests', async (t) => {
  const { supervisor, told } = watch(t);
  supervisor.attempt();
  supervisor.connected('here');
  supervisor.ended();
  supervisor.failed(LOST, true, false);
  const before = performance.now();
  await supervisor.ready();
  assert.ok(performance.now() - before >= 95, 'there is a pause');
  supervisor.attempt();
  supervisor.connected('here');
  supervisor.succeeded();
  supervisor.ended();
  supervisor.offline();
  supervisor.rest();
  assert.equal(told.states, [
    'connecting',
    'streaming',
    'retrying',
    'connecting',
    'streaming',
    'idle',
  ]);
  assert.equal(told.connections, ['connected', LOST.code, 'connected', 'ended']);
  assert.equal(told.fatal, []);
});

test('while one connection is there, what becomes of another changes no state', async (t) => {
  const { supervisor, told } = watch(t);
  supervisor.attempt();
  supervisor.connected('old');
  supervisor.attempt();
  supervisor.failed(LOST, false, false);
  await supervisor.ready();
  supervisor.attempt();
  supervisor.connected('new');
  supervisor.ended();
  supervisor.offline();
  supervisor.rest();
  assert.equal(told.states, ['connecting', 'streaming']);
  assert.equal(told.connections, ['connected', LOST.code]);
});

test('pauses double to 2.5 s with as much again at random, and begin anew after a success', (t) => {
  const { supervisor, told } = watch(t);
  for (let count = 0; count < 20; count += 1) supervisor.failed(LOST, false, false);
  supervisor.succeeded();
  supervisor.failed(LOST, false, false);
  for (const [index, { pause, failures }] of told.retries.entries()) {
    const wait = index === 20 ? 100 : Math.min(100 * 2 ** index, 2500);
    assert.ok(pause >= wait && pause <= 2 * wait, `${pause} ms after failure ${failures}`);
  }
  const pauses = told.retries.slice(5, 20).map(({ pause }) => pause);
  assert.ok(new Set(pauses).size > 5, 'they are random');
});

test('the service is left alone for as long as it asks', (t) => {
  const { supervisor, told } = watch(t);
  supervisor.failed(
    failure('STATUS_SERVICE_CALL_CLIENT_LIMIT_ERROR', { retryAfter: 7000 }),
    false,
    false,
  );
  assert.is(told.retries[0]?.pause, 7000);
});

test('new credentials and a corrected clock are tried at once, but only once', (t) => {
  const { supervisor, told } = watch(t);
  const expired = failure('STATUS_SERVICE_CALL_NOT_AUTHORIZED_ERROR', {
    errorType: 'ExpiredTokenException',
  });
  supervisor.failed(expired, false, false);
  supervisor.failed(expired, false, false);
  assert.is(told.retries[0]?.pause, 0);
  assert.ok((told.retries[1]?.pause ?? 0) >= 200);
});

test('stop ends the pause, and so does the end of the stream', async (t) => {
  for (const act of ['hurry', 'end'] as const) {
    const { supervisor } = watch(t);
    for (let count = 0; count < 8; count += 1) supervisor.failed(LOST, false, false);
    const before = performance.now();
    setTimeout(() => {
      supervisor[act]();
    }, 50);
    await supervisor.ready();
    assert.ok(performance.now() - before < 1000, act);
  }
});

test('the endpoint is asked for again after a failure that got nowhere', (t) => {
  const { supervisor, told } = watch(t);
  supervisor.failed(LOST, true, true);
  assert.is(told.forgotten, 0, 'media got through');
  supervisor.failed(LOST, true, false);
  assert.is(told.forgotten, 1);
  supervisor.failed(failure('STATUS_SERVICE_CALL_CLIENT_LIMIT_ERROR'), false, false);
  supervisor.failed(failure('STATUS_ACK_ERR_ACK_INTERNAL_ERROR'), true, false);
  assert.is(told.forgotten, 1, 'the service has answered');
});

test('a stream that seems to be gone is described until that has worked', (t) => {
  const { supervisor, told } = watch(t);
  supervisor.failed(failure('STATUS_ACK_ERR_STREAM_DELETED'), true, true);
  assert.is(supervisor.mustDescribe, true);
  assert.is(told.forgotten, 1);
  supervisor.failed(LOST, false, false);
  assert.is(supervisor.mustDescribe, true);
  supervisor.described();
  assert.is(supervisor.mustDescribe, false);
});

test('a stream that was there may be missing for 5 s, in which somebody may create it again', async (t) => {
  const { supervisor, told } = watch(t);
  const missing = failure('STATUS_SERVICE_CALL_RESOURCE_NOT_FOUND_ERROR', {
    retryable: false,
    operation: 'DescribeStream',
  });
  supervisor.succeeded();
  supervisor.failed(missing, false, false);
  assert.is(supervisor.mustDescribe, true);
  await new Promise((resolve) => setTimeout(resolve, MISSING_GRACE / 2 + 100));
  supervisor.described();
  supervisor.failed(missing, false, false);
  await new Promise((resolve) => setTimeout(resolve, MISSING_GRACE / 2 + 100));
  supervisor.failed(missing, false, false);
  assert.equal(told.fatal, [], 'it was there in between');
  await new Promise((resolve) => setTimeout(resolve, MISSING_GRACE / 2));
  supervisor.failed(missing, false, false);
  assert.equal(told.fatal, [missing]);
});

test('without restartOnError every failure is the last one', (t) => {
  const { supervisor, told } = watch(t, { restartOnError: false });
  supervisor.failed(LOST, true, true);
  assert.equal(told.fatal, [LOST]);
  assert.equal(told.retries, []);
});

test('whoever decides has the last word, also when the answer takes time', async (t) => {
  const answers: Verdict[] = ['give-up', 'again'];
  for (const answer of answers) {
    const { supervisor, told } = watch(t, {
      decide: () => new Promise((resolve) => setTimeout(resolve, 20, answer)),
    });
    supervisor.failed(answer === 'again' ? DENIED : LOST, false, false);
    assert.equal([told.fatal.length, told.retries.length], [0, 0]);
    await supervisor.ready();
    await until(t, () => told.fatal.length + told.retries.length > 0);
    assert.is(told.fatal.length, answer === 'give-up' ? 1 : 0);
  }
});

test('a decision that comes after the end changes nothing', async (t) => {
  const { supervisor, told } = watch(t, {
    decide: () => new Promise((resolve) => setTimeout(resolve, 20, 'give-up')),
  });
  supervisor.failed(LOST, false, false);
  supervisor.end();
  await supervisor.ready();
  assert.equal([told.fatal, told.retries], [[], []]);
});

/** What helps after each failure, before the stream has ever worked and afterwards. */
const REMEDIES: readonly [what: string, error: KinesisVideoError, before: Remedy, after: Remedy][] =
  [
    ['a policy', DENIED, 'give-up', 'give-up'],
    [
      'a 403 that is not from the service, as of a sign-in page',
      failure('STATUS_SERVICE_CALL_NOT_AUTHORIZED_ERROR', { retryable: false, httpStatus: 403 }),
      'give-up',
      'resolve-endpoint',
    ],
    [
      'an expired token',
      failure('STATUS_SERVICE_CALL_NOT_AUTHORIZED_ERROR', { errorType: 'ExpiredTokenException' }),
      'renew',
      'renew',
    ],
    [
      'an unknown key',
      failure('STATUS_SERVICE_CALL_NOT_AUTHORIZED_ERROR', {
        retryable: false,
        errorType: 'UnrecognizedClientException',
      }),
      'give-up',
      'renew',
    ],
    [
      'keys that were given once and have expired',
      failure('STATUS_INVALID_TOKEN_EXPIRATION', { retryable: false }),
      'give-up',
      'give-up',
    ],
    [
      'credentials that last too short',
      failure('STATUS_INVALID_TOKEN_EXPIRATION'),
      'reconnect',
      'reconnect',
    ],
    [
      'a source of credentials that fails',
      failure('STATUS_GET_STREAMING_TOKEN_CALL_FAILED', { retryable: false }),
      'give-up',
      'reconnect',
    ],
    [
      'a stream that is not there',
      failure('STATUS_SERVICE_CALL_RESOURCE_NOT_FOUND_ERROR', {
        retryable: false,
        operation: 'DescribeStream',
        errorType: 'ResourceNotFoundException',
      }),
      'give-up',
      'give-up',
    ],
    [
      'a stream that PutMedia does not find',
      failure('STATUS_SERVICE_CALL_RESOURCE_NOT_FOUND_ERROR', { operation: 'PutMedia' }),
      'describe-stream',
      'describe-stream',
    ],
    [
      'a stream that is being deleted',
      failure('STATUS_STREAM_IS_BEING_DELETED_ERROR'),
      'describe-stream',
      'describe-stream',
    ],
    [
      'error 4008',
      failure('STATUS_ACK_ERR_STREAM_NOT_ACTIVE'),
      'describe-stream',
      'describe-stream',
    ],
    ['error 4003', failure('STATUS_ACK_ERR_CONNECTION_DURATION_REACHED'), 'reconnect', 'reconnect'],
    ['error 4500', failure('STATUS_ACK_ERR_KMS_KEY_ACCESS_DENIED'), 'reconnect', 'reconnect'],
    [
      'an argument that the service does not take',
      failure('STATUS_SERVICE_CALL_INVALID_ARG_ERROR', {
        retryable: false,
        errorType: 'InvalidArgumentException',
      }),
      'give-up',
      'give-up',
    ],
    ['throttling', failure('STATUS_SERVICE_CALL_CLIENT_LIMIT_ERROR'), 'reconnect', 'reconnect'],
    [
      'a certificate that is not trusted',
      failure('STATUS_SERVICE_CALL_UNKNOWN_ERROR', { retryable: false }),
      'give-up',
      'resolve-endpoint',
    ],
    ['a lost connection', LOST, 'resolve-endpoint', 'resolve-endpoint'],
    ['silence', failure('STATUS_OPERATION_TIMED_OUT'), 'resolve-endpoint', 'resolve-endpoint'],
    [
      'a mistake of the program',
      failure('STATUS_INTERNAL_ERROR', { retryable: false }),
      'give-up',
      'give-up',
    ],
  ];

for (const [what, error, before, after] of REMEDIES) {
  test(`${what}: ${before} at first, ${after} once the stream has worked`, () => {
    const missingFor = MISSING_GRACE;
    assert.is(remedyFor(error, { hasWorked: false, missingFor: 0 }), before);
    assert.is(remedyFor(error, { hasWorked: true, missingFor }), after);
  });
}
