/** The whole kiosk but for Electron: its page in Chromium, its main half here, its upload in a thread. */
import { EventEmitter, once } from 'node:events';
import type { TestContext } from '../../support/suite.js';
import { startLocalKinesisVideo, type LocalKinesisVideo } from '../../../ts/local/index.js';
import { openPage, servePage, type KioskPage } from './chromium.js';
import { makeElectron, type FakeElectron, type FakeWindow } from './electron-stub.js';
import { InstalledExample } from './example.js';

export const STREAM = 'kiosk-test';

/** Small enough for any machine; fragments of one second. */
export const VIDEO = {
  width: 320,
  height: 240,
  frameRate: 20,
  bitrate: 300_000,
  keyFrameInterval: 1,
};

/** The parts of a kiosk that runs. */
export interface Kiosk extends KioskPage {
  readonly fake: FakeElectron;
  readonly window: FakeWindow;
  readonly local: LocalKinesisVideo;
  /** Quits, which has what is buffered sent. */
  quit(): Promise<void>;
}

/** What stands for the global `process`. */
export class FakeProgram extends EventEmitter {
  readonly env: Record<string, string>;
  constructor(env: Record<string, string>) {
    super();
    this.env = env;
  }
}

type RunKiosk = (electron: unknown, options: unknown) => Promise<void>;
type Answer = (url: string) => Promise<Response>;

/** Starts the main half. */
export async function runMain(t: TestContext, config: object, env: Record<string, string> = {}) {
  const example = new InstalledExample(t);
  const fake = makeElectron(t);
  const program = new FakeProgram({ KIOSK_CONFIG: example.configure(config), ...env });
  const logged: string[] = [];
  const log = {
    info: (text: unknown) => logged.push(String(text)),
    error: (text: unknown) => logged.push(String(text)),
  };
  const { runKiosk } = (await example.import('main/kiosk.js')) as { runKiosk: RunKiosk };
  await runKiosk(fake.electron, { program, log });
  return { example, fake, program, logged };
}

/** Tells the main half that its page was loaded. */
export function tellReady({ electron }: FakeElectron, { webContents }: FakeWindow): void {
  electron.ipcMain.emit('page-ready', { senderFrame: webContents.mainFrame });
}

/** Serves the page alone; returns its URL. */
export async function serveExample(t: TestContext, example = new InstalledExample(t)) {
  const { answer } = (await example.import('main/page-protocol.js')) as { answer: Answer };
  return servePage(t, (url) => answer(url));
}

/** Starts everything. */
export async function startKiosk(t: TestContext, changes: object = {}): Promise<Kiosk> {
  const local = await startLocalKinesisVideo({ getMediaTimeout: 150 });
  t.after(() => local.close());
  const config = { streamName: STREAM, endpoint: local.endpoint, video: VIDEO, ...changes };
  const { example, fake } = await runMain(t, config);
  const [window] = fake.windows;
  if (window === undefined) throw new Error('no window was opened');
  const url = await serveExample(t, example);
  const shown: { page?: KioskPage } = {};
  window.webContents.onPort = (port) => {
    shown.page?.connect(port);
  };
  const page = await openPage(t, url, () => {
    // The first time is told below, when there is something to connect to.
    if (shown.page !== undefined) tellReady(fake, window);
  });
  shown.page = page;
  tellReady(fake, window);
  let ended: Promise<unknown> | undefined;
  const quit = async (): Promise<void> => {
    const { app } = fake.electron;
    ended ??= once(app, 'exited');
    app.emit('before-quit', { preventDefault: () => undefined });
    await ended;
  };
  t.after(quit);
  return { ...page, fake, window, local, quit };
}
