import type { Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { KinesisVideoClient } from '../../ts/producer/index.js';
import { suite, type TestContext } from '../support/suite.js';
import { becomes, closeChromium, openPage, waitForState } from './support/browser.js';
import { servePlay } from './support/serve.js';
import { closeWorld, theWorld } from './support/world.js';

const test = suite('the interface of kvs play', { timeout: 30_000 });

const KEYS = { accessKeyId: 'local', secretAccessKey: 'local' };

/** The text of an element. */
function textOf(page: Page, id: string): Promise<string> {
  return page.evaluate(`document.getElementById('${id}').textContent.trim()`);
}

async function openPlaying(t: TestContext, settings = ''): Promise<Page> {
  const { url } = await theWorld(t);
  const { page } = await openPage(t, `${url}#${settings}`);
  await waitForState(page, 'playing');
  return page;
}

test('everything that can be used has a role and a name, and Tab reaches it in reading order', async (t) => {
  const page = await openPlaying(t, 'way=hls&player=hls.js');
  const snapshot = await page.locator('body').ariaSnapshot();
  const named = [
    'heading "pattern" [level=1]',
    'region "Player"',
    'group "Controls"',
    'button "Pause"',
    'button "Turn sound on"',
    'button "Go live"',
    'button "Full screen"',
    'listbox "Fragments, oldest first"',
    'region "From put to pixels"',
    'group "Way"',
    'radio "HLS" [checked]',
    'combobox "Player"',
    'combobox "Container"',
    'radio "Live" [checked]',
  ];
  for (const name of named) assert.ok(snapshot.includes(name), `${name} is not in\n${snapshot}`);

  const order: string[] = [];
  for (let stop = 0; stop < 10; stop += 1) {
    await page.keyboard.press('Tab');
    order.push(
      await page.evaluate(
        `((one) => one.id || one.name || one.getAttribute('href'))(document.activeElement)`,
      ),
    );
  }
  assert.equal(order, [
    '#timeline',
    'toggle',
    'mute',
    'live',
    'fullscreen',
    'fragments',
    'way',
    'player',
    'container',
    'when',
  ]);
});

test('what has the focus is seen', async (t) => {
  const page = await openPlaying(t);
  for (const id of ['toggle', 'fragments']) {
    await page.locator(`#${id}`).focus();
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Tab');
    const outline = await page.evaluate(`getComputedStyle(document.activeElement).outlineWidth`);
    assert.is(outline, '3px', id);
  }
});

test('where WebCodecs is missing, the page plays with Media Source Extensions by itself', async (t) => {
  const { url } = await theWorld(t);
  const { page } = await openPage(t, url, 'delete globalThis.VideoDecoder;');
  await waitForState(page, 'playing');
  assert.is(await page.locator('select[name=player]').inputValue(), 'mse');
  const time = `document.querySelector('#stage video').currentTime`;
  const before = await page.evaluate<number>(time);
  assert.ok(await becomes(page, `${time} > ${before + 0.5}`), 'the picture goes on');
});

test('what a player brings along is not seen', async (t) => {
  const page = await openPlaying(t, 'way=hls&player=video.js');
  const seen = `[...document.querySelectorAll('#stage *')]
    .filter((one) => one.getBoundingClientRect().height > 0)
    .filter((one) => one.closest('#message, #badge') === null)
    .map((one) => one.localName)`;
  assert.equal(await page.evaluate(seen), ['video']);
});

test('keys pause, go on, and go back to live', async (t) => {
  const page = await openPlaying(t);
  const time = `document.querySelector('#stage canvas').dataset.time`;
  assert.ok(await becomes(page, `Number(${time}) > 0`), 'there is a picture');
  await page.keyboard.press('k');
  await waitForState(page, 'paused');
  assert.is(await textOf(page, 'toggle'), 'Play');
  const before = await page.evaluate(time);
  await page.waitForTimeout(300);
  assert.is(await page.evaluate(time), before, 'the picture stands still');
  await page.keyboard.press('K');
  await waitForState(page, 'playing');
  assert.ok(await becomes(page, `Number(${time}) > ${String(before)}`));
  // Where somebody types, letters are letters.
  await page.locator('select[name=player]').focus();
  await page.keyboard.press('k');
  assert.is(await page.evaluate('document.body.dataset.state'), 'playing');
});

test('the timeline is used with keys: a fragment is chosen, told about, and played', async (t) => {
  const page = await openPlaying(t);
  // One that has been read whole, so that its metadata are known.
  await page.waitForTimeout(2500);
  await page.locator('#fragments').focus();
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowLeft');
  const chosen = `document.querySelector('.bar[aria-selected=true]')`;
  assert.is(
    await page.evaluate(
      `document.getElementById('fragments').getAttribute('aria-activedescendant')`,
    ),
    await page.evaluate(`${chosen}.id`),
  );
  assert.match(
    await page.evaluate(`${chosen}.getAttribute('aria-label')`),
    /^\d\d:\d\d:\d\d, \d\.\d\d s, /,
  );
  assert.is(await textOf(page, 'fragment-title'), 'Chosen fragment');
  assert.match(await textOf(page, 'fragment'), /Number\d{40,}/);
  assert.match(await textOf(page, 'metadata'), /room\s*kitchen/);
  const start = Number((await page.evaluate<string>(`${chosen}.id`)).replace('fragment-', ''));

  await page.keyboard.press('Enter');
  assert.ok(await becomes(page, `document.querySelector('[name=when][value=on-demand]').checked`));
  await waitForState(page, 'playing');
  const shown = `Number(document.querySelector('#stage canvas')?.dataset.time)`;
  assert.ok(await becomes(page, `${shown} >= ${start}`));
  assert.ok(Number(await page.evaluate(shown)) < start + 3000);

  await page.keyboard.press('Escape');
  assert.is(await textOf(page, 'fragment-title'), 'Newest fragment');
  await page.keyboard.press('l');
  assert.ok(await becomes(page, `document.querySelector('[name=when][value=live]').checked`));
  await waitForState(page, 'playing');
});

test('a screen reader is told of changes, and not of numbers', async (t) => {
  const page = await openPlaying(t);
  await page.evaluate(`(() => {
    globalThis.said = [];
    for (const region of document.querySelectorAll('[role=status], [role=alert], [aria-live]')) {
      new MutationObserver(() => said.push(region.textContent))
        .observe(region, { childList: true, characterData: true, subtree: true });
    }
  })()`);
  await page.waitForTimeout(2500);
  await page.keyboard.press('k');
  assert.ok(await becomes(page, `said.at(-1) === 'Paused'`));
  assert.ok((await page.evaluate<string[]>('said')).length <= 2);
});

/** Runs in the page: texts whose contrast with what is behind them is less than WCAG 2.2 asks for. */
const FAINT = `(() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((c) => ((c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const [r, g, b, a = 1] = parse(getComputedStyle(at).backgroundColor);
      if (a > 0.5) return [r, g, b];
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll('body *')]
    .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()))
    .filter((e) => e.checkVisibility() && !e.disabled && !e.closest('option, .for-readers, .skip'))
    .map((e) => {
      const one = luminance(parse(getComputedStyle(e).color).slice(0, 3));
      const other = luminance(behind(e));
      const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
      return { text: e.textContent.trim().slice(0, 30), ratio };
    })
    .filter(({ ratio }) => ratio < 4.5);
})()`;

test('texts stand out, in the dark and in the light', async (t) => {
  const page = await openPlaying(t);
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.waitForTimeout(100);
    assert.equal(await page.evaluate(FAINT), [], colorScheme);
  }
});

