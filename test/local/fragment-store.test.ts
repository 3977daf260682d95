import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as assert from 'uvu/assert';
import { Database, type Change } from '../../ts/local/database.js';
import { makeFragmentNumber } from '../../ts/local/fragments/number.js';
import { FragmentStore } from '../../ts/local/fragments/store.js';
import { suite } from '../support/suite.js';
import { temporaryFolder } from './support/endpoint.js';
import { temporaryStore } from './support/fragments.js';

const test = suite('Fragment store', { timeout: 60_000 });

const HEADER = Buffer.from('header');

/** Adds a fragment that is complete. */
async function add(
  store: FragmentStore,
  sequence: number,
  serverTimestamp: number,
): Promise<string> {
  const number = makeFragmentNumber(sequence, serverTimestamp);
  const fragment = store.begin({ number, serverTimestamp, header: HEADER, sized: false });
  fragment.identify(sequence, sequence * 1000);
  fragment.append(Buffer.from('cluster'));
  await store.commit(fragment, 1000, false);
  return number;
}

test('finds fragments by their numbers, whatever form these have', async (t) => {
  const store = await temporaryStore(t);
  assert.is(store.find('1'), undefined);
  const [first, second] = [await add(store, 1, 5), await add(store, 2, 6)];
  assert.is(store.find(first)?.number, first);
  assert.is(store.find(`00${second}`)?.number, second);
  assert.is(store.find(String(BigInt(first) + 1n)), undefined);
  assert.is(store.after('')?.number, first);
  assert.is(store.after(first)?.number, second);
  assert.is(store.after('9'.repeat(60)), undefined);
  assert.is(store.after(`0${first}`)?.number, second);
});

test('hands out what arrives behind what is stored, and only when its time is known', async (t) => {
  const store = await temporaryStore(t);
  const stored = await add(store, 1, 5);
  const number = makeFragmentNumber(2, 6);
  const fragment = store.begin({ number, serverTimestamp: 6, header: HEADER, sized: false });
  assert.is(store.next(stored), undefined);
  let changes = 0;
  const stop = store.onChange(() => (changes += 1));
  fragment.identify(0, 0);
  assert.is(store.next(stored), fragment);
  assert.is(changes, 1);
  fragment.append(Buffer.from('abcdef'));
  assert.is(fragment.available, HEADER.length);
  fragment.advance(4, 40);
  const reader = store.read(fragment);
  const bytes = await reader.read(HEADER.length, fragment.available);
  assert.is(Buffer.from(bytes).toString(), 'abcd');
  await reader.close();

  await store.discard(fragment);
  assert.equal([fragment.state, changes], ['failed', 3]);
  assert.is(store.next(stored), undefined);
  assert.not.ok(existsSync(store.path(number)));
  stop();
});

test('removes the file of a fragment that the index does not take', async (t) => {
  const folder = temporaryFolder(t);
  const database = await Database.open(join(folder, 'index'));
  mkdirSync(join(folder, 'cam'));
  const store = await FragmentStore.open(join(folder, 'cam'), database);
  await add(store, 1, 5);
  await database.close();
  const error = await add(store, 2, 6).catch((reason: unknown) => reason);
  assert.match(String(error), 'The database is closed');
  assert.is(store.entries.length, 1);
  assert.not.ok(store.live.length > 0);
  const again = await Database.open(join(folder, 'index'));
  t.after(() => again.close());
  const reopened = await FragmentStore.open(join(folder, 'cam'), again);
  assert.equal(reopened.entries, store.entries);
});

test('opens tens of thousands of fragments quickly, in little memory', async (t) => {
  const count = 20_000;
  const folder = temporaryFolder(t);
  const media = join(folder, 'cam');
  mkdirSync(media);
  const database = await Database.open(join(folder, 'index'));
  t.after(() => database.close());
  const changes = Array.from({ length: count }, (_, i): Change => {
    const time = 1_700_000_000_000 + i * 2000;
    const number = makeFragmentNumber(i + 1, time);
    writeFileSync(join(media, `${number}.mkv`), '');
    const value = {
      producerTimestamp: time + 0.5,
      serverTimestamp: time,
      timecode: i * 2000,
      duration: 2000,
      size: 1_000_000 + i,
      clusterOffset: 300,
    };
    return { type: 'put', key: `fragment!cam!${number}`, value };
  });
  await database.write(changes, false);

  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  const started = performance.now();
  const store = await FragmentStore.open(media, database);
  const took = performance.now() - started;
  collectGarbage();
  const cost = (process.memoryUsage().heapUsed - before) / count;
  assert.is(store.entries.length, count);
  assert.ok(took < 5000, `${took} ms`);
  assert.ok(cost < 400, `${cost} bytes for each fragment`);
  assert.is(store.after(store.entries[count - 2]?.number ?? ''), store.entries[count - 1]);
});
