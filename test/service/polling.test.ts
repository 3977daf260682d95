import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { controlPlane, describe, fakeControlPlane } from './fake-control-plane.js';

const test = suite('polling of a new stream', { timeout: 15_000 });

test('a stream that stays CREATING is looked at in pauses that double', async (t) => {
  const times: number[] = [];
  const fake = await fakeControlPlane(t, {
    describeStream: () => {
      times.push(performance.now());
      return describe(times.length <= 3 ? 'CREATING' : 'ACTIVE');
    },
  });
  const definition = { streamName: 'cam1', allowStreamCreation: true, retentionPeriod: 2 };
  const info = await controlPlane(t, fake.url).ensureStream(definition);
  assert.is(info.status, 'ACTIVE');
  const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  assert.is(pauses.length, 3);
  for (const [index, pause] of pauses.entries()) {
    assert.ok(pause >= 250 * 2 ** index - 5, `pause ${index} was ${pause} ms`);
  }
});
