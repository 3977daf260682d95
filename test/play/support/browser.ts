/** The page in a real Chromium, as a person has it before them. */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium, type Browser, type Page } from 'playwright-core';
import type { TestContext } from '../../support/suite.js';
import { requireTool } from '../../support/tools.js';
import { PATTERN, readPicture, type Reading } from './pattern.js';

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
];
const PATHS = ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser'];

let browser: Promise<Browser> | undefined;

/** The browser of this file; the first test that asks for it starts it. */
export function startChromium(t: TestContext): Promise<Browser> {
  const executablePath = process.env['CHROMIUM'] ?? PATHS.find((path) => existsSync(path));
  if (executablePath === undefined) requireTool(t, 'chromium');
  browser ??= chromium.launch({
    executablePath: executablePath ?? '',
    args: ARGUMENTS,
    timeout: 60_000,
  });
  return browser;
}

/** Ends the browser, after the last test. */
export async function closeChromium(): Promise<void> {
  await (await browser)?.close();
}

/** A page, and what went wrong in it. */
export interface OpenedPage {
  readonly page: Page;
  readonly problems: string[];
}

/** Opens `url`, after `script` has run in the page; the page is closed after the test. */
export async function openPage(t: TestContext, url: string, script = ''): Promise<OpenedPage> {
  const context = await (
    await startChromium(t)
  ).newContext({ viewport: { width: 1280, height: 900 } });
  t.after(() => context.close());
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  if (script !== '') await page.addInitScript(script);
  await page.goto(url);
  return { page, problems };
}

/** Waits until an expression is true in the page; false when that takes too long. */
export async function becomes(page: Page, expression: string, timeout = 20_000): Promise<boolean> {
  // Playwright's own way needs eval, which the page forbids.
  for (const end = Date.now() + timeout; Date.now() < end;) {
    if ((await page.evaluate(expression)) === true) return true;
    await sleep(50);
  }
  return false;
}

/** Waits until the page is in a state; throws with what it says when it does not get there. */
export async function waitForState(page: Page, state: string): Promise<void> {
  if (await becomes(page, `document.body.dataset.state === '${state}'`)) return;
  const text = await page.evaluate(
    `document.body.dataset.state + ': ' + document.getElementById('message-text').textContent`,
  );
  throw new Error(`The page is not ${state} but ${String(text)}`);
}

/** A picture on the screen. Times are epoch milliseconds. */
export interface Sample extends Reading {
  /** When the page says that the picture was put. */
  readonly time: number;
  /** When it was on the screen. */
  readonly at: number;
  /** Of a video, in seconds. */
  readonly mediaTime: number | undefined;
}

/** Runs in the page: the pixels of the next picture, and what the page says of it. */
const TAKE = `new Promise((resolve) => {
  const { width, height } = ${JSON.stringify(PATTERN)};
  const copy = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  const take = () => {
    const screen = document.querySelector('#stage :is(canvas, video)');
    if (screen === null || !screen.dataset.time) return requestAnimationFrame(take);
    copy.drawImage(screen, 0, 0, width, height);
    const { data } = copy.getImageData(0, 0, width, height);
    let text = '';
    for (let at = 0; at < data.length; at += 8192) {
      text += String.fromCharCode(...data.subarray(at, at + 8192));
    }
    const { time, mediaTime } = screen.dataset;
    resolve({ time: Number(time), at: Date.now(), mediaTime, pixels: btoa(text) });
  };
  const screen = document.querySelector('#stage video');
  if (screen === null) {
    requestAnimationFrame(take);
    return;
  }
  // In a callback of the page's own kind, which it gets just before, both are of the same picture; one
  // that stands still gets no callback.
  const still = setTimeout(take, 2000);
  const onFrame = () => {
    // Between two places, it is not certain of which the picture is.
    if (screen.seeking) return screen.requestVideoFrameCallback(onFrame);
    clearTimeout(still);
    queueMicrotask(take);
  };
  screen.requestVideoFrameCallback(onFrame);
})`;

interface Taken {
  readonly time: number;
  readonly at: number;
  readonly mediaTime: string | undefined;
  readonly pixels: string;
}

/** Takes the picture that is on the screen. */
export async function takeSample(page: Page): Promise<Sample> {
  const taken = await page.evaluate<Taken>(TAKE);
  const { time, at, mediaTime, pixels } = taken;
  return {
    ...readPicture(Buffer.from(pixels, 'base64')),
    time,
    at,
    mediaTime: mediaTime === undefined ? undefined : Number(mediaTime),
  };
}

/** The median latency that the page shows, in milliseconds, once it has measured for a while. */
export async function shownLatency(page: Page): Promise<number> {
  await becomes(page, 'Number(document.body.dataset.latency) > 0');
  return Number(await page.evaluate('document.body.dataset.latency'));
}