test('nothing moves for those who do not want it', async (t) => {
  const page = await openPlaying(t);
  const animations = `document.getAnimations().length`;
  assert.is(await page.evaluate(animations), 1);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  assert.is(await page.evaluate(animations), 0);
});

test('sound is off until it is asked for, and then it is that of the stream', async (t) => {
  const { url } = await theWorld(t);
  const { page } = await openPage(
    t,
    url,
    `
    globalThis.pieces = [];
    const start = AudioBufferSourceNode.prototype.start;
    AudioBufferSourceNode.prototype.start = function (when) {
      const samples = this.buffer.getChannelData(0);
      const level = Math.max(...samples);
      let crossings = 0;
      for (let at = 1; at < samples.length; at += 1) crossings += samples[at - 1] < 0 && samples[at] >= 0;
      pieces.push({ when, duration: this.buffer.duration, level, crossings });
      return start.call(this, when);
    };`,
  );
  await waitForState(page, 'playing');
  assert.ok(await becomes(page, `!document.getElementById('mute').disabled`));
  await page.waitForTimeout(300);
  assert.is(await page.evaluate('pieces.length'), 0);
  await page.keyboard.press('m');
  assert.is(await textOf(page, 'mute'), 'Turn sound off');
  assert.ok(
    await becomes(page, 'pieces.length >= 60'),
    `${await page.evaluate<number>('pieces.length')} pieces`,
  );
  const pieces = await page.evaluate<Piece[]>('pieces.slice(-30)');
  // The tone of the pattern; where it begins anew its encoder has put a silent piece in front.
  const tones = pieces.filter(({ level }) => level > 0.05);
  assert.ok(tones.length >= pieces.length - 1, `${pieces.length - tones.length} silent pieces`);
  const duration = tones.reduce((sum, piece) => sum + piece.duration, 0);
  const hertz = tones.reduce((sum, piece) => sum + piece.crossings, 0) / duration;
  assert.ok(Math.abs(hertz - 440) < 20, `${hertz} Hz`);
  // Without gaps between most pieces: a machine that is busy is late now and then.
  const gaps = pieces.slice(1).filter(({ when }, index) => {
    const before = pieces[index] as Piece;
    return Math.abs(when - before.when - before.duration) > 0.001;
  });
  assert.ok(gaps.length <= 10, `${gaps.length} gaps`);
  await page.keyboard.press('m');
  assert.is(await textOf(page, 'mute'), 'Turn sound on');
});

