import * as assert from 'uvu/assert';
import type { FragmentEvents } from '../../ts/local/events/fragment-events.js';
import {
  PersistedFragments,
  type PersistedFragment,
} from '../../ts/local/events/persisted-fragments.js';
import { MediaReceiver } from '../../ts/local/media/media-receiver.js';
import { cluster, el, liveHeader, simpleBlock, tags, text } from '../parser/support/mkv.js';
import { suite, type TestContext } from '../support/suite.js';
import { temporaryStore } from './support/fragments.js';
import { makeRecorder } from './support/recorder.js';

const test = suite('Fragment events');

const NOTIFY = { AWS_KINESISVIDEO_NOTIFICATION: '' };
const IMAGE = { AWS_KINESISVIDEO_IMAGE_GENERATION: '' };
const fragment = (time: number): Buffer => cluster(time, simpleBlock(1, 0));

/** Records `media` and returns what was told to be persisted: timecodes with their events. */
async function record(
  t: TestContext,
  media: readonly Buffer[],
  retains = true,
): Promise<[timecode: number, events: FragmentEvents][]> {
  const told: [number, FragmentEvents][] = [];
  const fragments = await temporaryStore(t);
  const recorder = makeRecorder(fragments, {
    retains,
    onPersisted: (entry, events) => {
      assert.ok(fragments.entries.some(({ number }) => number === entry.number));
      told.push([entry.timecode, events]);
    },
    onFailure: (error) => {
      throw error;
    },
  });
  const receiver = new MediaReceiver(recorder, { allowEqualTimecodes: false });
  receiver.push(Buffer.concat(media));
  receiver.finish();
  await recorder.finish();
  return told;
}

test('each fragment is told with what its own tags ask for', async (t) => {
  const told = await record(t, [
    liveHeader(),
    fragment(0),
    tags({ room: 'hall' }),
    tags({ ...NOTIFY, alarm: 'door', empty: '' }),
    fragment(100),
    tags({ ...IMAGE, AWS_KINESISVIDEO_IMAGE_PREFIX: 'front', camera: '1' }),
    tags(NOTIFY),
    fragment(200),
  ]);
  assert.equal(told, [
    [0, { notification: { metadata: { alarm: 'door', empty: '' } } }],
    [
      100,
      {
        notification: { metadata: {} },
        imageGeneration: { metadata: { camera: '1' }, prefix: 'front' },
      },
    ],
    [200, {}],
  ]);
});

test('tags ahead of the first Cluster belong to the first fragment', async (t) => {
  const told = await record(t, [
    liveHeader(),
    tags({ ...IMAGE, a: '1' }),
    fragment(0),
    fragment(100),
  ]);
  const asked = { imageGeneration: { metadata: { a: '1' }, prefix: '' } };
  assert.equal(told, [
    [0, asked],
    [100, {}],
  ]);
});

test('of two requests of a kind in one fragment the first counts', async (t) => {
  const twice = [tags({ ...NOTIFY, n: '1' }), tags({ ...NOTIFY, n: '2' })];
  const [first] = await record(t, [liveHeader(), fragment(0), ...twice]);
  assert.equal(first?.[1], { notification: { metadata: { n: '1' } } });
});

test('a tag that is only ever called like something inherited is carried as it is', async (t) => {
  const simple = (name: string): Buffer => el('67c8', [el('45a3', text(name)), el('4487')]);
  const names = ['AWS_KINESISVIDEO_NOTIFICATION', '__proto__', 'constructor'];
  const odd = el('1254c367', el('7373', names.map(simple)));
  const [first] = await record(t, [liveHeader(), fragment(0), odd]);
  assert.equal(Object.keys(first?.[1].notification?.metadata ?? {}), ['__proto__', 'constructor']);
});

test('a stream without retention persists nothing', async (t) => {
  assert.equal(await record(t, [liveHeader(), fragment(0), tags(NOTIFY)], false), []);
});

test('a listener that fails is logged and disturbs no other, and the end waits for all', async () => {
  const logged: string[] = [];
  const told: string[] = [];
  const persisted = new PersistedFragments((sentence) => logged.push(sentence));
  persisted.onPersisted(() => {
    throw new Error('no room');
  });
  persisted.onPersisted(
    (_fragment, closing) =>
      new Promise((resolve) => {
        closing.addEventListener('abort', () => {
          setTimeout(() => {
            told.push('ended');
            resolve();
          }, 10);
        });
      }),
  );
  const stream = { record: { streamName: 'cam' } };
  const what = { stream, entry: { number: '7' }, events: {} } as unknown as PersistedFragment;
  persisted.tell(what);
  await persisted.close();
  assert.equal(told, ['ended']);
  assert.equal(logged, ["What the fragment 7 of 'cam' asked for failed: Error: no room"]);
  persisted.tell(what);
  assert.is(logged.length, 1);
});
