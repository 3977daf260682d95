/** The main half of the kiosk, with what it asks of Electron recorded. */
import * as assert from 'uvu/assert';
import { suite, type TestContext } from '../support/suite.js';
import { makeElectron } from './support/electron-stub.js';
import { InstalledExample } from './support/example.js';
import { FakeProgram, runMain, tellReady } from './support/kiosk.js';

const test = suite('electron kiosk, main', { timeout: 30_000 });

/** Nothing listens there: these tests are not about the upload. */
const CONFIG = { streamName: 'cam', endpoint: 'http://127.0.0.1:9' };

type Handler = (...args: unknown[]) => unknown;

async function start(t: TestContext, changes: object = {}) {
  const started = await runMain(t, { ...CONFIG, ...changes });
  const [window] = started.fake.windows;
  if (window === undefined) throw new Error('no window was opened');
  return { ...started, window };
}

test('the page is in a sandbox, cannot leave and opens no windows', async (t) => {
  const { window, fake } = await start(t, { fullScreen: true });
  const preferences = window.options['webPreferences'] as Record<string, unknown>;
  for (const [name, value] of [
    ['sandbox', true],
    ['contextIsolation', true],
    ['nodeIntegration', false],
    ['webviewTag', false],
    ['devTools', false],
    ['backgroundThrottling', false],
  ] as const) {
    assert.is(preferences[name], value, name);
  }
  assert.is(window.options['kiosk'], true);
  assert.equal(window.loaded, ['kiosk://page/index.html']);
  assert.equal(window.webContents.openHandler?.(), { action: 'deny' });
  for (const event of ['will-navigate', 'will-attach-webview']) {
    let isPrevented = false;
    window.webContents.emit(event, { preventDefault: () => (isPrevented = true) });
    assert.ok(isPrevented, event);
  }
  assert.equal(fake.blocked, ['prevent-display-sleep']);
  assert.equal(fake.schemes, [{ scheme: 'kiosk', privileges: { standard: true, secure: true } }]);
});

test('camera and microphone are for the page of the app only, and nothing else is', async (t) => {
  const { fake } = await start(t, { microphone: true });
  const { request, check, device } = fake.electron.session.defaultSession.handlers as Record<
    string,
    Handler
  >;
  const contents = { getURL: () => 'kiosk://page/index.html' };
  const asks = (permission: string, requestingUrl: string, mediaTypes: string[]): boolean => {
    let granted = false;
    const details = { requestingUrl, mediaTypes };
    request?.(contents, permission, (answer: boolean) => (granted = answer), details);
    return granted;
  };
  assert.is(asks('media', 'kiosk://page/index.html', ['video', 'audio']), true);
  assert.is(asks('media', 'https://example.com/', ['video']), false);
  assert.is(asks('media', 'kiosk://page.example.com/', ['video']), false);
  for (const permission of [
    'geolocation',
    'notifications',
    'midi',
    'display-capture',
    'openExternal',
  ]) {
    assert.is(asks(permission, 'kiosk://page/index.html', []), false, permission);
  }
  assert.is(check?.(null, 'media', 'kiosk://page', { mediaType: 'video' }), true);
  assert.is(check?.(null, 'media', 'https://example.com', { mediaType: 'video' }), false);
  assert.is(check?.(null, 'hid', 'kiosk://page', {}), false);
  assert.is(device?.({}), false);
});

test('without a microphone in the configuration nothing may listen', async (t) => {
  const { fake } = await start(t);
  const { request, check } = fake.electron.session.defaultSession.handlers as Record<
    string,
    Handler
  >;
  const requestingUrl = 'kiosk://page/index.html';
  const answers: unknown[] = [];
  for (const mediaTypes of [['audio'], ['video', 'audio'], ['video']]) {
    const details = { requestingUrl, mediaTypes };
    request?.({}, 'media', (answer: unknown) => answers.push(answer), details);
  }
  assert.equal(answers, [false, false, true]);
  assert.is(check?.(null, 'media', 'kiosk://page', { mediaType: 'audio' }), false);
});

test('only the page of the app gets a port, and a new one each time', async (t) => {
  const { fake, window } = await start(t);
  const { ports, mainFrame } = window.webContents;
  const { ipcMain } = fake.electron;
  ipcMain.emit('page-ready', { senderFrame: { url: 'https://example.com/', parent: null } });
  ipcMain.emit('page-ready', { senderFrame: { url: mainFrame.url, parent: mainFrame } });
  ipcMain.emit('page-ready', { senderFrame: null });
  assert.is(ports.length, 0);
  tellReady(fake, window);
  tellReady(fake, window);
  assert.is(new Set(ports).size, 2);
});