interface Piece {
  readonly when: number;
  readonly duration: number;
  readonly level: number;
  readonly crossings: number;
}

test('a stream that does not exist is told with what to do, and can be tried again', async (t) => {
  const { local } = await theWorld(t);
  const play = await servePlay(local, 'nobody');
  t.after(() => play.close());
  const { page } = await openPage(t, play.url);
  await waitForState(page, 'failed');
  assert.match(await textOf(page, 'message-text'), /"nobody".*:/);
  assert.ok(
    await becomes(
      page,
      `/^Not playing: /.test(document.getElementById('announcement').textContent)`,
    ),
  );
  await page.getByRole('button', { name: 'Try again' }).press('Enter');
  await waitForState(page, 'failed');
});

/** Runs in the page: the states that it has been in. */
const STATES = `
globalThis.states = [];
new MutationObserver(() => states.push(document.body.dataset.state)).observe(document, {
  attributeFilter: ['data-state'],
  subtree: true,
});`;

test('a stream to which nothing is sent is waited for', async (t) => {
  const { local } = await theWorld(t);
  const { endpoint, region } = local;
  const client = new KinesisVideoClient({ endpoint, region, credentials: KEYS });
  t.after(() => client.close());
  await client.createStream({ streamName: 'idle', retentionPeriod: 1 });
  const play = await servePlay(local, 'idle');
  t.after(() => play.close());
  for (const settings of ['way=low-latency', 'way=hls&player=hls.js']) {
    const { page } = await openPage(t, `${play.url}#${settings}`, STATES);
    await waitForState(page, 'waiting');
    assert.match(await textOf(page, 'message-text'), 'Waiting for media');
    // It asks again and again, which is nothing to tell.
    await page.waitForTimeout(3000);
    const states = await page.evaluate<string[]>('states');
    assert.is(
      states.slice(states.indexOf('waiting')).includes('connecting'),
      false,
      states.join(', '),
    );
  }
});

test('who goes live where it is live goes on playing', async (t) => {
  const page = await openPlaying(t);
  await page.keyboard.press('l');
  await page.waitForTimeout(500);
  await waitForState(page, 'playing');
});

test('a range in which nothing was sent is no range that was played', async (t) => {
  const { url } = await theWorld(t);
  const settings = `way=low-latency&start=${Date.now() - 7_200_000}&end=${Date.now() - 7_100_000}`;
  const { page } = await openPage(t, `${url}#${settings}`);
  await waitForState(page, 'ended');
  assert.match(await textOf(page, 'message-text'), /^Nothing was sent .*: choose another one\.$/);
});

test('when the command has ended, the page says so', async (t) => {
  const { local } = await theWorld(t);
  const play = await servePlay(local, 'pattern');
  const { page } = await openPage(t, play.url);
  await waitForState(page, 'playing');
  await play.close();
  assert.ok(
    await becomes(
      page,
      `/start it again/.test(document.getElementById('message-text').textContent)`,
    ),
  );
});

test('what all tests share is ended', async () => {
  await closeChromium();
  await closeWorld();
});
