import * as assert from 'uvu/assert';
import { KinesisVideoError } from '../../ts/index.js';
import { Health, type StreamHealth } from '../../ts/producer/health.js';
import { suite } from '../support/suite.js';

const test = suite('health');

const error = new KinesisVideoError('STATUS_OPERATION_TIMED_OUT', 'It took too long.');

function watch(): { health: Health; told: StreamHealth[] } {
  const told: StreamHealth[] = [];
  return { health: new Health((health) => told.push(health)), told };
}

test('what changes nothing is not told', () => {
  const { health, told } = watch();
  health.delivered();
  health.delivered();
  health.delivered(1000);
  health.delivered();
  health.delivered(2000);
  assert.equal(told, [
    { state: 'healthy' },
    { state: 'healthy', lastPersistedAt: 1000 },
    { state: 'healthy', lastPersistedAt: 2000 },
  ]);
});

test('a failure keeps the last persisted time, and a sign of life ends it', () => {
  const { health, told } = watch();
  health.delivered(1000);
  health.failed(error);
  health.delivered();
  assert.equal(told.slice(1), [
    { state: 'recovering', error, lastPersistedAt: 1000 },
    { state: 'healthy', lastPersistedAt: 1000 },
  ]);
});

test('the end is told with its reason, if it has one', () => {
  const { health } = watch();
  health.ended(error);
  assert.equal(health.current, { state: 'failed', error });
  const other = watch();
  other.health.delivered(1000);
  other.health.ended();
  assert.equal(other.health.current, { state: 'closed', lastPersistedAt: 1000 });
  assert.ok(Object.isFrozen(other.health.current));
});
