import * as assert from 'uvu/assert';
import { clockTime, exactTime } from '../../ts/play/page/views/format.js';
import { suite } from '../support/suite.js';

const test = suite('times in the page');

test('a time that no Date holds is shown as unknown', () => {
  assert.match(exactTime(1_700_000_000_007), /\d\d:\d\d:\d\d.007/);
  for (const time of [2 ** 53 - 1, NaN, Infinity]) {
    assert.is(clockTime(time), '?');
    assert.is(exactTime(time), '?');
  }
});
