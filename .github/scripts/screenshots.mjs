/**
 * Takes the pictures of `kvs play` in docs/img, in a Chromium that is installed (or CHROMIUM).
 *
 *   screenshots.mjs
 *
 * The demonstration plays its clip, not the test pattern of ffmpeg, so that they look the same anywhere.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = fileURLToPath(new URL('../..', import.meta.url));
const browsers = ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser'];
const pictures = [
  { file: 'play.png', settings: 'way=low-latency&player=webcodecs', colorScheme: 'dark' },
  { file: 'play-hls.png', settings: 'way=hls&player=hls.js', colorScheme: 'light' },
];
/** Milliseconds until the timeline is full and the first frames are forgotten. */
const SETTLED = 26_000;

async function startPlaying() {
  const args = [`${root}dist/cli/main.js`, 'play', '--demo', '--port', '0', '--json'];
  const env = { ...process.env, PATH: '' };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise((resolve) => {
    child.stdout.on('data', (text) => {
      const found = /"url":"([^"]+)"/.exec(text);
      if (found) resolve(found[1]);
    });
  });
  return { url, child };
}

const { url, child } = await startPlaying();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? browsers.find((path) => existsSync(path)),
  args: ['--no-sandbox', '--disable-gpu', '--autoplay-policy=no-user-gesture-required'],
});
for (const { file, settings, colorScheme } of pictures) {
  const viewport = { width: 1280, height: 1040 };
  const page = await browser.newPage({ viewport, colorScheme });
  await page.goto(`${url}#${settings}`);
  await page.waitForTimeout(SETTLED);
  await page.screenshot({ path: `${root}docs/img/${file}` });
  console.log(`docs/img/${file}`);
  await page.close();
}
await browser.close();
child.kill('SIGINT');
