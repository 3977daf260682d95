import { EventEmitter } from 'node:events';
import * as assert from 'uvu/assert';
import type { Frame, KinesisVideoStream } from '../../ts/index.js';
import { suite, type TestContext } from '../support/suite.js';
import { SoakStream } from './support/soak-stream.js';

const test = suite('a stream of the soak');

/** A stream that takes frames, and a soak with it that has put the first fragment. */
async function soak(t: TestContext) {
  const put: Frame[] = [];
  const stream = Object.assign(new EventEmitter(), {
    putFrame: (frame: Frame) => put.push(frame),
    metrics: { framesPut: 0, framesDelivered: 0, droppedFrames: { total: 0 } },
  });
  const soaked = new SoakStream(stream as unknown as KinesisVideoStream, 30);
  soaked.source.start();
  t.after(() => {
    soaked.source.stop();
  });
  while (put.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  const first = put[0]?.presentationTs ?? 0;
  const ack = (type: string, fragmentTimecode: number): void => {
    stream.emit('fragmentAck', { type, fragmentNumber: '1', fragmentTimecode });
  };
  return { soaked, first, ack };
}

test('a fragment that arrives anew after it was told to be stored is a problem', async (t) => {
  const { soaked, first, ack } = await soak(t);
  for (const type of ['BUFFERING', 'PERSISTED']) ack(type, first);
  assert.equal([...soaked.problems], []);
  ack('BUFFERING', first);
  assert.equal([...soaked.problems], ['the fragment of frame 0 was sent again in vain']);
});

test('an acknowledgement of a fragment that is still to be put says nothing about it', async (t) => {
  const { soaked, first, ack } = await soak(t);
  ack('PERSISTED', first + 1_000_000);
  assert.is(soaked.latest, -1);
  ack('BUFFERING', first + 1_000_000);
  assert.equal([...soaked.problems], []);
});
