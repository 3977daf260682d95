import * as assert from 'uvu/assert';
import { nativeError } from '../../ts/internal/native.js';
import { Status } from '../../ts/internal/status.js';
import { suite } from '../support/suite.js';

const test = suite('native');

test('a status of the core becomes an error with its name, its sentence and the values', () => {
  const values = { trackId: 3 };
  const error = nativeError(Status.STATUS_STORE_OUT_OF_MEMORY, 'No room', values);
  assert.is(error.code, 'STATUS_STORE_OUT_OF_MEMORY');
  assert.match(error.message, /^No room\. The content store is full; /);
  assert.equal(error.values, values);
});

test('a number that is no status, which only a defect can give, is an internal error', () => {
  const error = nativeError(0x7777, 'The core answered');
  assert.is(error.code, 'STATUS_INTERNAL_ERROR');
  assert.is(error.retryable, false);
});
