import * as assert from 'uvu/assert';
import type { FragmentStore } from '../../ts/local/fragments/store.js';
import { suite } from '../support/suite.js';
import { temporaryStore } from './support/fragments.js';
import { makeRecorder } from './support/recorder.js';

const test = suite('Fragment recorder');

test('is under pressure while many complete fragments wait for the disk', async (t) => {
  const fragments = await temporaryStore(t);
  const disk = slowDisk(fragments);
  const recorder = makeRecorder(fragments, {
    retains: false,
    onPersisted: () => {
      assert.unreachable();
    },
    onFailure: () => {
      assert.unreachable();
    },
  });
  let count = 0;
  while (recorder.pressure() === undefined && count < 100) {
    count += 1;
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
