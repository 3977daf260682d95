import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { suite, type TestContext } from '../support/suite.js';
import { requireTool } from '../support/tools.js';
import { startWithStream } from './support/endpoint.js';
import { listFragments } from './support/fragments.js';
import { complaintsOf, mediaOf } from './support/media.js';
import { dashSession, hlsSession } from './support/playback.js';
import { TestPutMedia } from './support/put-media.js';
import type { LocalKinesisVideo } from '../../ts/local/index.js';

const test = suite('Live playback', { timeout: 40_000 });

/** The sound of the media ends a frame later than the pictures. */
const ROUND_MS = 3040;

/** Puts a fragment each second, of the same three seconds again and again, until the test ends. */
async function putForever(t: TestContext, local: LocalKinesisVideo): Promise<void> {
  const put = await TestPutMedia.open(t, local);
  const stop = new AbortController();
  t.after(() => {
    stop.abort();
  });
  await put.write(mediaOf('h264-aac.mp4').header);
  const run = async (): Promise<void> => {
    for (let from = 22; ; from += ROUND_MS) {
      for (const cluster of mediaOf('h264-aac.mp4', { from }).clusters) {
        await put.write(cluster);
        await sleep(1000, undefined, { signal: stop.signal });
      }
    }
  };
  run().catch(() => undefined);
  while ((await listFragments(local)).length < 3) await once(put.response, 'data');
}

test('ffmpeg plays live sessions of each kind without complaints', async (t) => {
  requireTool(t, 'ffmpeg', 'ffprobe');
  const { local } = await startWithStream(t);
  await putForever(t, local);
  // Times of the server overlap by as much as the fragments' ways differ, which ffmpeg tells of.
  const HLSFragmentSelector = { FragmentSelectorType: 'PRODUCER_TIMESTAMP' } as const;
  const urls = [
    await hlsSession(t, local, { HLSFragmentSelector }),
    await hlsSession(t, local, { HLSFragmentSelector, ContainerFormat: 'MPEG_TS' }),
    await dashSession(t, local),
  ];
  const complaints = await Promise.all(urls.map((url) => complaintsOf(url, 4)));
  assert.equal(complaints, ['', '', '']);
});
