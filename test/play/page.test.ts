import { setTimeout } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { suite, type TestContext } from '../support/suite.js';
import {
  becomes,
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
/** How long players may be at the latency that they begin with, in milliseconds. */
const SETTLING = 1500;
/** What a machine that is busy may add for a moment, in milliseconds. */
const HICCUP = 1000;
/** The pattern has a key frame each second. */
const FRAGMENT_MS = 1000;

interface Way {
  readonly name: string;
  /** What comes behind # in the address. */
  readonly settings: string;
  /** What the latency has to get below, in milliseconds. */
  readonly limit: number;
}

const way = (name: string, settings: string, limit: number): Way => ({ name, settings, limit });

/** Ways to play; those of a group are tested at the same time. */
const GROUPS: readonly (readonly Way[])[] = [
  [way('WebCodecs', 'way=low-latency&player=webcodecs', 1500)],
  [way('Media Source Extensions', 'way=low-latency&player=mse', 2500)],
  [
    way('hls.js, MP4', 'way=hls&player=hls.js&container=fmp4', 4000),
    way('hls.js, TS', 'way=hls&player=hls.js&container=ts', 4000),
  ],
  [
    way('Video.js, MP4', 'way=hls&player=video.js&container=fmp4', 4000),
    way('Video.js, TS', 'way=hls&player=video.js&container=ts', 4000),
  ],
  [
    way('Shaka Player, MP4', 'way=hls&player=shaka&container=fmp4', 4000),
    way('Shaka Player, TS', 'way=hls&player=shaka&container=ts', 4000),
  ],
  [
    way('dash.js', 'way=dash&player=dash.js', 6000),
    way('Shaka Player, DASH', 'way=dash&player=shaka', 4000),
  ],
];

/** Runs a check for all ways of a group, and says which of them fails. */
async function checkAll(
  t: TestContext,
  group: readonly Way[],
  check: (t: TestContext, shared: World, way: Way) => Promise<void>,
): Promise<void> {
  const shared = await theWorld(t);
  const checks = group.map(async (one) => {
    try {
      await check(t, shared, one);
    } catch (error) {
      console.log(`  ${one.name} fails`);
      throw error;
    }
  });
  await Promise.all(checks);
}

/** Takes a picture, and checks that it is the one that was put at the time that the page says. */
async function checkPicture({ producer }: World, page: Page): Promise<Sample> {
  const sample = await takeSample(page);
  const { frame, colours, time } = sample;
  assert.is(colours, PATTERN_COLOURS);
  const put = producer.timeOf(frame, time);
  assert.ok(Math.abs(put - time) <= TOLERANCE, `frame ${frame} was put at ${put}, not at ${time}`);
  return sample;
}

/** Takes pictures until one of them is another than the first, and checks them all. */
async function watch(shared: World, page: Page): Promise<[first: Sample, last: Sample]> {
  const first = await checkPicture(shared, page);
  let last = first;
  for (let count = 0; count < 20 && last.time < first.time + 300; count += 1) {
    await page.waitForTimeout(100);
    last = await checkPicture(shared, page);
  }
  assert.ok(last.time > first.time, `the picture stands still at ${first.time}`);
  return [first, last];
}

async function checkLive(
  t: TestContext,
  shared: World,
  { name, settings, limit }: Way,
): Promise<void> {
  const { page, problems } = await openPage(t, `${shared.url}#${settings}`);
  await waitForState(page, 'playing');
  // What it begins with is not how it goes on.
  await page.waitForTimeout(SETTLING);
  const isSoon = await becomes(page, `Number(document.body.dataset.latency || NaN) < ${limit}`);
  assert.ok(isSoon, `${await shownLatency(page)} ms after all`);
  const [, last] = await watch(shared, page);
  const truth = last.at - shared.producer.timeOf(last.frame, last.time);
  const shown = await shownLatency(page);
  console.log(`  ${name}: ${shown} ms by the page, ${Math.round(truth)} ms by the pixels`);
  assert.ok(Math.max(truth, shown) < limit + HICCUP, `${truth} ms, ${shown} ms`);
  assert.equal(problems, []);
}

async function checkOnDemand(
  t: TestContext,
  shared: World,
  { settings }: Way,
  script?: string,
): Promise<void> {
  // Whole fragments, the last of which has been stored.
  const end = Date.now() - 2500;
  const start = end - 2.5 * FRAGMENT_MS;
  const url = `${shared.url}#${settings}&start=${start}&end=${end}`;
  const { page, problems } = await openPage(t, url, script);
  await waitForState(page, 'playing');
  const [first, last] = await watch(shared, page);
  const isInside = first.time >= start - FRAGMENT_MS - TOLERANCE && first.time < end + FRAGMENT_MS;
  assert.ok(isInside, `it begins ${first.time - start} ms after what was asked for`);
  if (last.mediaTime !== undefined && first.mediaTime !== undefined) {
    const passed = (last.mediaTime - first.mediaTime) * 1000;
    assert.ok(
      Math.abs(passed - (last.time - first.time)) <= 2,
      'media time is that of the pictures',
    );
  }
  await waitForState(page, 'ended');
  const text = await page.evaluate(`document.getElementById('message-text').textContent`);
  assert.is(text, 'The range has been played to its end.');
  const time = await page.evaluate(`document.querySelector('#stage [data-time]').dataset.time`);
  const beyond = Number(time) - end;
  assert.ok(beyond > -FRAGMENT_MS - 4 * FRAME_MS && beyond < FRAGMENT_MS, `${beyond}`);
  assert.is(await page.evaluate('document.body.dataset.latency'), '');
  assert.equal(problems, []);
}

for (const group of GROUPS) {
  const names = group.map(({ name }) => name).join(' and ');
  test(`${names}, live: pictures and times are those that were put, soon enough`, (t) =>
    checkAll(t, group, checkLive));
}

for (const group of GROUPS) {
  const names = group.map(({ name }) => name).join(' and ');
  test(`${names}, on demand: a range is played from its beginning to its end`, (t) =>
    checkAll(t, group, (_, shared, way) => checkOnDemand(t, shared, way)));
}

test('Shaka Player, live: times are those of the pictures closer to the newest than it would play', async (t) => {
  const shared = await theWorld(t);
  const held = `((video) => video.buffered.end(0) - video.currentTime)(document.querySelector('#stage video'))`;
  for (const container of ['fmp4', 'ts']) {
    const settings = `way=hls&player=shaka&container=${container}`;
    const { page } = await openPage(t, `${shared.url}#${settings}`);
    await waitForState(page, 'playing');
    assert.ok(await becomes(page, `${held} > 1.4`));
    await page.evaluate(`(async (video) => {
      video.currentTime = video.buffered.end(0) - 0.3;
      await new Promise((resolve) => video.addEventListener('seeked', resolve, { once: true }));
    })(document.querySelector('#stage video'))`);
    await checkPicture(shared, page);
  }
});

/** Runs in the page: what is put into a buffer takes its time to get there, as on a slow machine. */
const SLOW_BUFFERS = `
const { appendBuffer } = SourceBuffer.prototype;
const { get } = Object.getOwnPropertyDescriptor(SourceBuffer.prototype, 'updating');
const busy = new WeakSet();
Object.defineProperty(SourceBuffer.prototype, 'updating', {
  get() { return busy.has(this) || get.call(this); },
});
SourceBuffer.prototype.appendBuffer = function (data) {
  busy.add(this);
  setTimeout(() => {
    busy.delete(this);
    appendBuffer.call(this, data);
  }, 600);
};`;

test('Media Source Extensions, on demand: what is still on its way to the buffer is played too', async (t) => {
  const shared = await theWorld(t);
  const way = { name: 'slow', settings: 'way=low-latency&player=mse', limit: 0 };
  await checkOnDemand(t, shared, way, SLOW_BUFFERS);
});

/**
 * Runs in the page: a video seems to be further on than it is, as near the end where media lasts some
 * milliseconds longer than its manifest says.
 */
const FURTHER_ON = `
const { get, set } = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'currentTime');
Object.defineProperty(HTMLMediaElement.prototype, 'currentTime', {
  get() {
    const time = get.call(this);
    return time > 1 ? time + 0.3 : time;
  },
  set,
});`;

test('dash.js, on demand: a range that the library takes for ended has ended', async (t) => {
  const { url } = await theWorld(t);
  const end = Date.now() - 2500;
  const settings = `way=dash&player=dash.js&start=${end - 2500}&end=${end}`;
  const { page, problems } = await openPage(t, `${url}#${settings}`, FURTHER_ON);
  await waitForState(page, 'playing');
  await waitForState(page, 'ended');
  await page.waitForTimeout(500);
  assert.is(await page.evaluate('document.body.dataset.state'), 'ended');
  const left = `(({ duration, currentTime }) => duration - currentTime)(document.querySelector('#stage video'))`;
  const seconds = await page.evaluate<number>(left);
  assert.ok(seconds < 0.1, `${seconds} s are left`);
  // As the keys of a keyboard for media do.
  await page.evaluate(
    `((video) => { video.currentTime = 0; void video.play(); })(document.querySelector('#stage video'))`,
  );
  await waitForState(page, 'playing');
  assert.equal(problems, []);
});

test('Shaka Player: times behind a gap in the stream are those of the pictures', async (t) => {
  const shared = await theWorld(t);
  const { producer, url } = shared;
  const start = Date.now();
  producer.setSilent(true);
  await setTimeout(4 * FRAGMENT_MS);
  producer.setSilent(false);
  await setTimeout(5 * FRAGMENT_MS);
  const range = `start=${start - FRAGMENT_MS}&end=${Date.now() - 2500}`;
  const checks = ['fmp4', 'ts'].map(async (container) => {
    const settings = `way=hls&player=shaka&container=${container}`;
    const live = await openPage(t, `${url}#${settings}`);
    await waitForState(live.page, 'playing');
    await checkPicture(shared, live.page);
    const onDemand = await openPage(t, `${url}#${settings}&${range}`);
    await waitForState(onDemand.page, 'ended');
    const { time } = await checkPicture(shared, onDemand.page);
    assert.ok(time > start + 4 * FRAGMENT_MS, `it ends ${time - start} ms after the gap began`);
  });
  await Promise.all(checks);
});

test('what all tests share is ended', async () => {
  await closeChromium();
  await closeWorld();
});
