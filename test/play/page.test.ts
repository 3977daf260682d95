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
  type Sample,
} from './support/browser.js';
import { FRAME_MS, PATTERN_COLOURS, writePattern } from './support/pattern.js';
import { PatternProducer } from './support/pattern-producer.js';
import { servePlay } from './support/serve.js';

const test = suite('the page of kvs play', { timeout: 60_000 });

/** Times come with fractions of a frame, or rounded; milliseconds. */
const TOLERANCE = 1.2 * FRAME_MS;

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

/** Ways to play: what comes behind # in the address, and the most that a picture may be behind (ms). */
const WAYS = [
  { name: 'WebCodecs', settings: 'way=low-latency&player=webcodecs', limit: 1500 },
  { name: 'Media Source Extensions', settings: 'way=low-latency&player=mse', limit: 2500 },
  { name: 'hls.js', settings: 'way=hls&player=hls.js&container=fmp4', limit: 6000 },
  { name: 'Video.js', settings: 'way=hls&player=video.js&container=fmp4', limit: 8000 },
  { name: 'Shaka Player, HLS', settings: 'way=hls&player=shaka&container=fmp4', limit: 8000 },
];

/** Checks that the picture is the one that was put at the time that the page says. */
function checkPicture({ producer }: World, { frame, colours, time }: Sample): void {
  assert.is(colours, PATTERN_COLOURS);
  const put = producer.timeOf(frame, time);
  assert.ok(Math.abs(put - time) <= TOLERANCE, `frame ${frame} was put at ${put}, not at ${time}`);
}

for (const { name, settings, limit } of WAYS) {
  test(`${name}, live: pictures and times are those that were put, soon enough`, async (t) => {
    const shared = await theWorld(t);
    const { page, problems } = await openPage(t, `${shared.url}#${settings}`);
    await waitForState(page, 'playing');
    const first = await takeSample(page);
    await page.waitForTimeout(700);
    const second = await takeSample(page);
    for (const sample of [first, second]) checkPicture(shared, sample);
    assert.ok(second.time > first.time, `the picture stands still at ${first.time}`);
    const truth = second.at - shared.producer.timeOf(second.frame, second.time);
    const shown = await shownLatency(page);
    console.log(`  ${name}: ${shown} ms by the page, ${Math.round(truth)} ms by the pixels`);
    assert.ok(truth < limit && shown < limit, `${truth} ms, ${shown} ms`);
    assert.equal(problems, []);
  });
}

test('what all tests share is ended', async () => {
  await closeChromium();
  await (await world)?.close();
});
