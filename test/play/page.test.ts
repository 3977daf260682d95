import type { Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import {
  closeChromium,
  openPage,
  shownLatency,
  takeSample,
  waitForState,
  type Sample,
} from './support/browser.js';
import { FRAME_MS, PATTERN_COLOURS } from './support/pattern.js';
import { closeWorld, theWorld, type World } from './support/world.js';

const test = suite('the page of kvs play', { timeout: 60_000 });

/** Times come with fractions of a frame, or rounded; milliseconds. */
const TOLERANCE = 1.2 * FRAME_MS;
/** The pattern has a key frame each second. */
const FRAGMENT_MS = 1000;

/** Ways to play: what comes behind # in the address, and the most that a picture may be behind (ms). */
const WAYS = [
  { name: 'WebCodecs', settings: 'way=low-latency&player=webcodecs', limit: 1500 },
  { name: 'Media Source Extensions', settings: 'way=low-latency&player=mse', limit: 2500 },
  { name: 'hls.js, MP4', settings: 'way=hls&player=hls.js&container=fmp4', limit: 6000 },
  { name: 'hls.js, TS', settings: 'way=hls&player=hls.js&container=ts', limit: 6000 },
  { name: 'Video.js, MP4', settings: 'way=hls&player=video.js&container=fmp4', limit: 8000 },
  { name: 'Video.js, TS', settings: 'way=hls&player=video.js&container=ts', limit: 8000 },
  { name: 'Shaka Player, MP4', settings: 'way=hls&player=shaka&container=fmp4', limit: 8000 },
  { name: 'Shaka Player, TS', settings: 'way=hls&player=shaka&container=ts', limit: 8000 },
  { name: 'dash.js', settings: 'way=dash&player=dash.js', limit: 10_000 },
  { name: 'Shaka Player, DASH', settings: 'way=dash&player=shaka', limit: 8000 },
];

/** Checks that the picture is the one that was put at the time that the page says. */
function checkPicture({ producer }: World, { frame, colours, time }: Sample): void {
  assert.is(colours, PATTERN_COLOURS);
  const put = producer.timeOf(frame, time);
  assert.ok(Math.abs(put - time) <= TOLERANCE, `frame ${frame} was put at ${put}, not at ${time}`);
}

/** Takes pictures until one of them is another than the first, and checks them all. */
async function watch(shared: World, page: Page): Promise<[first: Sample, last: Sample]> {
  const first = await takeSample(page);
  let last = first;
  for (let count = 0; count < 20 && last.time < first.time + 300; count += 1) {
    checkPicture(shared, last);
    await page.waitForTimeout(100);
    last = await takeSample(page);
  }
  checkPicture(shared, last);
  assert.ok(last.time > first.time, `the picture stands still at ${first.time}`);
  return [first, last];
}

for (const { name, settings, limit } of WAYS) {
  test(`${name}, live: pictures and times are those that were put, soon enough`, async (t) => {
    const shared = await theWorld(t);
    const { page, problems } = await openPage(t, `${shared.url}#${settings}`);
    await waitForState(page, 'playing');
    // What it begins with is not how it goes on.
    if (settings.startsWith('way=low-latency')) await page.waitForTimeout(1500);
    const [, last] = await watch(shared, page);
    const truth = last.at - shared.producer.timeOf(last.frame, last.time);
    const shown = await shownLatency(page);
    console.log(`  ${name}: ${shown} ms by the page, ${Math.round(truth)} ms by the pixels`);
    assert.ok(truth < limit && shown < limit, `${truth} ms, ${shown} ms`);
    assert.equal(problems, []);
  });
}

for (const { name, settings } of WAYS) {
  test(`${name}, on demand: a range is played from its beginning to its end`, async (t) => {
    const shared = await theWorld(t);
    // Whole fragments of a second each, the last of which has been stored.
    const end = Date.now() - 2500;
    const start = end - 1000;
    const url = `${shared.url}#${settings}&start=${start}&end=${end}`;
    const { page, problems } = await openPage(t, url);
    await waitForState(page, 'playing');
    const [first, last] = await watch(shared, page);
    assert.ok(
      first.time >= start - FRAGMENT_MS - TOLERANCE && first.time < end + FRAGMENT_MS,
      `${first.time}`,
    );
    if (last.mediaTime !== undefined && first.mediaTime !== undefined) {
      const passed = (last.mediaTime - first.mediaTime) * 1000;
      assert.ok(
        Math.abs(passed - (last.time - first.time)) <= 2,
        'media time is that of the pictures',
      );
    }
    await waitForState(page, 'ended');
    const final = Number(
      await page.evaluate(`document.querySelector('#stage [data-time]').dataset.time`),
    );
    assert.ok(
      final > end - FRAGMENT_MS - 4 * FRAME_MS && final < end + FRAGMENT_MS,
      `${final - end}`,
    );
    assert.is(await page.evaluate('document.body.dataset.latency'), '');
    assert.equal(problems, []);
  });
}

test('what all tests share is ended', async () => {
  await closeChromium();
  await closeWorld();
});
