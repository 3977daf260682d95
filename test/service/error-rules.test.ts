import * as assert from 'uvu/assert';
import type { StatusName } from '../../ts/internal/status.js';
import { serviceError } from '../../ts/service/service-error.js';
import { suite } from '../support/suite.js';

const test = suite('error rules');

const call = { operation: 'CreateStream', region: 'us-west-2', streamName: 'cam1' };

/** Exceptions of the service with the HTTP status that they come with, and whether they pass. */
const EXCEPTIONS: [type: string, httpStatus: number, code: StatusName, retryable: boolean][] = [
  ['AccessDeniedException', 401, 'STATUS_SERVICE_CALL_NOT_AUTHORIZED_ERROR', false],
  ['NotAuthorizedException', 401, 'STATUS_SERVICE_CALL_NOT_AUTHORIZED_ERROR', false],
  ['AccountStreamLimitExceededException', 400, 'STATUS_SERVICE_CALL_STREAM_LIMIT_ERROR', false],
  ['DeviceStreamLimitExceededException', 400, 'STATUS_SERVICE_CALL_DEVICE_LIMIT_ERROR', false],
  ['InvalidDeviceException', 400, 'STATUS_SERVICE_CALL_DEVICE_NOT_FOUND_ERROR', false],
  ['ResourceInUseException', 400, 'STATUS_SERVICE_CALL_RESOURCE_IN_USE_ERROR', true],
  ['ResourceNotFoundException', 404, 'STATUS_SERVICE_CALL_RESOURCE_NOT_FOUND_ERROR', false],
  ['ClientLimitExceededException', 400, 'STATUS_SERVICE_CALL_CLIENT_LIMIT_ERROR', true],
  ['TagsPerResourceExceededLimitException', 400, 'STATUS_SERVICE_CALL_INVALID_ARG_ERROR', false],
  ['InvalidArgumentException', 400, 'STATUS_SERVICE_CALL_INVALID_ARG_ERROR', false],
];

/** HTTP statuses without an exception that is known. */
const STATUSES: [httpStatus: number, code: StatusName, retryable: boolean][] = [
  [400, 'STATUS_SERVICE_CALL_UNKNOWN_ERROR', false],
  [401, 'STATUS_SERVICE_CALL_NOT_AUTHORIZED_ERROR', false],
  [403, 'STATUS_SERVICE_CALL_NOT_AUTHORIZED_ERROR', false],
  [404, 'STATUS_SERVICE_CALL_RESOURCE_NOT_FOUND_ERROR', false],
  [408, 'STATUS_SERVICE_CALL_TIMEOUT_ERROR', true],
  [429, 'STATUS_SERVICE_CALL_CLIENT_LIMIT_ERROR', true],
  [500, 'STATUS_SERVICE_CALL_UNKNOWN_ERROR', true],
  [503, 'STATUS_SERVICE_CALL_UNKNOWN_ERROR', true],
  [504, 'STATUS_SERVICE_CALL_TIMEOUT_ERROR', true],
  [598, 'STATUS_SERVICE_CALL_TIMEOUT_ERROR', true],
  [599, 'STATUS_SERVICE_CALL_TIMEOUT_ERROR', true],
];

test('each exception of the service has its status, with and without its last word', () => {
  for (const [type, httpStatus, code, retryable] of EXCEPTIONS) {
    for (const name of [type, type.replace(/Exception$/, '')]) {
      const error = serviceError(call, { httpStatus, type: name });
      assert.equal([name, error.code, error.retryable], [name, code, retryable]);
      assert.is(error.values['errorType'], name);
    }
  }
});

test('400, 429 and 503 say what they mean when no exception is named', () => {
  for (const [httpStatus, code, retryable] of STATUSES) {
    const error = serviceError(call, { httpStatus });
    assert.equal([httpStatus, error.code, error.retryable], [httpStatus, code, retryable]);
    assert.is(error.values['httpStatus'], httpStatus);
  }
});

test('a request that is signed for another region is told to name the right one', () => {
  const message =
    "Credential should be scoped to a valid region. This endpoint is in 'eu-west-1', the request is signed for 'us-west-2'.";
  const failure = { httpStatus: 403, type: 'InvalidSignatureException', message };
  const error = serviceError(call, failure);
  assert.is(error.code, 'STATUS_SERVICE_CALL_NOT_AUTHORIZED_ERROR');
  assert.match(error.message, /not in the region us-west-2 .*: give the region of the endpoint\.$/);
});
