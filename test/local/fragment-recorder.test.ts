import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import * as assert from 'uvu/assert';
import { AckWriter } from '../../ts/local/media/acks.js';
import { FragmentRecorder } from '../../ts/local/media/fragment-recorder.js';
import type { FragmentStore } from '../../ts/local/fragments/store.js';
import { StreamMetrics } from '../../ts/local/metrics/stream-metrics.js';
import type { LocalStream } from '../../ts/local/streams/stream.js';
import { suite } from '../support/suite.js';
import { temporaryStore } from './support/fragments.js';

const test = suite('Fragment recorder');

test('is under pressure while many complete fragments wait for the disk', async (t) => {
  const fragments = await temporaryStore(t);
  const disk = slowDisk(fragments);
  let count = 0;
  const stream = {
    fragments,
    retains: false,
    metrics: new StreamMetrics(),
    nextFragmentNumber: () => String((count += 1)),
    enforceRetention: () => undefined,
  } as unknown as LocalStream;
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  const recorder = new FragmentRecorder({
    stream,
    acks: new AckWriter(response, { enabled: false, delay: 0 }),
    now: Date.now,
    origin: 0,
    onBegun: () => undefined,
    onPersisted: () => {
      assert.unreachable();
    },
    onFailure: () => {
      assert.unreachable();
    },
  });
  while (recorder.pressure() === undefined && count < 100) {
    recorder.begin(Buffer.from('header'), false);
    recorder.identify(count, count);
    recorder.append(Buffer.from('cluster'));
    recorder.complete(1, 1);
  }
  assert.ok(count < 50, `${count} fragments were taken`);
  disk.goOn();
  await recorder.finish();
  assert.is(recorder.pressure(), undefined);
  assert.is(fragments.entries.length, count);
});

/** Makes a store wait with everything until `goOn` is called. */
function slowDisk(fragments: FragmentStore): { goOn: () => void } {
  const commit = fragments.commit.bind(fragments);
  let goOn = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  fragments.commit = async (...parameters) => {
    await opened;
    return await commit(...parameters);
  };
  return { goOn };
}