test('a page that crashes, hangs or does not load is loaded again', async (t) => {
  const { window, logged } = await start(t);
  const { webContents } = window;
  const loadedTimes = async (count: number): Promise<void> => {
    while (window.loaded.length < count) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  webContents.emit('render-process-gone', {}, { reason: 'oom' });
  await loadedTimes(2);
  window.emit('unresponsive');
  await loadedTimes(3);
  webContents.emit('did-fail-load', {}, -6, 'ERR_FILE_NOT_FOUND');
  await loadedTimes(4);
  assert.match(
    logged.join('\n'),
    /ended: oom.*500 ms[^]*killed.*1000 ms[^]*ERR_FILE_NOT_FOUND.*2000 ms/,
  );
});

test('a second instance ends, and brings the first one to the front', async (t) => {
  const { fake, window } = await start(t);
  const seen: string[] = [];
  window.on('shown', () => seen.push('shown')).on('focused', () => seen.push('focused'));
  fake.electron.app.emit('second-instance');
  assert.equal(seen, ['shown', 'focused']);

  const second = makeElectron(t);
  second.electron.app.hasLock = false;
  const { runKiosk } = (await new InstalledExample(t).import('main/kiosk.js')) as {
    runKiosk: (electron: unknown, options: unknown) => Promise<void>;
  };
  await runKiosk(second.electron, { program: new FakeProgram({}), log: console });
  assert.equal(second.electron.app.done, ['quit']);
  assert.is(second.windows.length, 0);
});

test('a failure at the start ends the app, and a later one starts it again', async (t) => {
  const { fake, program } = await start(t);
  const { app } = fake.electron;
  program.emit('uncaughtException', new Error('at once'));
  assert.equal(app.done, ['exit 1']);
  const now = Date.now();
  const { now: real } = Date;
  t.after(() => {
    Date.now = real;
  });
  Date.now = () => now + 60_000;
  program.emit('uncaughtException', new Error('later'));
  assert.equal(app.done, ['exit 1', 'relaunch', 'exit 1']);
});

test('a configuration that is wrong is shown, with the setting and what it may be', async (t) => {
  for (const [config, message] of [
    [{ streamname: 'cam' }, /Unknown setting "streamname" .* there are streamName, region/],
    [{ video: { codec: 'vp8' } }, /Unknown setting "video.codec"/],
    [{ video: { format: 'mp4' } }, /"video.format" has to be annexb or avc, not "mp4"/],
    [{ microphone: 'yes' }, /"microphone" has to be a boolean, not "yes"/],
    [{ video: { bitrate: -1 } }, /"video.bitrate" has to be a number, not -1/],
  ] as const) {
    const { fake } = await runMain(t, config);
    assert.match(fake.errors.join(), message);
    assert.equal([fake.electron.app.done, fake.windows.length], [['exit 1'], 0]);
  }
  const { fake } = await runMain(t, {}, { KIOSK_CONFIG: '/nonexistent/kiosk.json' });
  assert.match(fake.errors.join(), /\/nonexistent\/kiosk.json cannot be read: ENOENT/);
});

test('the environment goes before the file, and without a place a trial is run', async (t) => {
  const example = new InstalledExample(t);
  const { readConfig } = (await example.import('main/config.js')) as {
    readConfig: (env: object, file: string) => Record<string, unknown>;
  };
  const file = example.configure({ streamName: 'file', region: 'eu-central-1' });
  const read = (env: object, path = file): unknown[] => {
    const { streamName, region, endpoint, isLocal } = readConfig(env, path);
    return [streamName, region, endpoint, isLocal];
  };
  assert.equal(read({ AWS_REGION: 'us-east-1' }), ['file', 'eu-central-1', undefined, false]);
  assert.equal(read({ KIOSK_STREAM: 'a', KIOSK_REGION: 'b', KIOSK_ENDPOINT: 'http://c' }), [
    'a',
    'b',
    'http://c',
    false,
  ]);
  assert.equal(read({}, '/nonexistent'), ['kiosk', undefined, undefined, true]);
});

test('the example of a configuration is one', async (t) => {
  const example = new InstalledExample(t);
  const { readConfig } = (await example.import('main/config.js')) as {
    readConfig: (env: object, file: string) => Record<string, unknown>;
  };
  const config = readConfig({}, `${example.folder}/kiosk.config.example.json`);
  assert.is((config['video'] as Record<string, unknown>)['keyFrameInterval'], 2);
  assert.is(config['isLocal'], false);
});

test('the scheme of the page serves its own files, and no others', async (t) => {
  const example = new InstalledExample(t);
  const { answer } = (await example.import('main/page-protocol.js')) as {
    answer: (url: string, method?: string) => Promise<Response>;
  };
  const page = await answer('kiosk://page/index.html');
  assert.is(page.status, 200);
  assert.is(page.headers.get('content-type'), 'text/html; charset=utf-8');
  assert.match(
    page.headers.get('content-security-policy') ?? '',
    /default-src 'none'; script-src 'self'/,
  );
  assert.not.match(page.headers.get('content-security-policy') ?? '', /unsafe/);
  for (const [url, method] of [
    ['kiosk://page/../main/main.js'],
    ['kiosk://page/..%2Fmain%2Fmain.js'],
    ['kiosk://page/%2e%2e/package.json'],
    ['kiosk://page/'],
    ['kiosk://page/nothing.js'],
    ['kiosk://other/index.html'],
    ['kiosk://page/index.html', 'POST'],
  ] as const) {
    assert.is((await answer(url, method)).status, 404, url);
  }
});
