import { inspect } from 'node:util';
import * as assert from 'uvu/assert';
import { KinesisVideoError } from '../../ts/internal/errors.js';
import { redact } from '../../ts/internal/redact.js';
import { suite } from '../support/suite.js';

const test = suite('KinesisVideoError');

/** Everything a program can print of an error. */
function shown(error: KinesisVideoError): string {
  return [
    inspect(error, { showHidden: true, depth: 9 }),
    JSON.stringify(error),
    error.stack,
    String(error),
  ].join('\n');
}

test('an error has the number of its code and is not retryable unless told', () => {
  const error = new KinesisVideoError('STATUS_STORE_OUT_OF_MEMORY', 'The store is full.');
  assert.instance(error, Error);
  assert.is(error.name, 'KinesisVideoError');
  assert.is(error.code, 'STATUS_STORE_OUT_OF_MEMORY');
  assert.is(error.status, 0x5200002e);
  assert.is(error.message, 'The store is full.');
  assert.is(error.retryable, false);
  assert.equal(error.values, {});
  assert.not.ok('advice' in error || 'requestId' in error || 'cause' in error);
  assert.match(error.stack ?? '', /^KinesisVideoError: The store is full\.\n/);
});

test('an error of another copy of the package is an instance', async () => {
  const copy = (await import(`../../ts/internal/errors.js?copy=${Date.now()}`)) as {
    KinesisVideoError: typeof KinesisVideoError;
  };
  assert.is.not(copy.KinesisVideoError, KinesisVideoError);
  const foreign = new copy.KinesisVideoError('STATUS_INVALID_ARG', 'No.');
  assert.ok(foreign instanceof KinesisVideoError);
  assert.not.ok(new Error('No.') instanceof KinesisVideoError);
  assert.not.ok((null as unknown) instanceof KinesisVideoError);
});

test('a subclass does not claim the errors of its parent', () => {
  class Special extends KinesisVideoError {}
  const parent = new KinesisVideoError('STATUS_INVALID_ARG', 'No.');
  const child = new Special('STATUS_INVALID_ARG', 'No.');
  assert.ok(child instanceof Special && child instanceof KinesisVideoError);
  assert.not.ok(parent instanceof Special);
});

test('console.log shows code, status in hexadecimal, values and cause', () => {
  const error = new KinesisVideoError('STATUS_SERVICE_CALL_TIMEOUT_ERROR', 'Too slow.', {
    values: { timeout: 5000, fragment: 12n, data: new Uint8Array(9) },
    advice: 'wait',
    requestId: 'r1',
    cause: Object.assign(new Error('connect'), { code: 'ECONNREFUSED', port: 1 }),
  });
  const text = inspect({ error });
  for (const part of [
    'Too slow.',
    "code: 'STATUS_SERVICE_CALL_TIMEOUT_ERROR'",
    "status: '0x52000037'",
    "fragment: '12'",
    "data: '[9 bytes]'",
    "requestId: 'r1'",
    'ECONNREFUSED',
  ]) {
    assert.ok(text.includes(part), `${part} is not in ${text}`);
  }
});

test('the JSON form is complete and plain', () => {
  const error = new KinesisVideoError('STATUS_INVALID_ARG', 'No.', {
    values: { when: new Date(0), nested: { list: [1, { deep: { deeper: {} } }] } },
    advice: 'say yes',
    retryable: true,
    requestId: 'r1',
    cause: new Error('why'),
  });
  assert.equal(JSON.parse(JSON.stringify(error)), {
    name: 'KinesisVideoError',
    message: 'No.',
    code: 'STATUS_INVALID_ARG',
    status: 2,
    retryable: true,
    values: {
      when: '1970-01-01T00:00:00.000Z',
      nested: { list: [1, { deep: '[object]' }] },
    },
    advice: 'say yes',
    requestId: 'r1',
  });
});

test('values that contain themselves do not keep an error from being printed', () => {
  const values: Record<string, unknown> = {};
  values['self'] = values;
  shown(new KinesisVideoError('STATUS_INVALID_ARG', 'No.', { values }));
});

test('secrets in message, values, advice and cause are masked', () => {
  const cause = Object.assign(
    new Error('GET https://u:canary1@host x-amz-security-token:canary2'),
    {
      config: { headers: { Authorization: 'canary3' } },
      cause: new Error('sessionToken=canary4'),
    },
  );
  const error = new KinesisVideoError('STATUS_INVALID_ARG', 'rtsp://admin:canary5@cam/1 is bad.', {
    values: {
      secretAccessKey: 'canary6',
      credentials: { sessionToken: 'canary7', password: 'canary8' },
      url: 'https://host/?X-Amz-Signature=canary9&x=1',
      response: '{"SessionToken":"canary10"}',
    },
    advice: 'Authorization: Bearer canary11',
    cause,
  });
  assert.not.match(shown(error), /canary\d/);
  assert.match(error.message, /^rtsp:\/\/\[redacted\]@cam\/1 is bad\.$/);
});

test('masking leaves ordinary text alone', () => {
  for (const text of [
    'SignedHeaders=host;x-amz-date;x-amz-security-token, next',
    'The security token included in the request is expired',
    'see https://docs.example/a@b and mail a@b.example',
    'user@host: no password given',
  ]) {
    assert.is(redact(text), text);
  }
});

test('masking a long text takes no noticeable time', () => {
  const text = 'x'.repeat(300_000);
  const start = performance.now();
  assert.is(redact(text), text);
  assert.ok(performance.now() - start < 1000);
});

test('a cause of this package keeps its identity', () => {
  const cause = new KinesisVideoError('STATUS_INVALID_ARG', 'No.');
  assert.is(new KinesisVideoError('STATUS_INVALID_ARG', 'No.', { cause }).cause, cause);
});
