import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { startLocalKinesisVideo } from '../../ts/local/index.js';
import { suite, type TestContext } from '../support/suite.js';
import { requireTool } from '../support/tools.js';
import {
  closeChromium,
  openPage,
  shownLatency,
  takeSample,
  waitForState,
} from './support/browser.js';
import { FRAME_MS, PATTERN_COLOURS, writePattern } from './support/pattern.js';
import { PatternProducer } from './support/pattern-producer.js';
import { servePlay } from './support/serve.js';

const test = suite('the page of kvs play', { timeout: 60_000 });

interface World {
  readonly producer: PatternProducer;
  /** Address of the page. */
  readonly url: string;
  close(): Promise<void>;
}

let world: Promise<World> | undefined;

/** One endpoint, producer and page server for all tests. */
function theWorld(t: TestContext): Promise<World> {
  requireTool(t, 'ffmpeg');
  world ??= startWorld();
  return world;
}

async function startWorld(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'kvs-play-'));
  const path = join(folder, 'pattern.mp4');
  await writePattern(path);
  const local = await startLocalKinesisVideo();
  const producer = await PatternProducer.start(path, local, 'pattern');
  const play = await servePlay(local, 'pattern');
  return {
    producer,
    url: play.url,
    close: async () => {
      await producer.close();
      await play.close();
      await local.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

test('low latency with WebCodecs: each picture is the one that was put, within 1.5 s', async (t) => {
  const { producer, url } = await theWorld(t);
  const { page, problems } = await openPage(t, url);
  await waitForState(page, 'playing');
  await page.waitForTimeout(2000);
  const [first, second] = [await takeSample(page), await takeSample(page)];
  for (const { frame, colours, time } of [first, second]) {
    assert.is(colours, PATTERN_COLOURS);
    const put = producer.timeOf(frame, time);
    assert.ok(Math.abs(put - time) <= FRAME_MS, `frame ${frame} was put at ${put}, not at ${time}`);
  }
  assert.ok(second.frame !== first.frame, `the picture stands still at ${first.frame}`);
  const truth = second.at - producer.timeOf(second.frame, second.time);
  const shown = await shownLatency(page);
  console.log(`  WebCodecs: ${shown} ms by the page, ${truth.toFixed(0)} ms by the pixels`);
  assert.ok(truth < 1500 && shown < 1500, `${truth} ms, ${shown} ms`);
  assert.equal(problems, []);
});

test('what all tests share is ended', async () => {
  await closeChromium();
  await (await world)?.close();
});
