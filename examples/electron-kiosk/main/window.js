/** The window: a sandboxed page that cannot leave, and that is loaded again when it fails. */
import { fileURLToPath } from 'node:url';
import { PAGE_URL } from './page-protocol.js';
import { Pauses } from './pauses.js';

const PRELOAD = fileURLToPath(new URL('../preload/preload.cjs', import.meta.url));

/** Opens the window and keeps its page alive. */
export function openWindow({ BrowserWindow }, { fullScreen }, log) {
  const window = new BrowserWindow({
    width: 1280,
    height: 800,
    kiosk: fullScreen,
    autoHideMenuBar: true,
    backgroundColor: '#0b0e14',
    webPreferences: {
      preload: PRELOAD,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      devTools: !fullScreen,
      // The camera goes on when something covers the window.
      backgroundThrottling: false,
    },
  });
  const { webContents } = window;
  webContents.setWindowOpenHandler(() => ({ action: 'deny' }));
  webContents.on('will-navigate', (event) => {
    event.preventDefault();
  });
  webContents.on('will-attach-webview', (event) => {
    event.preventDefault();
  });
  reviveOnFailure(window, log);
  void load(window, log);
  return window;
}

function reviveOnFailure(window, log) {
  const pauses = new Pauses();
  const { webContents } = window;
  let timer;
  const revive = (problem) => {
    const pause = pauses.next();
    log.error(`${problem}; the page is loaded again in ${pause} ms`);
    clearTimeout(timer);
    timer = setTimeout(() => void load(window, log), pause);
  };
  webContents.on('render-process-gone', (_event, { reason }) => {
    revive(`The page has ended: ${reason}`);
  });
  webContents.on('did-fail-load', (_event, code, description) => {
    revive(`The page cannot be loaded: ${description} (${code})`);
  });
  window.on('unresponsive', () => {
    log.error('The page does not answer');
    // Its end revives it.
    webContents.forcefullyCrashRenderer();
  });
  window.on('closed', () => {
    clearTimeout(timer);
  });
}

async function load(window, log) {
  if (window.isDestroyed()) return;
  // A failure is told by did-fail-load, too.
  await window.loadURL(PAGE_URL).catch((error) => log.error(error.message));
}
