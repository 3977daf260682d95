import * as assert from 'uvu/assert';
import { KinesisVideoError, Status } from '../../ts/index.js';
import type { Frame } from '../../ts/index.js';
import { resolveDefinition } from '../../ts/producer/stream-definition.js';
import { WaitingPut } from '../../ts/producer/waiting-put.js';
import { suite } from '../support/suite.js';
import { definition, frames } from './support/media.js';

const test = suite('producer waiting put');

test('a frame for which there is room waits behind those that wait already', async () => {
  const taken: Frame[] = [];
  let room = 100;
  const waiting = new WaitingPut({
    definition: resolveDefinition(definition({ streamingType: 'offline' })),
    rooms: new Set(),
    tryPut: (frame) => {
      if (frame.data.byteLength > room) return Status.STATUS_STORE_OUT_OF_MEMORY;
      taken.push(frame);
      return 0;
    },
    errorOf: () => new KinesisVideoError('STATUS_INVALID_ARG', 'not taken'),
  });
  const [large] = frames({ count: 1, size: 1000 }) as [Frame];
  const [, small] = frames({ count: 2, size: 10 }) as [Frame, Frame];
  const puts = [large, small].map(async (frame) => {
    await waiting.put(frame, {});
  });
  assert.equal(taken, []);
  room = 2000;
  waiting.wake();
  await Promise.all(puts);
  assert.equal(taken, [large, small]);
  assert.is(waiting.isIdle, true);
});
