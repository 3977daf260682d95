import * as assert from 'uvu/assert';
import { formatTime } from '../../ts/cli/format.js';
import { suite } from '../support/suite.js';

const test = suite('numbers of kvs');

test('a time that no Date holds is printed as a number', () => {
  assert.is(formatTime(0), '1970-01-01T00:00:00.000Z');
  assert.is(formatTime(2 ** 53 - 1), '9007199254740991');
  assert.is(formatTime(NaN), 'NaN');
});
